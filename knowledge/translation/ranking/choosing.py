"""The readings of one question, best first, as the trained model ranks them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, log

from knowledge.translation.attempt import BY_CHANCE, Attempt, Reading
from knowledge.translation.deciding import confidence
from knowledge.translation.ir import Query
from knowledge.translation.ranking.candidates import Candidate, candidates
from knowledge.translation.ranking.features import Heard, vector
from knowledge.translation.ranking.model import Ranker

SHOWN = 3
"""Readings that are given back."""
TRIED = 8
"""Candidates that are built to find those."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its features and its vote."""

    candidate: Candidate
    values: list[float]
    vote: float = 0.0


def weighed(attempt: Attempt, query: Query, choices: Mapping[str, str]) -> list[Weighed]:
    """The candidates that a reading leads to, the query as read first, with their features.

    The features are what speaks for a candidate, and how that differs from the query as read.
    """
    found = candidates(attempt.reader, query, attempt.again, choices)
    heard: dict[int, Heard] = {}
    rows = []
    for candidate in found:
        reader = candidate.reader
        known = heard.get(id(reader)) or heard.setdefault(id(reader), Heard(reader))
        rows.append(vector(known, candidate, query))
    base = rows[0]
    return [
        Weighed(candidate, [*row, *(mine - its for mine, its in zip(row, base, strict=True))])
        for candidate, row in zip(found, rows, strict=True)
    ]


def ranked(reading: Reading, ranker: Ranker, choices: Mapping[str, str]) -> list[Reading]:
    """The likeliest readings, at least the given one; those that the rules would decline are left out."""
    attempt = reading.attempt
    found = weighed(attempt, reading.query, choices)
    if len(found[0].values) != ranker.width:
        return [reading]
    voted = sorted((replace(w, vote=ranker.vote(w.values)) for w in found), key=lambda w: -w.vote)
    built: list[tuple[float, Reading]] = []
    for one in voted[:TRIED]:
        made = attempt.reading(one.candidate.query, one.candidate.reader)
        if made and made.confidence and all(made.tree != other.tree for _, other in built):
            built.append((one.vote, made))
        if len(built) == SHOWN:
            break
    return _sure(built, ranker) or [reading]


def _sure(built: list[tuple[float, Reading]], ranker: Ranker) -> list[Reading]:
    """The readings with the probability that each is right."""
    if not built:
        return []
    votes = [vote for vote, _ in built]
    lead = votes[0] - votes[1] if len(votes) > 1 else 3.0
    first = built[0][1]
    sure = ranker.probability(votes[0], min(lead, 3.0), log_odds(confidence(first.reader, first.query)))
    made = []
    for vote, reading in built:
        chance = BY_CHANCE if reading.confidence < confidence(reader=reading.reader, query=reading.query) else 1.0
        made.append(replace(reading, confidence=sure * chance * exp(vote - votes[0])))
    return made


def log_odds(probability: float) -> float:
    """The logit of a probability, within reason."""
    held = min(0.99, max(0.01, probability))
    return log(held / (1 - held))
