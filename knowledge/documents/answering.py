"""A question about documents, answered by quotes; or nothing, where no document says enough of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from knowledge.asker import Asker
from knowledge.documents.model import Chunk, Filter, Folder, Hit, address
from knowledge.documents.quoting import Quote, alike, measured, quotes
from knowledge.documents.ranking import Asked
from knowledge.documents.store import Shelf
from knowledge.documents.words import asked as words_of
from knowledge.documents.words import terms

if TYPE_CHECKING:
    from knowledge.documents.library import Library

SURE = 0.5
"""Share of the question that a quote with its headings must hold to be an answer."""
VERY_SURE, OWN = 0.74, 0.4
"""The same where nobody asked for documents: with headings, and without."""
GENERAL = frozenset(
    terms("policy document handbook guide guideline manual note page wiki rule term contract procedure faq doc the our")
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of documents: `text` of those that `subject` names, if it names any; `also` only helps to find."""

    text: str
    subject: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A document that was found, without its text."""

    title: str
    headings: tuple[str, ...]
    page: int
    link: str
    folder: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote with the address of its document."""

    quote: Quote
    link: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotes, best first, and what else was found. `narrow` where not everybody may read what is shown.

    `sure` says that the first quote holds the question, `very_sure` that it does so in its own words. `searched` counts
    the documents that the person may read.
    """

    quotes: tuple[Cited, ...] = ()
    others: tuple[Mention, ...] = ()
    sure: bool = False
    very_sure: bool = False
    narrow: bool = False
    searched: int = 0


class Documents(Protocol):
    """Documents that can be asked."""

    async def answer(self, question: Question, asker: Asker) -> Answer:
        """Quotes for a question, of what this person may read."""


def answered(library: "Library", folders: Sequence[Folder], question: Question, asker: Asker) -> Answer:
    """The same question gives the same answer, without any model. Blocking."""
    shelves = library.readable(asker, folders)
    if not shelves:
        return Answer()
    titles = library.store.titles([shelf.id for shelf in shelves])
    named = _named(question.subject, titles)
    whole = f"{question.subject} {question.text}"
    asked, hits, found = _looked(library, shelves, question.text or whole if named else whole, question.also, named)
    if named and not (found and found[0].covered >= SURE):
        asked, hits, found = _looked(library, shelves, whole, question.also, ())
    place = {folder.name: folder for folder in folders}
    rights = {shelf.folder: shelf.rights for shelf in shelves}

    def link(chunk: Chunk) -> str:
        return address(place[chunk.document.folder], chunk.document.path, chunk.page)

    sure = bool(found) and found[0].covered >= SURE
    shown = found if sure else found[:1]
    others: list[Mention] = []
    for hit in hits[:12]:
        chunk = hit.chunk
        if hit.covered < 0.3 or any(
            quote.chunk.id == chunk.id or alike(chunk.text, quote.chunk.text) for quote in shown
        ):
            continue
        mention = Mention(chunk.document.title, chunk.headings, chunk.page, link(chunk), chunk.document.folder)
        if mention not in others:
            others.append(mention)
    used = {quote.chunk.document.folder for quote in shown} | {other.folder for other in others[:4]}
    narrow = any(not place[name].rights.everybody or not rights[name].everybody for name in used)
    return Answer(
        tuple(Cited(quote, link(quote.chunk)) for quote in shown),
        tuple(others[:4]),
        sure,
        bool(found) and _very_sure(found[0], asked),
        narrow or any(not quote.chunk.rights.everybody for quote in shown),
        len(titles),
    )


def _looked(
    library: "Library", shelves: Sequence[Shelf], text: str, also: str, named: tuple[str, ...]
) -> tuple[Asked, list[Hit], list[Quote]]:
    wide = Asked.of(f"{text} {also}", shelves, library.store)
    hits = library.found(f"{text} {also}", wide, shelves, Filter(documents=named))
    asked = Asked.of(text, shelves, library.store) if also else wide
    return asked, hits, [measured(asked, quote) for quote in quotes(wide, hits)]


def _very_sure(best: Quote, asked: Asked) -> bool:
    return best.covered >= VERY_SURE and best.own >= OWN and len(asked.words) > 1


def _named(subject: str, titles: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The documents whose title says the subject: all its words, of which one at least is no word like “policy”."""
    wanted = set(words_of(subject))
    if not wanted:
        return ()
    fitting = [(id, set(terms(title))) for id, title in titles if wanted <= set(terms(title))]
    telling = bool(wanted - GENERAL)
    return tuple(id for id, _ in fitting) if telling or len(fitting) == 1 else ()
