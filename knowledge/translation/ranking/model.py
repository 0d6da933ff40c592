"""A trained model over features: trees that vote for a candidate, and trees that judge how likely it is right.

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
    """`width` features make a vote that ranks candidates; the `judges` then say how likely the first is right."""

    width: int
    trees: tuple[Tree, ...]
    judges: tuple[Tree, ...]

    def vote(self, values: Sequence[float]) -> float:
        """How well a candidate does among others of its question; only the order means something."""
        return sum(tree.vote(values) for tree in self.trees)

    def probability(self, values: Sequence[float], vote: float, lead: float, rules: float) -> float:
        """How likely the first candidate is right: its features, vote, lead, and the log-odds of the rules."""
        known = [*values, vote, lead, rules]
        return 1 / (1 + exp(-sum(tree.vote(known) for tree in self.judges)))


def ranker_of(data: Mapping[str, Any]) -> Ranker:
    """The ranker of its JSON. Raises KeyError, TypeError or ValueError for anything else."""
    return Ranker(int(data["width"]), _trees(data["trees"]), _trees(data["judges"]))


def _trees(data: Sequence[Mapping[str, Any]]) -> tuple[Tree, ...]:
    parts = ("feature", "threshold", "left", "right", "leaf")
    return tuple(Tree(*(tuple(tree[name]) for name in parts)) for tree in data)


@cache
def trained(path: Path = WEIGHTS) -> Ranker | None:
    """The ranker that comes with the product; None where its file is not there."""
    return ranker_of(json.loads(path.read_text("utf-8"))) if path.exists() else None
