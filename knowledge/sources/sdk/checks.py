"""What every source must do, whatever its data: one function a promise, run by `pytest --source package:factory`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic
from typing import Any, TypeAlias, cast

import pyarrow as pa
from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.model import DataType, Table
from knowledge.errors import KnowledgeError, Refused, TooMuch
from knowledge.sources.port import Limits
from knowledge.sources.sdk.ground import Ground, Skipped, expect, relation

Check: TypeAlias = Callable[[Ground], Awaitable[None]]

PATIENCE = 1.0
"""Seconds within which a query that is stopped must be gone."""
_BAD_NAMES = ("x'; DROP TABLE y; --", 'x"; SELECT 1; --', "`x`", "x]", "no such table", "/etc/passwd", "x\\", "ü 漢 🙂")


async def tables_have_names_columns_and_types(ground: Ground) -> None:
    for table in ground.tables:
        expect(table.source == ground.source.name, f"{table.name} says it is of {table.source!r}.")
        expect(len(table.by_name) == len(table.columns), f"{table.name} has two columns of one name.")
        known = [column for column in table.columns if column.type is not DataType.OTHER]
        expect(bool(known), f"No column of {table.name} has a type that says what it holds.")
    keys = {(table.schema.lower(), table.name.lower()) for table in ground.tables}
    expect(len(keys) == len(ground.tables), "Two tables have one name.")


async def introspection_is_the_same_each_time(ground: Ground) -> None:
    expect(await ground.source.introspect() == ground.tables, "A second introspect() gives other tables.")


async def every_table_can_be_read_by_its_name(ground: Ground) -> None:
    for table in ground.tables:
        found = await ground.ask(ground.query(table=table).limit(3))
        names = [column.name for column in table.columns]
        expect(found.column_names == names, f"{table.name} has {names}, but SELECT * gives {found.column_names}.")


async def numbers_arrive_as_numbers(ground: Ground) -> None:
    for table in ground.tables:
        found = await ground.ask(ground.query(table=table).limit(100))
        for column, came in zip(table.columns, found.columns, strict=True):
            if column.type.numeric and came.null_count < len(came):
                told = (
                    pa.types.is_integer(came.type) or pa.types.is_floating(came.type) or pa.types.is_decimal(came.type)
                )
                expect(told, f"{table.name}.{column.name} is {column.type}, but arrives as {came.type}.")


async def a_profile_counts_rows_and_values(ground: Ground) -> None:
    measured = await ground.source.profile(ground.table)
    expect(measured.rows == ground.rows, f"profile() counts {measured.rows} rows, count(*) {ground.rows}.")
    names = [column.name for column in ground.table.columns]
    expect([column.name for column in measured.columns] == names, "profile() changes the columns.")
    for column in measured.columns:
        distinct, nulls = column.distinct or 0, column.nulls or 0
        expect(distinct <= ground.rows, f"{column.name} has {distinct} values in {ground.rows} rows.")
        expect(nulls <= ground.rows, f"{column.name} has {nulls} nulls in {ground.rows} rows.")
        expect(len(set(column.values)) == len(column.values), f"{column.name} has a value twice.")
    typed = [column for column in measured.columns if column.type not in (DataType.OTHER, DataType.JSON)]
    told = any(column.distinct is not None for column in typed)
    expect(not ground.rows or not typed or told, "profile() measures nothing.")


async def a_table_that_is_gone_comes_back_unmeasured(ground: Ground) -> None:
    gone = Table(ground.source.name, "gone by now", ground.table.columns)
    measured = await ground.source.profile(gone)
    expect(measured.rows is None, f"A table that is not there has {measured.rows} rows.")


async def a_sample_has_the_columns_and_about_so_many_rows(ground: Ground) -> None:
    wanted = min(ground.rows, 10)
    first = await ground.source.sample(ground.table, wanted)
    names = [column.name for column in ground.table.columns]
    expect(first.column_names == names, f"sample() has the columns {first.column_names} instead of {names}.")
    expect(first.num_rows <= 2 * wanted, f"sample() of {wanted} rows gives {first.num_rows}.")
    expect(first.num_rows > 0 or not ground.rows, "sample() is empty, but the table is not.")


async def an_empty_answer_keeps_its_columns(ground: Ground) -> None:
    name = ground.table.columns[0].name
    found = await ground.ask(ground.query(name).where(_never()))
    expect(found.num_rows == 0, "A condition that nothing meets gives rows.")
    expect(found.column_names == [name], f"An empty answer has the columns {found.column_names} instead of {[name]}.")


async def two_columns_of_one_name_stay_two(ground: Ground) -> None:
    name = ground.table.columns[0].name
    found = await ground.ask(ground.query(name, name).limit(1))
    expect(found.num_columns == 2, f"Two columns of one name came as {found.column_names}.")
    expect(len(set(found.column_names)) == 2, "Two columns of one answer have one name.")


async def more_rows_than_allowed_are_too_much(ground: Ground) -> None:
    _need_rows(ground)
    await ground.error(ground.query(), TooMuch, Limits(rows=ground.rows - 1))
    found = await ground.ask(ground.query(), Limits(rows=ground.rows))
    expect(found.num_rows == ground.rows, f"{found.num_rows} of {ground.rows} rows came.")


async def more_bytes_than_allowed_are_too_much(ground: Ground) -> None:
    _need_rows(ground)
    await ground.error(ground.query(), TooMuch, Limits(bytes=1))
    await ground.goes_on()


async def a_query_that_takes_too_long_is_stopped(ground: Ground) -> None:
    slow = ground.slow()
    began = monotonic()
    error = await ground.error(slow, TooMuch, Limits(seconds=0.3))
    took = monotonic() - began
    expect(took < 0.3 + PATIENCE, f"A limit of 0.3 seconds stopped the query after {took:.1f}.")
    expect(bool(error.next_step), "The error does not say what to do next.")
    await ground.goes_on()


async def a_cancelled_task_ends_the_query_within_a_second(ground: Ground) -> None:
    slow = ground.slow()
    for _ in range(3):
        task = asyncio.create_task(ground.ask(slow, Limits(seconds=60)))
        done, _running = await asyncio.wait([task], timeout=0.15)
        expect(not done, f"The slow query ended at once: {slow.sql(ground.source.dialect)[:200]}")
        began = monotonic()
        task.cancel()
        await asyncio.wait([task], timeout=10)
        took = monotonic() - began
        expect(task.cancelled(), "A cancelled task must end as cancelled.")
        expect(took < PATIENCE, f"A cancelled query was gone after {took:.1f} seconds.")
    await ground.goes_on()


async def an_answer_that_is_not_read_to_its_end_blocks_nobody(ground: Ground) -> None:
    for _ in range(12):
        async with aclosing(
            cast(Any, ground.source.execute(ground.query().sql(ground.source.dialect), Limits()))
        ) as rows:
            async for _batch in rows:
                break
    await ground.goes_on()


async def many_questions_at_once_are_all_answered(ground: Ground) -> None:
    answers = await asyncio.gather(*(ground.ask(ground.count()) for _ in range(20)))
    found = {int(answer.column(0)[0].as_py()) for answer in answers}
    expect(found == {ground.rows}, f"Twenty questions at once give {found} instead of {ground.rows}.")


async def whoever_asks_is_answered(ground: Ground) -> None:
    text = ground.count().sql(ground.source.dialect)
    asker = Asker("default", "somebody", ("member",))
    found = [row async for batch in ground.source.execute(text, Limits(), asker) for row in batch.to_pylist()]
    expect(found == [{"n": ground.rows}], f"With an asker the answer is {found}.")


async def nothing_but_reading_is_done(ground: Ground) -> None:
    name = relation(ground.table).sql(ground.source.dialect)
    column = exp.to_identifier(ground.table.columns[0].name, quoted=True).sql(ground.source.dialect)
    for sql in (
        f"DELETE FROM {name}",  # noqa: S608
        f"DROP TABLE {name}",
        f"UPDATE {name} SET {column} = NULL",  # noqa: S608
        f"INSERT INTO {name} SELECT * FROM {name}",  # noqa: S608
        f"TRUNCATE TABLE {name}",
        f"ALTER TABLE {name} RENAME TO renamed",
        f"CREATE TABLE copied AS SELECT * FROM {name}",  # noqa: S608
        "CREATE TABLE copied (a INTEGER)",
        f"SELECT 1; DELETE FROM {name}",  # noqa: S608
        f"SELECT * FROM {name}; SELECT * FROM {name}",  # noqa: S608
        f"WITH d AS (DELETE FROM {name} RETURNING *) SELECT * FROM d",  # noqa: S608
        "COMMIT",
        "BEGIN",
        "GRANT ALL ON DATABASE x TO y",
        f"COPY {name} TO '/tmp/quillux-stolen.csv'",
        "ATTACH ':memory:' AS x",
        "CALL something()",
    ):
        try:
            await ground.ask(sql)
        except KnowledgeError:
            continue
        raise AssertionError(f"{sql!r} was run; a source must refuse everything that is not one query.")
    await ground.goes_on()


async def an_error_of_the_query_is_said_and_harms_nothing(ground: Ground) -> None:
    name = relation(ground.table).sql(ground.source.dialect)
    for sql in (
        f"SELECT no_such_column FROM {name}",  # noqa: S608
        "SELECT FROM WHERE",
        "SELECT * FROM no_such_table",
        "",
        ";",
        "\0",
    ):
        error = await ground.error(sql, Refused)
        expect(bool(error.next_step), f"The error for {sql!r} does not say what to do next.")
        expect("Traceback" not in str(error), f"The error for {sql!r} is a Python traceback.")
    await ground.goes_on()


async def a_hostile_name_is_a_name_and_nothing_else(ground: Ground) -> None:
    for bad in _BAD_NAMES:
        table = exp.table_(exp.to_identifier(bad, quoted=True))
        await ground.error(exp.select(exp.Star()).from_(table), KnowledgeError)
    await ground.goes_on()


async def a_query_nested_without_end_is_an_error_in_words(ground: Ground) -> None:
    with suppress(KnowledgeError):
        await ground.ask(f"SELECT {'(' * 5_000}1{')' * 5_000} AS n", Limits(seconds=10))
    await ground.goes_on()


async def an_estimate_costs_nothing_and_fits(ground: Ground) -> None:
    await ground.source.profile(ground.table)
    dialect = ground.source.dialect
    total = await ground.source.estimate(ground.count().sql(dialect))
    expect(total.rows_returned in (1, None), f"A count is estimated at {total.rows_returned} rows.")
    few = await ground.source.estimate(ground.query().limit(2).sql(dialect))
    expect(few.rows_returned is None or few.rows_returned <= 2, f"LIMIT 2 is estimated at {few.rows_returned} rows.")
    if ground.rows >= 2:
        began = monotonic()
        await ground.source.estimate(ground.slow().sql(dialect))
        expect(monotonic() - began < 5 * PATIENCE, "The estimate of a slow query takes as long as the query.")


async def a_source_may_be_closed_twice(ground: Ground) -> None:
    await ground.source.close()
    await ground.source.close()


def _need_rows(ground: Ground) -> None:
    if ground.rows < 2:
        raise Skipped("no table has two rows")


def _never() -> exp.Expr:
    return exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))


CHECKS: tuple[Check, ...] = (
    tables_have_names_columns_and_types,
    introspection_is_the_same_each_time,
    every_table_can_be_read_by_its_name,
    numbers_arrive_as_numbers,
    a_profile_counts_rows_and_values,
    a_table_that_is_gone_comes_back_unmeasured,
    a_sample_has_the_columns_and_about_so_many_rows,
    an_empty_answer_keeps_its_columns,
    two_columns_of_one_name_stay_two,
    more_rows_than_allowed_are_too_much,
    more_bytes_than_allowed_are_too_much,
    a_query_that_takes_too_long_is_stopped,
    a_cancelled_task_ends_the_query_within_a_second,
    an_answer_that_is_not_read_to_its_end_blocks_nobody,
    many_questions_at_once_are_all_answered,
    whoever_asks_is_answered,
    nothing_but_reading_is_done,
    an_error_of_the_query_is_said_and_harms_nothing,
    a_hostile_name_is_a_name_and_nothing_else,
    a_query_nested_without_end_is_an_error_in_words,
    an_estimate_costs_nothing_and_fits,
    a_source_may_be_closed_twice,
)
