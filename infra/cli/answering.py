"""From a question to an answer in a terminal: the same reading, checks and limits as in a chat, without a server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import TypeAlias

import pyarrow as pa

from infra.cli.shelf import Shelf
from infra.settings import Model
from knowledge.charts import Figure, choose
from knowledge.execution import estimate, run_query
from knowledge.receipt import Receipt, Step
from knowledge.sources.port import Limits
from knowledge.table_view import ColumnView, column_kinds
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Ask, Context, Decline, Exchange, Interpretation, Read, Translation


@dataclass(frozen=True, slots=True)
class Heavy:
    """The query passes a limit above which somebody has to say yes first."""

    reading: Interpretation
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows, how they are shown, and what they were made from."""

    reading: Interpretation
    table: pa.Table
    columns: tuple[ColumnView, ...]
    figure: Figure | None
    receipt: Receipt


Outcome: TypeAlias = Answer | Heavy | Ask | Decline


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a query, and rows read or returned above which somebody has to say yes first."""

    limits: Limits
    rows_read: int
    rows_returned: int


def read(shelf: Shelf, question: str, choices: Mapping[str, str], history: tuple[Exchange, ...]) -> Translation:
    """Translate the question."""
    return RuleTranslator().translate(question, shelf.catalog, Context(date.today(), history, choices))


async def answer(shelf: Shelf, translation: Translation, bounds: Bounds, *, approved: bool) -> Outcome:
    """Run the best reading, if there is one. Raises what the guard, the limits and the source raise."""
    match translation:
        case Read(interpretations=(best, *_)):
            pass
        case Read():
            return Decline("I could not read this question.")
        case _:
            return translation
    source = shelf.sources[best.source]
    expected = await estimate(source, best.query, shelf.catalog, bounds.limits)
    for what, found, most in (
        ("reads", expected.rows_read, bounds.rows_read),
        ("returns", expected.rows_returned, bounds.rows_returned),
    ):
        if not approved and (found or 0) > most:
            return Heavy(best, f"It {what} about {found:,} rows; up to {most:,} need no approval.")
    began = perf_counter()
    table = await run_query(source, best.query, shelf.catalog, bounds.limits)
    took = (perf_counter() - began) * 1000
    columns = tuple(column_kinds(table, best.query, tuple(shelf.catalog.of(best.source))))
    figure = choose(table, columns, title=best.explanation)
    return Answer(best, table, columns, figure, _receipt(best, table, took, expected.rows_read, shelf))


async def improve(
    shelf: Shelf,
    question: str,
    choices: Mapping[str, str],
    history: tuple[Exchange, ...],
    translation: Translation,
    model: Model,
) -> Translation:
    """The translation with the model's part in it, where one is configured. Raises OperatorError for wrong settings."""
    if not model.name:
        return translation
    from infra.models.proposer import proposer
    from knowledge.trial import LightTrial

    proposing = proposer(model)
    if proposing is None:
        return translation
    trial = LightTrial(shelf.sources.__getitem__, shelf.catalog)
    context = Context(date.today(), history, choices)
    return await proposing.improve(question, shelf.catalog, context, translation, trial)


def sql_of(reading: Interpretation) -> str:
    """The query for people."""
    return reading.query.sql(dialect=reading.dialect, pretty=True)


def _receipt(reading: Interpretation, table: pa.Table, took: float, rows_read: int | None, shelf: Shelf) -> Receipt:
    return Receipt(
        steps=(Step(reading.source, sql_of(reading), reading.tables, table.num_rows, took),),
        rows=table.num_rows,
        milliseconds=took,
        assumptions=tuple(assumption.text for assumption in reading.assumptions),
        rows_estimated=rows_read,
        confidence=reading.confidence,
        catalog=shelf.catalog.version,
    )
