"""Questions as they are typed in a hurry: slips of the keyboard, no capitals, no punctuation, keywords only."""

import random
import re

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_IDLE = re.compile(
    "what|which|who|is|are|was|were|the|an?|of|show|me|list|find|give|return|tell|please|all|do|does|did|have|has|"
    "that|there|we|our|can|you|i|to|want",
    re.I,
)


def slipped(question: str, key: str, count: int) -> str:
    """The question with `count` slips, each in a word of four letters or more outside quotes; the same for a key."""
    dice = random.Random(key)
    tokens = re.findall(r"\"[^\"]*\"|'[^']*'|[A-Za-z]+|[^A-Za-z]", question)
    places = [at for at, token in enumerate(tokens) if len(token) >= 4 and token.isalpha()]
    for at in dice.sample(places, min(count, len(places))):
        tokens[at] = _slip(tokens[at], dice)
    return "".join(tokens)


def _slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    match dice.randrange(4):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + _beside(word[at].lower(), dice) + word[at + 1 :]


def _beside(letter: str, dice: random.Random) -> str:
    row = next((row for row in _ROWS if letter in row), letter)
    place = row.index(letter)
    return dice.choice([row[i] for i in (place - 1, place + 1) if 0 <= i < len(row)] or [letter])


def unpunctuated(question: str) -> str:
    """Without marks at the end of words; quotes stay, for they hold values."""
    return re.sub(r"[?!,;:.](?=\s|$)", "", question).strip()


def terse(question: str) -> str:
    """Only the words that carry meaning, as one types into a search box."""
    words = [word for word in unpunctuated(question).split() if not _IDLE.fullmatch(word)]
    return " ".join(words)
