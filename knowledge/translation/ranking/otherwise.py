"""The second and third likeliest readings of a question, as something that a person can choose instead."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from knowledge.translation.attempt import Reading
from knowledge.translation.explaining import clauses, explain
from knowledge.translation.ir import Query, dump
from knowledge.translation.model import Assumption, Option

READING = "reading:question"
"""The assumption by which a person says which reading of the whole question is meant."""
CLOSE = 0.6
"""How likely another reading must be, beside the likeliest, to be offered."""
LONGEST = 60


def fingerprint(query: Query) -> str:
    """The id of a reading; the same for the same query."""
    return sha256(json.dumps(dump(query), sort_keys=True, default=str).encode()).hexdigest()[:16]


def chosen_first(readings: Sequence[Reading], choices: Mapping[str, str]) -> list[Reading]:
    """The readings with the one that a person chose in front."""
    wanted = choices.get(READING)
    return sorted(readings, key=lambda reading: fingerprint(reading.query) != wanted) if wanted else list(readings)


def otherwise(readings: Sequence[Reading]) -> tuple[Assumption, ...]:
    """Offers the readings behind the first that are nearly as likely, each by what it says that the first does not."""
    first, *others = readings
    close = [one for one in others if one.confidence >= CLOSE * first.confidence]
    options: dict[str, Option] = {}
    for one in close:
        label = _difference(one, first)
        if label and all(label != option.label for option in options.values()):
            options[fingerprint(one.query)] = Option(fingerprint(one.query), label)
    if not options:
        return ()
    own = Option(fingerprint(first.query), _short(explain(first.query, first.index)))
    told = " or ".join(f"“{option.label}”" for option in options.values())
    text = f"It could also be meant as {told}."
    return (Assumption(READING, "", text, (own, *options.values()), own.id),)


def _difference(one: Reading, first: Reading) -> str:
    """A reading in few words: all of it when it is short, else the clauses that the first does not have."""
    whole = explain(one.query, one.index)
    if whole == explain(first.query, first.index):
        return ""
    if len(whole) <= LONGEST:
        return _short(whole)
    known = {clause.text for clause in clauses(first.query, first.index)}
    own = [clause.text for clause in clauses(one.query, one.index) if clause.text not in known and not clause.silent]
    return _short(", ".join(own) or whole)


def _short(text: str) -> str:
    text = text.strip().removesuffix(".")
    text = text[:1].lower() + text[1:]
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
