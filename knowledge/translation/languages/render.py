"""A question in another language, in the words of the grammar: by dictionary, patterns and order of words."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias

from knowledge.translation.languages.dictionary import Dictionary, Word, dictionary, folded, languages
from knowledge.translation.languages.order import ORDERS
from knowledge.translation.languages.patterns import Segment, rewritten

_TOKEN = re.compile(
    r"(?P<quoted>„[^“”\"]{1,120}[“”\"]|“[^”]{1,120}”|«\s?[^»]{1,120}?\s?»|\"[^\"]{1,120}\"|(?<!\w)'[^']{1,120}'(?!\w)|`[^`]{1,120}`)"
    r"|(?P<verbatim>[\w.+-]+@[\w-]+\.[\w.-]*\w|\d{4}-\d{1,2}-\d{1,2}|\w+_\w+)"
    r"|(?P<day>\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\w))"
    r"|(?P<nth>\d{1,2}(?:er|re|e|ème|eme|nd|nde|\.?[ºª°])(?!\w))"
    r"|(?P<number>[-+]?\d{1,3}(?:[.\u00a0\u202f ](?=\d{3}(?!\d))\d{3})+(?:,\d+)?(?!\w)|[-+]?\d+(?:[.,]\d+)?(?!\w))"
    r"|(?P<word>\w+(?:[-’']\w+)*[’']?)"
    r"|(?P<mark>[,.;:?!()/&<>=€$%])"
)
Said: TypeAlias = tuple[tuple[str, str], ...]
Terms: TypeAlias = Callable[[Sequence[str]], int]
_VALUES = ("noun", "name", "done", "adjective")
WIDEST = 8
"""Words of the name of a term."""
FORMS = 4
"""Forms of a word that are looked up as values."""
_KINDS = {",": "comma", ";": "comma"}


class Rendering(NamedTuple):
    """The question in the words of the grammar; `said` has names in it, each with the words they stand for.

    `odd` are the words, in lower case, that the dictionary does not know; they stand in the text as they were.
    `own` is the language that the names of the catalog are to be looked up in; empty where they are not in it.
    """

    text: str
    said: Said = ()
    odd: frozenset[str] = frozenset()
    own: str = ""


class Names(Protocol):
    """Whether a table or column has a word in its name, or in what its name in a language is called."""

    def __call__(self, word: str, language: str = "") -> bool: ...


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    lower: str
    kind: str


def render(
    text: str, language: str, names: Names | None = None, own: bool = False, terms: Terms | None = None
) -> Rendering:
    """The question for the grammar. `names` says of a word whether a table or column is called so; with `own`, these
    are in the language too, and are asked for by what they are called in the grammar. `terms` says how many of some
    words, from the first on, are the name of a term, which stays as it is.

    Words that the language's dictionary does not know stay as they are. English stays as it is.
    """
    if language not in languages():
        return Rendering(text)
    book = dictionary(language)
    known = partial(names, language=language if own else "") if names else _nothing
    segments = _segments(list(_tokens(text, book)), book, known, terms)
    odd = frozenset(one.said for one in segments if one.kind in ("odd", "name") and one.said == one.text.lower())
    said = tuple(pair for one in segments if one.kind in _VALUES for pair in _pairs(one))
    segments = rewritten(segments, book.patterns)
    if book.order:
        segments = ORDERS[book.order](segments)
    return Rendering(_joined(segments), said, odd, language if own else "")


def _nothing(_: str) -> bool:
    return False


def _pairs(segment: Segment) -> Iterator[tuple[str, str]]:
    """The forms in which a value may be stored that the words stand for."""
    for form in dict.fromkeys((segment.said, *segment.same[:FORMS])):
        if form != segment.text:
            yield segment.text, form


def _joined(segments: Sequence[Segment]) -> str:
    text = " ".join(one.text for one in segments if one.text)
    return re.sub(r" ([,.?!;:%])", r"\1", text)


def _tokens(text: str, book: Dictionary) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup or "mark", match.group()
        match kind:
            case "quoted":
                inner = found[1:-1].strip()
                yield _Token(f'"{inner}"', inner.lower(), "quoted")
            case "day":
                day, month, year = (int(part) for part in re.split(r"\D", found))
                yield _Token(f"{year}-{month:02d}-{day:02d}", found, "day")
            case "nth":
                nth = "".join(char for char in found if char.isdecimal())
                yield _Token(nth, nth, "nth")
            case "number":
                yield from (_Token(one, one, "number") for one in _number(found, book))
            case "word":
                yield from _words(found, book)
            case _:
                yield _Token(found, found, _KINDS.get(found, kind))


def _number(text: str, book: Dictionary) -> list[str]:
    """“1.234,5” as 1234.5; where a blank does not part thousands, the numbers are two."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    if " " in text and not book.spaced:
        return [one for part in text.split() for one in _number(part, book)]
    if re.fullmatch(r"[-+]?\d{1,3}(?:[. ]\d{3})+(?:,\d+)?", text):
        text = text.replace(".", "").replace(" ", "")
    return [text.replace(",", ".")]


def _words(text: str, book: Dictionary) -> Iterator[_Token]:
    text = text.replace("’", "'")
    head, mark, rest = text.partition("'")
    if mark and rest and head.lower() in book.elisions:
        yield _Token(head + mark, head.lower() + mark, "word")
        yield from _words(rest, book)
        return
    for part in text.split("-") if any(char.islower() for char in text) else (text,):
        if part:
            yield _Token(part, part.lower(), "word")


def _segments(
    tokens: list[_Token], book: Dictionary, names: Callable[[str], bool], terms: Terms | None = None
) -> list[Segment]:
    """The longest phrases of the dictionary from left to right."""
    made: list[Segment] = []
    at = 0
    while at < len(tokens):
        width, segment = _term(tokens, at, terms) or _longest(tokens, at, book, names)
        made.append(segment)
        at += width
    return made


def _term(tokens: list[_Token], at: int, terms: Terms | None) -> tuple[int, Segment] | None:
    words = [token.lower if token.kind == "word" else "" for token in tokens[at : at + WIDEST]]
    width = terms(words) if terms and words[0] else 0
    said = " ".join(token.text for token in tokens[at : at + width])
    return (width, Segment(said.lower(), said, "noun")) if width else None


def _longest(tokens: list[_Token], at: int, book: Dictionary, names: Callable[[str], bool]) -> tuple[int, Segment]:
    token = tokens[at]
    if token.kind in ("quoted", "verbatim", "day"):
        return 1, Segment(token.lower, token.text, "name" if token.kind != "day" else "time")
    for width in range(min(book.longest, len(tokens) - at), 0, -1):
        lower = tuple(one.lower for one in tokens[at : at + width])
        found = book.phrase(lower)
        if found and any(one.kind in ("word", "mark", "comma") for one in tokens[at : at + width]):
            return width, _named(found, " ".join(one.text for one in tokens[at : at + width]), names)
    if token.kind != "word":
        return 1, Segment(token.lower, token.text, _kind_of(token))
    found = book.single(token.lower)
    if found:
        return 1, _named(found, token.text, names)
    return 1, Segment(token.lower, token.text, "name" if token.text[:1].isupper() and at else "odd")


def _kind_of(token: _Token) -> str:
    if token.kind == "number" and re.fullmatch(r"(19|20)\d\d", token.text):
        return "year"
    return token.kind


def _named(word: Word, said: str, names: Callable[[str], bool]) -> Segment:
    """A word by the name that the data knows: one of those of the grammar, or its own."""
    lower = said.lower()
    if word.kind not in ("noun", "adjective", "done"):
        return Segment(lower, word.names[0], word.kind, word.forms, word.same)
    known = next((name for name in word.names if _known(name, names)), None)
    if known is None and word.kind == "noun":
        own = (v for form in (lower, *word.same) for v in (form, folded(form), _spelled_out(form)))
        known = next((form for form in own if all(map(names, form.split()))), None)
        if known:
            return Segment(lower, known, word.kind)
    name = known or word.names[0]
    name = plural(name) if word.plural and word.kind == "noun" else name
    return Segment(lower, name, word.kind, word.forms, word.same)


def _known(name: str, names: Callable[[str], bool]) -> bool:
    """Whether the data knows a name; of “total amount” it need not know how amounts are put together."""
    words = [word for word in name.split() if word not in ("total", "average")] or [name]
    return all(map(names, words))


def _spelled_out(word: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        word = word.replace(umlaut, letters)
    return word


def plural(name: str) -> str:
    """An English noun in the plural."""
    if name.endswith(("s", "number of", "share of", "staff")):
        return name
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("x", "ch", "sh")) else "s")
