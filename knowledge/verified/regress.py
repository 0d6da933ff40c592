"""Whether a verified query still gives what it gave: its shape, and its rows on data that did not change."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from sqlglot import exp

from knowledge.cache.stable import stable

State = Literal["sound", "stale", "error", "shape", "differs"]
_DIGITS = 9
"""Significant digits of a number that count: sums of floats depend on the order of their parts."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a verified query gave when it was last checked.

    `query` is the digest of the pair, `data` says how the tables that it reads stood; `rows` is the digest of its rows,
    empty where they are not to be compared. `why` is a sentence for people where it is not sound.
    """

    id: str
    query: str
    at: str
    state: State
    columns: tuple[str, ...] = ()
    total: int = 0
    rows: str = ""
    data: str = ""
    why: str = ""


class Checks(Protocol):
    """Where the latest check of each verified query is kept."""

    async def of(self, tenant: str) -> "dict[str, Recorded]":
        """The latest of each, by the id of the query."""

    async def keep(self, tenant: str, recorded: Sequence[Recorded]) -> None:
        """Keep these in place of earlier ones."""


def compared(before: Recorded | None, now: Recorded) -> Recorded:
    """The check with what is wrong with it, seen from the last sound one of the same query; None has nothing to say."""
    if before is None or before.query != now.query or before.state != "sound":
        return now
    if before.columns != now.columns:
        why = f"Its columns were {_listed(before.columns)} and are {_listed(now.columns)}."
        return _wrong(before, now, "shape", why)
    if before.rows and now.rows and before.rows != now.rows and before.data and before.data == now.data:
        why = f"It gives other rows on data that did not change: {_rows(before.total)} then, {_rows(now.total)} now."
        return _wrong(before, now, "differs", why)
    return now


def _wrong(before: Recorded, now: Recorded, state: State, why: str) -> Recorded:
    """What is compared with stays as it was, so that the next check finds the same."""
    return Recorded(now.id, now.query, now.at, state, before.columns, before.total, before.rows, before.data, why)


def fingerprint_of(rows: Iterable[Sequence[object]], query: exp.Expr) -> str:
    """A digest of the rows, in any order unless the query orders them; empty for a query that reads the clock."""
    if not stable(query):
        return ""
    lines = ["\x1f".join(_plain(value) for value in row) for row in rows]
    if not query.args.get("order"):
        lines.sort()
    return hashlib.sha256("\x1e".join(lines).encode("utf-8", "replace")).hexdigest()[:32]


def _plain(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int | float | Decimal):
        return f"{float(value):.{_DIGITS}g}"
    return str(value)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "none"


def _rows(total: int) -> str:
    return "1 row" if total == 1 else f"{total:,} rows"
