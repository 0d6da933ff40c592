"""The readings of one question, best first, as the trained model ranks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from knowledge.translation.attempt import Attempt, Reading
from knowledge.translation.ir import Query
from knowledge.translation.ranking.candidates import Candidate, candidates
from knowledge.translation.ranking.features import Heard, vector
from knowledge.translation.ranking.model import Ranker

SHOWN = 3
"""Readings that are given back."""
TRIED = 8
"""Candidates that are built to find those."""
BEYOND = 1.3
"""How far ahead of the query as read another must be: with less, as many were lost as won on unseen databases."""
FAR = 3.0
"""A lead that says all that a lead can say."""


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
    voted = in_order([replace(one, vote=ranker.vote(one.values)) for one in found])
    built: list[tuple[Weighed, Reading]] = []
    for one in voted[:TRIED]:
        made = attempt.reading(one.candidate.query, one.candidate.reader)
        if made and made.confidence and all(made.tree != other.tree for _, other in built):
            built.append((one, made))
        if len(built) == SHOWN:
            break
    return _sure(built, ranker) or [reading]


def in_order(found: Sequence[Weighed]) -> list[Weighed]:
    """Candidates by their votes; the query as read, which is the first, stays unless another is far ahead."""
    base, *others = found
    others.sort(key=lambda one: -one.vote)
    if others and others[0].vote - base.vote > BEYOND:
        return sorted(found, key=lambda one: -one.vote)
    return [base, *others]


def _sure(built: list[tuple[Weighed, Reading]], ranker: Ranker) -> list[Reading]:
    """The readings with the probability that each is right."""
    if not built:
        return []
    votes = [one.vote for one, _ in built]
    rules = built[0][1].confidence
    judged = ranker.probability(built[0][0].values, votes[0], leading(votes), log_odds(rules))
    # The judges know what goes wrong; the rules know questions unlike those that the judges learned from.
    sure = (judged + rules) / 2
    return [replace(reading, confidence=sure * exp(min(0.0, one.vote - votes[0]))) for one, reading in built]


def leading(votes: Sequence[float]) -> float:
    """By how much the first of some votes is ahead of the next, within reason."""
    return min(FAR, votes[0] - votes[1]) if len(votes) > 1 else FAR


def log_odds(probability: float) -> float:
    """The logit of a probability, within reason."""
    held = min(0.99, max(0.01, probability))
    return log(held / (1 - held))
