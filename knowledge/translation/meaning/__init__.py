"""What words mean to a tenant: terms of the glossary found in a question and tied to one index."""

from knowledge.translation.meaning.phrases import Match, canonical, matches, named, phrases, spoken_of
from knowledge.translation.meaning.understanding import DATA, Heard, Understood, choice_of, understood

__all__ = [
    "DATA",
    "Heard",
    "Match",
    "Understood",
    "canonical",
    "choice_of",
    "matches",
    "named",
    "phrases",
    "spoken_of",
    "understood",
]
