"""The folded part of an answer's card that says which words were read as what."""

from collections.abc import Sequence

from conversation.card import Details, Facts, Text
from knowledge.translation.model import Phrase

TITLE = "How I read this"
MOST = 20
"""Phrases that are shown; hardly any question has so many."""


def phrases(because: Sequence[Phrase], unread: Sequence[str]) -> tuple[Details, ...]:
    """The words of the question beside what they were taken for; empty where nobody tied them."""
    if not because:
        return ()
    pairs = tuple((_words(phrase), _capital(phrase.meaning)) for phrase in because[:MOST])
    left = Text(f"Not used: {', '.join(_quoted(words) for words in unread[:MOST])}.", "warning")
    return (Details(TITLE, (Facts(pairs), *((left,) if unread else ()))),)


def _words(phrase: Phrase) -> str:
    return " … ".join(_quoted(words) for words in phrase.words) or f"({phrase.why or 'assumed'})"


def _quoted(words: str) -> str:
    return f"“{words.strip('“”')}”"


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
