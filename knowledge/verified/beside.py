"""A verified reading with the rules' own reading as another one, to be chosen by a button."""

from collections.abc import Mapping
from dataclasses import replace

from knowledge.translation.assisted.compare import fingerprint
from knowledge.translation.model import Assumption, Interpretation, Option, Read, Translation
from knowledge.verified.match import Found

CHOICE = "verified"
"""The choice between a verified query and what the rules read."""
_OPTIONS = (Option("query", "the verified query"), Option("rules", "the rules' own reading"))


def chosen_otherwise(choices: Mapping[str, str]) -> bool:
    """Whether a person chose a reading of the rules, so that no verified query is to be used."""
    return any((name, option) != (CHOICE, _OPTIONS[0].id) for name, option in choices.items())


def beside(found: Found, rules: Translation) -> Interpretation:
    """The verified reading; where both read the same it is explained, and followed up, as the rules do."""
    own = found.interpretation
    if not isinstance(rules, Read):
        return own
    other = rules.interpretations[0]
    if other.source == own.source and fingerprint(other.query) == fingerprint(own.query):
        return replace(own, explanation=other.explanation or own.explanation, memory=other.memory)
    return replace(own, assumptions=(Assumption(CHOICE, "", "", _OPTIONS, _OPTIONS[0].id),))


def note(found: Found) -> str:
    """Who vouches for it, as a sentence."""
    words = f"{found.query.made_by[:1].upper()}{found.query.made_by[1:]}"
    return f"{words}, here with other values." if found.other else f"{words}."
