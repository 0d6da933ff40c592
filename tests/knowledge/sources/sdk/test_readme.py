"""The examples of the SDK's page: taken from it, counted, and held to every promise of a source."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from knowledge.sources.opening import Opening
from knowledge.sources.port import Limits, Source
from knowledge.sources.sdk.checks import CHECKS, Check
from knowledge.sources.sdk.ground import Skipped, grounded

PAGE = Path(__file__).parents[4] / "knowledge" / "sources" / "sdk" / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def module(text: str) -> ModuleType:
    made = ModuleType("example")
    exec(compile(text, str(PAGE), "exec"), made.__dict__)
    return made


def calendars(folder: Path) -> str:
    for name, count in (("work", 12), ("home", 3)):
        events = "".join(
            f"BEGIN:VEVENT\r\nSUMMARY:Meeting {day}\r\nDTSTART:202503{day + 1:02d}T0930{day:02d}Z\r\n"
            + ("LOCATION:Oslo\r\n" if day % 2 else "")
            + "END:VEVENT\r\n"
            for day in range(count)
        )
        (folder / f"{name}.ics").write_text(f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n", newline="")
    (folder / "notes.txt").write_text("no calendar")
    return f"ics://{folder}"


def geopackage(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "roads.gpkg")) as database:
        database.execute(
            "CREATE TABLE roads (fid INTEGER PRIMARY KEY, name TEXT, lanes INTEGER, length REAL, geom BLOB)"
        )
        rows = [(number, f"Road {number}", number % 4, number / 3, b"GP\0") for number in range(40)]
        database.executemany("INSERT INTO roads VALUES (?, ?, ?, ?, ?)", rows)
        database.commit()
    return f"gpkg://{folder}/roads.gpkg"


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_under_thirty_lines_of_code(text: str) -> None:
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) < 30, len(lines)


@pytest.fixture(params=zip(EXAMPLES, (calendars, geopackage), strict=True), ids=["ics", "gpkg"])
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Source]:
    text, write = request.param
    opened: Source = module(text).open_source(Opening("example", write(tmp_path)))
    yield opened
    await opened.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_an_example_keeps_every_promise(source: Source, check: Check) -> None:
    try:
        await check(await grounded(source))
    except Skipped as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    ("write", "sql", "answer"),
    [
        (calendars, "SELECT calendar, count(*) AS n FROM events WHERE place = 'Oslo' GROUP BY 1 ORDER BY 1", [
            {"calendar": "home", "n": 1}, {"calendar": "work", "n": 6},
        ]),
        (geopackage, "SELECT lanes, count(*) AS n FROM roads WHERE fid < 6 GROUP BY 1 ORDER BY 1", [
            {"lanes": 0, "n": 2}, {"lanes": 1, "n": 2}, {"lanes": 2, "n": 1}, {"lanes": 3, "n": 1},
        ]),
    ],
)  # fmt: skip
async def test_an_example_answers(
    write: Callable[[Path], str], sql: str, answer: list[dict[str, object]], tmp_path: Path
) -> None:
    text = EXAMPLES[(calendars, geopackage).index(write)]
    source: Source = module(text).open_source(Opening("example", write(tmp_path)))
    assert [row async for batch in source.execute(sql, Limits()) for row in batch.to_pylist()] == answer
    await source.close()
