"""How one kind of database is spoken to, as far as it differs from others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlglot import exp

Cancel: TypeAlias = Callable[[Any, Any], None]
"""Stops what a DB-API connection does; called with it and its cursor, in another thread than the one that waits."""


def by_cursor(_connection: Any, cursor: Any) -> None:
    """`cursor.cancel()`, which most drivers of warehouses have."""
    if hasattr(cursor, "cancel"):
        cursor.cancel()


def by_interrupt(connection: Any, _cursor: Any) -> None:
    """`connection.interrupt()`, as SQLite and DuckDB have it."""
    connection.interrupt()


@dataclass(frozen=True, slots=True)
class Speech:
    """`dialect` is sqlglot's name for its SQL.

    `prepare` are statements for each new connection: read-only, if the database can do that. `timeout` is one for
    before each query, with {seconds} and {milliseconds}. `sample` names part of a table for FROM, with {table} and
    {percent}; without it the first rows stand for the table. `system` are schemas that are never looked at. `mend` says
    a query in another way where sqlglot writes what the database does not take.
    """

    dialect: str
    prepare: tuple[str, ...] = ()
    timeout: str = ""
    sample: str = ""
    cancel: Cancel = by_cursor
    system: tuple[str, ...] = ("information_schema",)
    mend: Callable[[exp.Query], exp.Query] = lambda query: query
