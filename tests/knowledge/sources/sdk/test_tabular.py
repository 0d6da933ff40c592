"""A reader that takes every hint it is given, and readers that block or fail."""

import asyncio
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from threading import Event
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.changes import Changing
from knowledge.sources.port import Limits
from knowledge.sources.sdk.pushdown import Filter
from knowledge.sources.sdk.tabular import TabularSource

PEOPLE = pa.table(
    {
        "id": list(range(1, 41)),
        "name": [f"Person {number}" for number in range(1, 41)],
        "city": [("Oslo", "Lyon", None, "Bonn")[number % 4] for number in range(40)],
        "born": [date(1990, 1, 1 + number % 28) for number in range(40)],
        "member": [number % 3 == 0 for number in range(40)],
    }
)
VISITS = pa.table({"person": [number % 50 for number in range(200)], "pages": [number % 7 for number in range(200)]})
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "in": lambda value, given: value in given,
}  # fmt: skip


class Strict:
    """Gives exactly what was asked for: these columns, only rows that meet the filters, no more than the limit."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...], tuple[Filter, ...], int | None]] = []

    def tables(self) -> Mapping[str, pa.Schema]:
        return {"people": PEOPLE.schema, "Visits": VISITS.schema}

    def read(
        self, table: str, columns: Sequence[str], filters: Sequence[Filter], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        self.asked.append((table, tuple(columns), tuple(filters), limit))
        rows = [
            row
            for row in {"people": PEOPLE, "Visits": VISITS}[table].to_pylist()
            if all(meets(row, f) for f in filters)
        ]
        schema = pa.schema([field for field in self.tables()[table] if field.name in columns])
        yield pa.RecordBatch.from_pylist([{name: row[name] for name in columns} for row in rows[:limit]], schema=schema)


def meets(row: Mapping[str, object], given: Filter) -> bool:
    value = row[given.column]
    return value is not None and TESTS[given.operator](value, given.value)


async def answer(source: TabularSource, sql: str, limits: Limits | None = None) -> list[dict[str, object]]:
    return [row async for batch in source.execute(sql, limits or Limits()) for row in batch.to_pylist()]


QUERIES = """
SELECT * FROM people WHERE id > 30 AND 35 >= id
SELECT name FROM people WHERE born BETWEEN '1990-01-03' AND DATE '1990-01-05' ORDER BY id
SELECT name FROM people WHERE born < TIMESTAMP '1990-01-03 12:00:00' ORDER BY id
SELECT count(*) FROM people
SELECT count(*) FROM people WHERE city IN ('Oslo', 'Bonn') AND NOT member
SELECT count(*) FROM people WHERE city NOT IN ('Oslo') OR id = 1
SELECT count(*) FROM people WHERE city IS NULL AND id < 20
SELECT count(*) FROM people WHERE member = TRUE AND city != 'Oslo'
SELECT p.name, v.pages FROM people p LEFT JOIN visits v ON p.id = v.person WHERE v.person IS NULL ORDER BY p.id
SELECT p.name, v.pages FROM people p LEFT JOIN visits v ON p.id = v.person WHERE v.pages = 3 ORDER BY ALL
SELECT count(*) FROM people p RIGHT JOIN visits v ON p.id = v.person WHERE p.city = 'Oslo'
SELECT count(*) FROM people p FULL JOIN visits v ON p.id = v.person WHERE v.pages > 5 AND p.id < 9
SELECT count(*) FROM people p FULL JOIN visits v ON p.id = v.person WHERE p.id IS NULL OR v.pages IS NULL
SELECT count(*) FROM people p ASOF JOIN visits v ON p.id >= v.person WHERE v.pages > 3
SELECT city, n FROM (SELECT city, count(*) AS n FROM people WHERE id > 5 GROUP BY city) WHERE n > 8 ORDER BY ALL
SELECT id + 100 AS id FROM people WHERE id > 38 ORDER BY 1
SELECT length(name) AS id FROM people WHERE id > 38 ORDER BY ALL
SELECT id, rank() OVER (ORDER BY id) AS r FROM people WHERE id > 37 ORDER BY 1
SELECT id, rank() OVER (ORDER BY id) AS r FROM people QUALIFY r < 3 ORDER BY 1
WITH x AS (SELECT * FROM people WHERE id < 9) SELECT a.id FROM x a JOIN x b ON a.id = b.id + 1 ORDER BY 1
WITH people AS (SELECT * FROM people WHERE id < 9) SELECT count(*) FROM people WHERE id > 3
SELECT count(*) FROM people WHERE EXISTS (SELECT 1 FROM visits WHERE person = people.id AND pages = 2)
SELECT count(*) FROM people WHERE id IN (SELECT person FROM visits WHERE pages >= 6)
SELECT id FROM people WHERE id = 1 UNION ALL SELECT person FROM visits WHERE pages = 6 AND person < 9 ORDER BY 1
SELECT people FROM people WHERE id = 1
SELECT COLUMNS('.*n.*') FROM people WHERE id = 1
FROM people WHERE id = 7
SELECT count(*) FROM people NATURAL JOIN (SELECT id, name FROM people)
SELECT DISTINCT city FROM people ORDER BY 1 LIMIT 2
SELECT count(*) FROM (SELECT * FROM people LIMIT 3)
SELECT id FROM people WHERE id > 1.5 AND id < 3.5
SELECT sum(CASE WHEN id > 5 THEN 1 END) FROM people WHERE "ID" <= 10
SELECT p.id, l.pages FROM people p, LATERAL (SELECT pages FROM visits WHERE person = p.id LIMIT 1) l WHERE p.id < 4 ORDER BY 1
SELECT min(name) FROM people WHERE name > 'Person 3'
SELECT id FROM people LIMIT 10%
SELECT id FROM people LIMIT 10 PERCENT
SELECT b FROM people AS p(b, id) WHERE id = 'Person 7'
SELECT id FROM (SELECT * FROM people) AS p(b, id) WHERE id = 'Person 7'
SELECT p FROM people p WHERE p.id = 3
SELECT id FROM people WHERE city = ANY (SELECT 'Oslo') AND id < 9 ORDER BY id
SELECT (SELECT max(pages) FROM visits WHERE person = id AND pages < 4) AS m FROM people WHERE id < 5 ORDER BY id
SELECT * EXCLUDE (born) FROM people WHERE id = 2
SELECT id FROM people WHERE (id = 1 OR id = 2) AND (id > 1 AND (id < 9)) ORDER BY id
SELECT id FROM people p SEMI JOIN visits v ON p.id = v.person WHERE p.id < 3 ORDER BY id
SELECT id FROM people p ANTI JOIN visits v ON p.id = v.person WHERE p.id < 3 ORDER BY id
SELECT id FROM people p POSITIONAL JOIN visits v WHERE v.pages = 3 ORDER BY id
SELECT id FROM people OFFSET 3 LIMIT 2
SELECT unnest([id, id]) FROM people LIMIT 3
SELECT id FROM people WHERE id::VARCHAR = '3' AND born = '1990-01-03'
SELECT id FROM people WHERE name = 'Person 3' COLLATE NOCASE
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r JOIN people ON id = n WHERE id < 5) SELECT max(n) FROM r
SELECT count(*) FROM people TABLESAMPLE 100% WHERE id < 9
SELECT city, list(id ORDER BY id) FROM people WHERE id < 9 GROUP BY city ORDER BY ALL
""".strip().splitlines()  # noqa: E501


@pytest.mark.parametrize("sql", QUERIES)
async def test_a_reader_that_reads_no_more_than_asked_changes_no_answer(sql: str) -> None:
    with duckdb.connect(":memory:") as whole:
        whole.register("people", PEOPLE)
        whole.register("visits", VISITS)
        expected = whole.sql(sql).to_arrow_table().to_pylist()
    source = TabularSource("strict", Strict())
    assert await answer(source, sql) == expected
    await source.close()


@pytest.mark.parametrize(
    ("sql", "columns", "filters", "limit"),
    [
        (
            "SELECT name FROM people WHERE id > 3 AND city = 'Oslo'",
            {"id", "name", "city"}, {("id", ">", 3), ("city", "=", "Oslo")}, None,
        ),
        ("SELECT count(*) FROM people", {"id"}, set(), None),
        ("SELECT city, name FROM people LIMIT 7", {"name", "city"}, set(), 7),
        ("SELECT id FROM people WHERE id > 3 LIMIT 7", {"id"}, {("id", ">", 3)}, None),
        (
            "SELECT max(id) FROM people WHERE '1990-01-05' > born",
            {"id", "born"}, {("born", "<", date(1990, 1, 5))}, None,
        ),
        ("SELECT a.id FROM people a, people b WHERE a.id = 1", {"id"}, set(), None),
    ],
)  # fmt: skip
async def test_a_reader_is_told_what_a_question_needs(
    sql: str, columns: set[str], filters: set[tuple[str, str, object]], limit: int | None
) -> None:
    reader = Strict()
    source = TabularSource("strict", reader)
    await answer(source, sql)
    table, asked, given, most = reader.asked[0]
    assert (table, set(asked), most) == ("people", columns, limit)
    assert {(each.column, each.operator, each.value) for each in given} == filters
    await source.close()


class Stuck(Strict):
    """Gives one batch, and then nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = Event()
        self.let_go = Event()

    def read(self, *given: Any) -> Iterator[pa.RecordBatch]:
        yield from super().read(*given)
        self.waits.set()
        self.let_go.wait(30)


async def test_a_reader_that_blocks_is_left_behind() -> None:
    reader = Stuck()
    source = TabularSource("stuck", reader)
    task = asyncio.create_task(answer(source, "SELECT count(*) FROM people"))
    await asyncio.to_thread(reader.waits.wait, 5)
    began = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - began < 10
    with pytest.raises(TooMuch, match=r"longer than 0\.2 seconds"):
        await answer(source, "SELECT count(*) FROM people", Limits(seconds=0.2))
    reader.let_go.set()
    assert await answer(source, "SELECT count(*) AS n FROM people") == [{"n": 40}]
    await source.close()


class Failing(Strict):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, *given: Any) -> Iterator[pa.RecordBatch]:
        yield from super().read(*given)
        raise self._error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("https://me:hunter2@host/x?token=hunter2 is gone"), "could not be read: https://… is gone"),
        (KeyError("start"), "could not be read: KeyError 'start'"),
        (TimeoutError(), "could not be read: TimeoutError"),
        (SourceUnavailable("The API is closed on Sundays."), "The API is closed on Sundays"),
    ],
)
async def test_what_a_reader_raises_is_said_in_words_without_secrets(error: Exception, words: str) -> None:
    source = TabularSource("failing", Failing(error))
    with pytest.raises(SourceUnavailable, match=words) as said:
        await answer(source, "SELECT sum(id) FROM people")
    assert "hunter2" not in str(said.value)
    assert "Traceback" not in str(said.value)
    await source.close()


async def test_two_tables_that_differ_only_in_case_are_refused() -> None:
    class Twice(Strict):
        def tables(self) -> Mapping[str, pa.Schema]:
            return {"a": PEOPLE.schema, "A": PEOPLE.schema}

    source = TabularSource("twice", Twice())
    with pytest.raises(SourceUnavailable, match="differ only in upper and lower case"):
        await source.introspect()
    await source.close()


async def test_a_large_table_is_profiled_by_its_beginning_and_counted_whole() -> None:
    class Large(Strict):
        def tables(self) -> Mapping[str, pa.Schema]:
            return {"large": pa.schema({"n": pa.int64(), "kind": pa.string()})}

        def read(self, table: str, columns: Sequence[str], *_: Any) -> Iterator[pa.RecordBatch]:
            for start in range(0, 150_000, 10_000):
                numbers = range(start, start + 10_000)
                kinds = [f"kind {number % 30}" for number in numbers]
                yield pa.record_batch({"n": list(numbers), "kind": kinds})

    source = TabularSource("large", Large())
    (table,) = await source.introspect()
    measured = await source.profile(table)
    assert measured.rows == 150_000
    assert measured.by_name["n"].maximum == "149999"
    assert measured.by_name["kind"].distinct == len(measured.by_name["kind"].values) == 30
    assert (await source.sample(table, 100)).num_rows == 100
    await source.close()


async def test_a_reader_may_tell_whether_a_table_has_moved() -> None:
    class Told(Strict):
        def position(self, table: str) -> str:
            return f"{table} at 7"

    for reader, position in ((Told(), "people at 7"), (Strict(), "")):
        source = TabularSource("moving", reader)
        table = next(table for table in await source.introspect() if table.name == "people")
        assert isinstance(source, Changing)
        assert await source.position(table) == position
        await source.close()
