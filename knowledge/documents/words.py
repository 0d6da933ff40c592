"""The words by which a text is found."""

import re
import unicodedata
from functools import cache, lru_cache

from knowledge.translation.synonyms.thesaurus import thesaurus
from knowledge.translation.words import root

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_STOP = """
a about all am an and any are as at be been but by can could did do does doing for from had has have he her his
how i if in into is it its may me might must my no nor not of on or our shall she should so some such than that
the their them then there these they this those to too us very was we were what when where which who whom whose
why will with would you your say says said tell according find show document documents docs please give get der
die das und oder ist sind ein eine wie was wer wann wo warum le la les un une des et ou est el los las una y es
son
"""
STOP = frozenset(f"{_STOP} long many much often soon quickly".split())
LONGEST = 40


@lru_cache(maxsize=200_000)
def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    stem = root(folded.split("'")[0].split("’")[0][:LONGEST])
    return (
        stem[:-2] if len(stem) > 6 and stem.endswith("al") else stem
    )  # “approval” and “approve”, “regional” and “region”


def spoken(text: str) -> list[str]:
    """The words of a text in order, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def terms(text: str) -> list[str]:
    """The words of a text in order, folded and without their endings, so that “refunds” and “refunded” meet."""
    return [_plain(word) for word in _WORD.findall(text)]


@lru_cache(maxsize=50_000)
def _asked(word: str) -> str:
    return "" if word.casefold() in STOP else _plain(word)


def asked(question: str) -> list[str]:
    """The words of a question that it is about, each once."""
    return [term for term in dict.fromkeys(_asked(word) for word in _WORD.findall(question)) if term]


@cache
def meanings() -> dict[str, frozenset[str]]:
    """For each word the other words, in the same form, that people say for the same; of single words only."""
    book = thesaurus("en")
    found: dict[str, set[str]] = {}
    for phrase, lines in book.lines.items():
        if len(phrase) != 1:
            continue
        (word,) = phrase
        same = {
            other for line in lines if phrase in line.same for each in line.same if len(each) == 1 for other in each
        }
        found.setdefault(_plain(word), set()).update(_plain(other) for other in same)
    return {word: frozenset(others - {word}) for word, others in found.items() if others - {word}}
