"""What was asked before: read from the conversation's memory, as long as its tables are still there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.translation.index import Index
from knowledge.translation.ir import Query, Scalar, load
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.library import Shelf
from knowledge.translation.model import Exchange

REMEMBERED = 20
"""Questions back that “go back” can reach."""


@dataclass(frozen=True, slots=True)
class Before:
    """A question that was read, against what, and the first rows that were shown for it."""

    query: Query
    index: Index
    rows: tuple[tuple[Scalar, ...], ...] = ()


def earlier(history: Sequence[Exchange], shelf: Shelf) -> Before | None:
    """The last question that was read, when its source and tables are still there."""
    return next(conversation(history, shelf), None)


def conversation(history: Sequence[Exchange], shelf: Shelf) -> Iterator[Before]:
    """The questions before, the last one first."""
    for query, rows in _read(history):
        index = next((index for index in shelf.sources if index.source == query.source), None)
        index = shelf.everywhere if query.source == EVERYWHERE else index
        if index and all(table in index.tables for table in query.tables()):
            yield Before(query, index, rows)


def read_before(history: Sequence[Exchange]) -> Iterator[Query]:
    """The questions before as they were read, the last one first; those of other translators are passed over."""
    return (query for query, _ in _read(history))


def _read(history: Sequence[Exchange]) -> Iterator[tuple[Query, tuple[tuple[Scalar, ...], ...]]]:
    for exchange in reversed(history[-REMEMBERED:]):
        try:
            yield load(_query(exchange.memory)), exchange.rows
        except (KeyError, TypeError, ValueError):
            continue


def _query(memory: Any) -> Any:
    return memory["query"]


def measured_tables(query: Query) -> list[str]:
    """The tables of a query, those of its measures first."""
    items = [*query.select, *(order.item for order in query.order)]
    return list(dict.fromkeys([*(i.field.table for i in items if i.fn), *query.tables()]))
