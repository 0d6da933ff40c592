"""A trained model over features: trees that vote, and a logistic that makes a probability of the vote.

Made by `python -m bench.translation.train` from Spider's training questions (CC BY-SA 4.0); nothing in it names a
table, a column or a value of any database.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. At a node the next is `left` where the feature is at most the threshold; ~n is leaf n."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf: tuple[float, ...]

    def vote(self, values: Sequence[float]) -> float:
        """The value of the leaf that these features lead to."""
        node = 0 if self.feature else -1
        while node >= 0:
            under = values[self.feature[node]] <= self.threshold[node]
            node = self.left[node] if under else self.right[node]
        return self.leaf[~node]


@dataclass(frozen=True, slots=True)
class Ranker:
    """`width` features make a vote; `calibration` are the weights of bias, vote, lead and the rules' own log-odds."""

    width: int
    trees: tuple[Tree, ...]
    calibration: tuple[float, float, float, float]

    def vote(self, values: Sequence[float]) -> float:
        """How well a candidate does among others of its question; only the order means something."""
        return sum(tree.vote(values) for tree in self.trees)

    def probability(self, vote: float, lead: float, rules: float) -> float:
        """How likely the candidate is right, given its vote, its lead over the next and the rules' own log-odds."""
        bias, by_vote, by_lead, by_rules = self.calibration
        return 1 / (1 + exp(-(bias + by_vote * vote + by_lead * lead + by_rules * rules)))


def ranker_of(data: Mapping[str, Any]) -> Ranker:
    """The ranker of its JSON. Raises KeyError, TypeError or ValueError for anything else."""
    trees = tuple(
        Tree(*(tuple(tree[name]) for name in ("feature", "threshold", "left", "right", "leaf")))
        for tree in data["trees"]
    )
    bias, by_vote, by_lead, by_rules = (float(weight) for weight in data["calibration"])
    return Ranker(int(data["width"]), trees, (bias, by_vote, by_lead, by_rules))


@cache
def trained(path: Path = WEIGHTS) -> Ranker | None:
    """The ranker that comes with the product; None where its file is not there."""
    return ranker_of(json.loads(path.read_text("utf-8"))) if path.exists() else None
