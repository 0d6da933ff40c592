"""The cards of documents: quotes with where they stand, and what else was found."""

from collections.abc import Sequence
from dataclasses import replace

from conversation.card import Button, Card, Details, Element, Facts, Text
from knowledge.documents.answering import Answer, Cited, Mention

LONGEST = 900
"""Characters of a quote that a card shows; the rest is behind its link."""
LINKS = 3


def answer(found: Answer, run: str) -> Card:
    """The quotes; where none holds the question, that no document says it, and what comes nearest."""
    if not found.searched:
        return nothing("There is no document that you may read.", run)
    if not found.quotes:
        return nothing(f"None of the {_documents(found)} that you may read says anything of this.", run)
    body: list[Element] = []
    if not found.sure:
        body.append(Text("No document answers this. The nearest that was found:", "warning"))
    body += quoted(found)
    body += [] if not found.others else [_others(found.others)]
    body.append(Details("How this was found", (Facts(_how(found)),)))
    thumbs = (
        Button("👍", "run.feedback", {"run": run, "value": "up"}),
        Button("👎", "run.feedback", {"run": run, "value": "down"}),
    )
    return Card(tuple(body), thumbs, links(found), run=run, private=found.narrow)


def beside(card: Card, found: Answer) -> Card:
    """An answer from data, and under it what the documents say; private if one of them is."""
    if not found.sure:
        words = Text("No document that you may read says anything of this.", "muted")
        return replace(card, body=(*card.body, Text("From the documents", "heading"), words))
    body = (*card.body, Text("From the documents", "heading"), *quoted(found))
    return replace(
        card, body=body, alternatives=(*card.alternatives, *links(found)), private=card.private or found.narrow
    )


def instead(found: Answer, why: str, run: str) -> Card:
    """Quotes, where the data holds no answer: said first, so that nobody takes them for figures."""
    card = answer(found, run)
    said = Details("Why this is not answered from data", (Text(why),))
    return replace(
        card, body=(Text("From the documents, since the data does not hold this", "muted"), *card.body, said)
    )


def nothing(words: str, run: str) -> Card:
    """There is no answer."""
    return Card((Text(words, "warning"), Text("Ask in other words, or name the document.", "muted")), run=run)


def quoted(found: Answer) -> list[Element]:
    """Each quote, and where it stands."""
    parts: list[Element] = []
    for cited in found.quotes:
        text = cited.quote.text
        cut = text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
        lead = cited.quote.chunk.lead
        parts.append(Text(f"“{cut}”"))
        parts.append(Text(source(cited) + (f" · columns: {lead}" if lead else ""), "muted"))
    return parts


def source(cited: Cited) -> str:
    """Title, page, headings, version and date of what is quoted."""
    chunk = cited.quote.chunk
    document = chunk.document
    parts = [
        document.title,
        f"{'slide' if document.kind == 'slides' else 'p.'} {chunk.page}" if chunk.page else "",
        " › ".join(chunk.headings),
        f"version {document.version}" if document.version > 1 else "",
        document.dated,
    ]
    return " · ".join(part for part in parts if part)


def links(found: Answer) -> tuple[Button, ...]:
    """A button to each quoted document that has an address."""
    titles = {cited.link: cited.quote.chunk.document.title for cited in found.quotes if cited.link}
    return tuple(Button(f"Open {title[:60]}", url=link) for link, title in list(titles.items())[:LINKS])


def _others(others: Sequence[Mention]) -> Details:
    pairs = tuple(
        (
            other.title,
            " · ".join(part for part in (" › ".join(other.headings), f"p. {other.page}" if other.page else "") if part)
            or other.folder,
        )
        for other in others
    )
    return Details("Also found", (Facts(pairs),))


def _how(found: Answer) -> tuple[tuple[str, str], ...]:
    paths = dict.fromkeys(
        f"{cited.quote.chunk.document.folder}: {cited.quote.chunk.document.path}" for cited in found.quotes
    )
    return (
        ("Searched", _documents(found) + " that you may read, by words and by meaning"),
        ("Quoted", "; ".join(paths)),
        ("Made by", "exact quotes, without a language model"),
    )


def _documents(found: Answer) -> str:
    return "1 document" if found.searched == 1 else f"{found.searched:,} documents"
