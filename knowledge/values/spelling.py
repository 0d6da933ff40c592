"""When two spellings are the same, and under which keys a misspelt word is found."""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST = 120
"""Characters of a value that can be looked up; longer texts are prose."""
SHORT, LONG = 4, 8
"""Letters from which one slip is forgiven, and two."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})


def normal(text: str) -> str:
    """A text without case, accents, marks and odd spaces; empty for what can't be looked up."""
    if len(text) > LONGEST:
        return ""
    folded = text.casefold() if text.isascii() else _folded(text)
    return " ".join(_WORD.findall(folded))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def forgiving(word: str) -> bool:
    """Whether a word may be misspelt; a number or code with one sign changed is another number or code."""
    return len(word) >= SHORT and word.isalpha()


def allowed(one: str, other: str) -> int:
    """How many slips may lie between two words."""
    shortest = min(len(one), len(other))
    return 2 if shortest >= LONG else 1 if max(len(one), len(other)) >= SHORT else 0


def keys(word: str) -> frozenset[str]:
    """Under which keys a word is kept: what is left of it, or of its ends, with one letter left out.

    Two slips leave at most one in the first or in the last letters of a word that is long enough, so its ends are
    enough. Only where both slips fall on the very middle of a word of eight letters is it not found.
    """
    return _short(word) if len(word) < LONG else _ends(word, _window(len(word)))


def asked(word: str) -> frozenset[str]:
    """Under which keys words are looked for that are near a given one, which may be longer or shorter."""
    windows = {_window(length) for length in range(max(LONG, len(word) - 2), len(word) + 3)}
    found = _short(word) if len(word) <= LONG else frozenset()
    return found.union(*(_ends(word, window) for window in windows)) if len(word) >= LONG - 1 else found


def _window(length: int) -> int:
    return 5 if length < 10 else 6


def _short(word: str) -> frozenset[str]:
    return frozenset((word, *_less(word)))


def _ends(word: str, window: int) -> frozenset[str]:
    first, last = word[:window], word[-window:]
    starts = (f"{kept}-" for kept in (first, *_less(first)))
    # Many names end alike; the first letter, which is hardly ever wrong, keeps them apart.
    return frozenset((*starts, *(f"{word[0]}-{kept}" for kept in (last, *_less(last)))))


def _less(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def near(word: str, others: Iterable[str]) -> list[tuple[int, str]]:
    """The words that a word may be a misspelling of, each with how many letters are wrong, nearest first."""
    most = 2 if len(word) >= LONG else 1
    found = process.extract(word, list(others), scorer=OSA.distance, score_cutoff=most, limit=None)
    return sorted((int(far), other) for other, far, _ in found if 0 < far <= allowed(word, other))
