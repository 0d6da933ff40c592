"""How fast an inbox answers and a vote is counted, with a million gates in the table.

`python -m bench.gates [--quick] [--gates N] [--postgres]`

One gate in five is open. Each open one can be decided by the role `admin`, by one of 50 roles and by one of 1,000 named
people; with `--postgres` the same on a server that is started for it.
"""

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from conversation.codec import encode
from conversation.gates import Deciders, Decision, Gate, Stage, Won
from conversation.principal import Principal
from infra.store.engine import migrate, open_engine
from infra.store.gate_index import subjects
from infra.store.gates import SqlGates
from tests.postgres import postgres_server

RESULTS = Path(__file__).parent / "results" / "gates.json"
BAR_MS = 50.0
ANN = Principal("ann", "acme", "Ann")
NOON = datetime(2026, 1, 1, tzinfo=UTC)
GATE_COLUMNS = (
    "id",
    "tenant",
    "run",
    "record",
    "digest",
    "created_at",
    "state",
    "stage",
    "revision",
    "votes",
    "next_at",
    "version",
)
WAY_COLUMNS = ("tenant", "subject", "created_at", "gate", "asker", "revision")
ROOT = Principal("root", "acme", "Root", ("admin",))
VOTER = Principal("voter", "acme", "Voter", ("admin",))
FORM = Gate(
    id="",
    tenant="acme",
    run="",
    flow="nlq",
    interrupt="i",
    title="Run a heavy query?",
    reason="It reads about 4,000,000 rows.",
    parameters={"do": "run a query", "source": "shop", "sql": "SELECT country, SUM(amount) FROM orders GROUP BY 1"},
    asked_by=ANN,
    roles=("admin",),
    policy="query-cost-1",
)
PEOPLE = {
    "admin: every open gate": (ROOT, ()),
    "voted on the oldest 500": (VOTER, ()),
    "one of 50 roles": (Principal("x", "acme", "X", ("role7",)), ()),
    "ten roles, twenty groups": (
        Principal("y", "acme", "Y", tuple(f"role{n}" for n in range(10)), tuple(f"g{n}" for n in range(20))),
        (),
    ),
    "named only": (Principal("user42", "acme", "Named"), ()),
    "acts for three others": (
        Principal("user43", "acme", "Stand-in"),
        tuple(Principal(f"z{n}", "acme", f"Z{n}", (f"role{n}",)) for n in range(3)),
    ),
    "asked for a third of them": (replace(ANN, roles=("admin",)), ()),
    "nothing waits": (Principal("nobody", "acme", "Nobody", ("member",), ("g1",)), ()),
}


def gate(n: int) -> Gate:
    """The gate in one place of the table; one in five is open, and `ann` asked for a third of those."""
    asker = ANN if n // 5 % 3 == 0 else Principal(f"asker{n % 997}", "acme", "Asker")
    return replace(
        FORM,
        id=f"run-{n}:gate",
        run=f"run-{n}",
        asked_by=asker,
        stages=(Stage(Deciders(users=(f"user{n // 5 % 1_000}",), roles=("admin", f"role{n // 5 % 50}"))),),
        created_at=(NOON + timedelta(seconds=n)).isoformat(timespec="microseconds"),
        state="open" if n % 5 == 0 else "decided",
    )


def rows(count: int) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    """The row of each gate, and its ways."""
    # Encoding a million gates would take longer than all that is measured: what is alike of them is encoded once.
    common = encode(FORM)
    assert isinstance(common, dict)
    changing = ("id", "run", "asked_by", "stages", "created_at", "state")
    rest = json.dumps({name: value for name, value in common.items() if name not in changing})[1:]
    for n in range(count):
        one = gate(n)
        own = json.dumps({name: encode(getattr(one, name)) for name in changing})[:-1]
        row = (one.id, "acme", one.run, f"{own}, {rest}", FORM.digest, one.created_at, one.state, 0, 1, 0, "", 1)
        yield row, [("acme", way, one.created_at, one.id, one.asked_by.id, 1) for way in subjects(one)]


def fill_sqlite(file: Path, count: int) -> None:
    """Write the gates past the store, in batches."""
    with sqlite3.connect(file) as database:
        for table, columns, some in _batches(count):
            places = ",".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places})", some)
        database.execute("ANALYZE")
    database.close()


def fill_postgres(address: str, count: int) -> None:
    """The same by COPY."""
    with psycopg.connect(address, autocommit=True) as connection:
        for table, columns, some in _batches(count):
            with connection.cursor().copy(f"COPY {table} ({','.join(columns)}) FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)
        connection.execute("VACUUM ANALYZE")


def _batches(count: int) -> Iterator[tuple[str, Sequence[str], list[tuple[Any, ...]]]]:
    some: list[tuple[Any, ...]] = []
    ways: list[tuple[Any, ...]] = []
    for row, its in rows(count):
        some.append(row)
        ways += its
        if len(some) == 20_000:
            yield "gate", GATE_COLUMNS, some
            yield "gate_decider", WAY_COLUMNS, ways
            some, ways = [], []
    if some:
        yield "gate", GATE_COLUMNS, some
        yield "gate_decider", WAY_COLUMNS, ways


async def timed(times: int, work: Callable[[int], Awaitable[Any]]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, by the clock and of this process's processor time."""
    took, used = [], []
    for n in range(times):
        began, busy = time.perf_counter(), time.process_time()
        await work(n)
        took.append((time.perf_counter() - began) * 1_000)
        used.append((time.process_time() - busy) * 1_000)
    kinds = {"": took, "cpu_": used}
    medians = {f"{kind}p50_ms": round(statistics.median(all), 2) for kind, all in kinds.items()}
    return medians | {f"{kind}p95_ms": round(statistics.quantiles(all, n=20)[-1], 2) for kind, all in kinds.items()}


async def measure(engine: AsyncEngine, count: int, times: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each case on a filled database."""
    store, at = SqlGates(engine), NOON.isoformat()
    await _voted(store, min(count, 2_500), at)
    found: dict[str, dict[str, float]] = {}
    for name, (who, others) in PEOPLE.items():

        async def one(_: int, who: Principal = who, others: Sequence[Principal] = others) -> None:
            await store.inbox(who, at=at, acting_for=others)

        await one(0)
        found[f"inbox, {name}"] = await timed(times, one)
    deep = f"run-{count // 2 // 5 * 5}:gate"
    found["inbox, a page from the middle"] = await timed(times, lambda _: store.inbox(ROOT, at=at, after=deep))
    found["due"] = await timed(times, lambda _: store.due(at))
    newest = (count - 1) // 5 * 5

    async def claim(n: int) -> None:
        claimed = await store.claim(gate(newest - 5 * n), Decision("approve", ROOT, activity=f"c{n}", at=at))
        assert isinstance(claimed, Won)

    found["claim"] = await timed(times, claim)
    found["200 presses at once, all of them"] = await _pressed(store)
    return found


async def _voted(store: SqlGates, count: int, at: str) -> None:
    """Somebody voted on the oldest gates, which wait for others, and is not asked again."""
    for n in range(0, count, 5):
        before = gate(n)
        pair = await store.amend(before, by="bench", at=at, note="", stages=(replace(before.stages[0], quorum=2),))
        await store.claim(pair, Decision("approve", VOTER, activity=f"v{n}", at=at))


async def _pressed(store: SqlGates) -> dict[str, float]:
    """Two hundred people press at once; one of them decides."""
    pressed = await store.open(replace(gate(0), id="pressed", stages=()))
    began, busy = time.perf_counter(), time.process_time()
    people = [replace(ROOT, id=f"p{n}") for n in range(200)]
    claims = await asyncio.gather(*(store.claim(pressed, Decision("approve", who, activity=who.id)) for who in people))
    assert sum(isinstance(claim, Won) for claim in claims) == 1
    took, used = time.perf_counter() - began, time.process_time() - busy
    return {"p50_ms": round(took * 1_000, 1), "cpu_p50_ms": round(used * 1_000, 1)}


async def on(url: str, count: int, times: int) -> dict[str, dict[str, float]]:
    """Measure on a database and close it."""
    engine = open_engine(url)
    try:
        return await measure(engine, count, times)
    finally:
        await engine.dispose()


def main() -> None:
    """Fill, measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--gates", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=100)
    arguments.add_argument("--postgres", action="store_true")
    given = arguments.parse_args()
    count, times = (20_000, 20) if given.quick else (given.gates, given.times)
    results: dict[str, dict[str, dict[str, float]]] = {}
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "quillux.sqlite"
        migrate(f"sqlite:///{file}")
        fill_sqlite(file, count)
        results["sqlite"] = asyncio.run(on(f"sqlite+aiosqlite:///{file}", count, times))
        file.unlink()
        if given.postgres:
            address = stack.enter_context(postgres_server())
            url = address.replace("postgresql://", "postgresql+psycopg://", 1)
            migrate(url)
            fill_postgres(address, count)
            results["postgres"] = asyncio.run(on(url, count, times))
    report(results, count, quick=given.quick)


def report(results: dict[str, dict[str, dict[str, float]]], count: int, *, quick: bool) -> None:
    """A table, and one JSON object as the last line."""
    for database, cases in results.items():
        kinds = {"p50_ms": "p50", "p95_ms": "p95", "cpu_p50_ms": "processor p50", "cpu_p95_ms": "processor p95"}
        table = Table("milliseconds", *kinds.values(), title=f"{count:,} gates on {database}")
        for name, took in cases.items():
            table.add_row(name, *(f"{took[key]:.1f}" if key in took else "" for key in kinds))
        Console().print(table)
    inboxes = [took["p95_ms"] for cases in results.values() for name, took in cases.items() if name.startswith("inbox")]
    record = {
        "bench": "gates",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": round(os.getloadavg()[0], 1),
        "gates": count,
        "results": results,
        "bar": {"inbox_p95_ms": BAR_MS},
        "met": max(inboxes) < BAR_MS,
    }
    if not quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
