"""From a question to an answer in a terminal: the same reading, checks and limits as in a chat, without a server."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

import pyarrow as pa

from infra.settings import Model, Settings
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.charts import Figure, choose
from knowledge.federation import Answer as Found
from knowledge.federation import Engine, Request
from knowledge.glossary import EMPTY, Glossary
from knowledge.receipt import Receipt
from knowledge.sources.port import Limits
from knowledge.table_view import ColumnView, column_kinds, defined
from knowledge.translation import RuleTranslator
from knowledge.translation.differing import differing
from knowledge.translation.model import Ask, Assumption, Context, Decline, Exchange, Interpretation, Read, Translation
from knowledge.trial import LightTrial
from knowledge.values.port import Values


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


EVERY_ROW, EVERY_BYTE = 2**53, 2**62


def runner(tenant: str) -> Asker:
    """Whoever runs the command reads the sources with the command's own settings and credentials."""
    return Asker(tenant, "command line", ("admin",))


@dataclass(frozen=True, slots=True)
class Written:
    """The rows went into a file as they came."""

    reading: Interpretation
    rows: int
    out: Path


Outcome: TypeAlias = Answer | Written | Heavy | Ask | Decline


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a query, and rows read or returned above which somebody has to say yes first."""

    limits: Limits
    rows_read: int
    rows_returned: int


def read(
    catalog: Catalog,
    question: str,
    choices: Mapping[str, str],
    history: tuple[Exchange, ...],
    values: Values | None = None,
    glossary: Glossary = EMPTY,
) -> Translation:
    """Translate the question."""
    context = Context(date.today(), history, choices, glossary=glossary)
    return RuleTranslator(values).translate(question, catalog, context)


async def answer(
    engine: Engine,
    translation: Translation,
    bounds: Bounds,
    runner: Asker,
    *,
    approved: bool,
    stream: Path | None = None,
) -> Outcome:
    """Run the best reading, if there is one; into a file, without a limit on its size, where `stream` names one.

    Raises what the guard, the limits and the source raise.
    """
    match translation:
        case Read(interpretations=(best, *_)):
            pass
        case Read():
            return Decline("I could not read this question.")
        case _:
            return translation
    request = Request(best.query, best.source, runner, bounds.limits)
    expected = await engine.estimate(request)
    for what, found, most in (
        ("reads", expected.rows_read, bounds.rows_read),
        ("returns", expected.rows_returned, bounds.rows_returned),
    ):
        if not approved and (found or 0) > most:
            return Heavy(best, f"It {what} about {found:,} rows; up to {most:,} need no approval.")
    if stream is not None:
        from infra.cli.streaming import write

        whole = replace(request, limits=Limits(EVERY_ROW, bounds.limits.seconds, EVERY_BYTE))
        return Written(best, await write(engine, whole, stream), stream)
    began = perf_counter()
    answered = await engine.run(request)
    took = (perf_counter() - began) * 1000
    table, catalog = answered.table, await engine.catalog(runner)
    views = column_kinds(table, best.query, tuple(catalog.of(best.source)))
    columns = tuple(defined(views, [asdict(term) for term in best.terms]))
    figure = choose(table, columns, title=best.explanation)
    return Answer(best, table, columns, figure, _receipt(best, answered, took, expected.rows_read, catalog))


async def recalled(
    configured: Settings,
    catalog: Catalog,
    question: str,
    choices: Mapping[str, str],
    translation: Translation,
    runner: Asker,
    glossary: Glossary = EMPTY,
) -> Read | None:
    """The reading of a verified query, where there is one for this question and no other reading was chosen."""
    from infra.store.engine import open_engine
    from infra.store.verified import SqlVerified
    from knowledge.verified import book, find
    from knowledge.verified.beside import beside, chosen_otherwise, note

    if chosen_otherwise(choices):
        return None
    engine = open_engine(configured.database_url)
    try:
        queries = await SqlVerified(engine).of(configured.tenant)
    finally:
        await engine.dispose()
    context = Context(date.today(), glossary=glossary)
    known = book(queries, context.language, glossary)
    found = find(
        question, catalog, context, known, runner, lambda text: RuleTranslator().translate(text, catalog, context)
    )
    if found is None:
        return None
    told = Assumption("note:verified", "", note(found))
    reading = beside(found, translation)
    return Read((replace(reading, assumptions=(told, *reading.assumptions)),))


async def improve(
    engine: Engine,
    question: str,
    choices: Mapping[str, str],
    history: tuple[Exchange, ...],
    translation: Translation,
    model: Model,
    runner: Asker,
    glossary: Glossary = EMPTY,
) -> Translation:
    """The translation with the model's part in it, where one is configured. Raises OperatorError for wrong settings.

    A question back is left only where its readings give different rows.
    """
    if isinstance(translation, Ask):
        translation = await differing(translation, LightTrial(engine, runner))
    if not model.name:
        return translation
    from infra.models.proposer import proposer
    from knowledge.translation.assisted import Briefing
    from knowledge.translation.meaning.heeding import told_of

    proposing = proposer(model)
    if proposing is None:
        return translation
    catalog = await engine.catalog(runner)
    context = Context(date.today(), history, choices, glossary=glossary)
    briefing = Briefing(terms=told_of(question, glossary, catalog))
    return await proposing.improve(question, catalog, context, translation, LightTrial(engine, runner), briefing)


async def meanings(configured: Settings) -> Glossary:
    """What words mean to the people of the configured tenant."""
    from infra.store.engine import open_engine
    from infra.store.glossary import SqlGlossaries

    engine = open_engine(configured.database_url)
    try:
        return await SqlGlossaries(engine).of(configured.tenant)
    finally:
        await engine.dispose()


def sql_of(reading: Interpretation) -> str:
    """The query for people."""
    return reading.query.sql(dialect=reading.dialect, pretty=True)


def _receipt(reading: Interpretation, found: Found, took: float, rows_read: int | None, catalog: Catalog) -> Receipt:
    return Receipt(
        steps=found.steps,
        rows=found.table.num_rows,
        milliseconds=took,
        policies=found.policies,
        cached=found.cached,
        assumptions=tuple(assumption.text for assumption in reading.assumptions),
        rows_estimated=rows_read,
        confidence=reading.confidence,
        catalog=catalog.version,
    )
