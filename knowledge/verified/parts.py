"""Parts of a question that change places without changing what is asked: “in France”, “by store”, “last month”."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

PER = "per:"
_BOUND = ("neg:", "cmp:", "between:", "differs:")
"""Words whose reach depends on where they stand: a question with one of them keeps its order."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An item of a question as it counts for the order: its kind, and what is equal for the same."""

    kind: str
    text: str


Parts = tuple[tuple[Mark, ...], Counter[tuple[Mark, ...]]]


def parts(marks: Sequence[Mark]) -> Parts | None:
    """What is asked for, in order, and the parts around it in any order; None for a question that has no such form.

    What is asked for stands together; around it are values, periods, and “by” with its words.
    """
    if any(mark.text.startswith(_BOUND) for mark in marks if mark.kind == "word"):
        return None
    runs: list[list[Mark]] = []
    closed = True
    for mark in marks:
        alone = mark.kind in ("value", "period")
        if alone or closed or mark == Mark("word", PER):
            runs.append([])
        runs[-1].append(mark)
        closed = alone
    heads = [run for run in runs if run[0].kind not in ("value", "period") and run[0] != Mark("word", PER)]
    if len(heads) != 1:
        return None
    return tuple(heads[0]), Counter(tuple(run) for run in runs if run is not heads[0])
