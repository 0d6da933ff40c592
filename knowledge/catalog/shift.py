"""Whether the values of a column lie otherwise than before, beyond what chance does."""

import math

from knowledge.catalog.model import Column

PSI = 0.2
"""Population stability index from which a change counts; 0.1 to 0.2 is the field's word for a slight one."""
EFFECT = 0.3
"""A mean must move by this share of a standard deviation, a share of nulls by `NULLS`, to be worth a word."""
NULLS = 0.1
SURE = 6.0
"""Standard errors beyond chance. Over a hundred thousand columns chance alone then says nothing."""
SAMPLED = 5_000
"""Values that a statistic rests on at least, where the table is too big for all of them."""
FEW = 30
"""Of fewer values nothing is said."""


def shifted(old: Column, new: Column, rows: int, now: int) -> str:
    """What is otherwise, in words; empty where nothing is. `rows` and `now` are the table's, before and after."""
    return _nulls(old, new, rows, now) or _mean(old, new, rows, now) or _shares(old, new)


def psi(old: dict[str, int], new: dict[str, int]) -> float:
    """Population stability index of two countings over the same kind of values."""
    n, m, kinds = sum(old.values()), sum(new.values()), {*old, *new}
    total = 0.0
    for kind in kinds:
        was = (old.get(kind, 0) + 0.5) / (n + 0.5 * len(kinds))
        is_ = (new.get(kind, 0) + 0.5) / (m + 0.5 * len(kinds))
        total += (is_ - was) * math.log(is_ / was)
    return total


def _nulls(old: Column, new: Column, rows: int, now: int) -> str:
    if old.nulls is None or new.nulls is None or min(rows, now) < FEW:
        return ""
    was, is_ = old.nulls / rows, new.nulls / now
    both = (old.nulls + new.nulls) / (rows + now)
    error = math.sqrt(max(both * (1 - both), 1e-12) * (1 / rows + 1 / now))
    return f"{was:.0%} empty before, {is_:.0%} now" if abs(is_ - was) > max(NULLS, SURE * error) else ""


def _mean(old: Column, new: Column, rows: int, now: int) -> str:
    if old.mean is None or new.mean is None or old.deviation is None or new.deviation is None:
        return ""
    n, m = min(rows - (old.nulls or 0), SAMPLED), min(now - (new.nulls or 0), SAMPLED)
    if min(n, m) < FEW:
        return ""
    spread = math.sqrt((old.deviation**2 + new.deviation**2) / 2)
    error = math.sqrt(old.deviation**2 / n + new.deviation**2 / m)
    apart = abs(new.mean - old.mean)
    if apart <= max(EFFECT * spread, SURE * error, 1e-9 * abs(old.mean)):
        return ""
    return f"{old.mean:,.4g} on average before, {new.mean:,.4g} now"


def _shares(old: Column, new: Column) -> str:
    """Of columns whose values are all listed: how often each occurs."""
    if not (_listed(old) and _listed(new)):
        return ""
    was = dict(zip(old.values, old.counts, strict=True))
    is_ = dict(zip(new.values, new.counts, strict=True))
    n, m = sum(old.counts), sum(new.counts)
    if min(n, m) < FEW:
        return ""
    kinds = len({*was, *is_})
    # Chance alone makes about (kinds - 1)(1/n + 1/m) of it, with the spread of a chi-square.
    chance = (kinds - 1 + SURE * math.sqrt(2 * max(kinds - 1, 1))) * (1 / n + 1 / m)
    found = psi(was, is_)
    if found <= max(PSI, chance):
        return ""
    value = max({*was, *is_}, key=lambda kind: abs(is_.get(kind, 0) / m - was.get(kind, 0) / n))
    return f"“{value}” was {was.get(value, 0) / n:.0%} of the values, and is {is_.get(value, 0) / m:.0%}"


def _listed(column: Column) -> bool:
    return bool(column.counts) and column.distinct == len(column.values) == len(column.counts)
