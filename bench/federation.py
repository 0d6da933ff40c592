"""Joins over PostgreSQL, MariaDB and Parquet, on TPC-H spread over the three.

`python -m bench.federation [--quick] [--scale 0.1 --scale 1]`

Beside ours: the same query over all data in one DuckDB, and a naive federation that pulls every table that the query
names, whole, over the same sources into the same DuckDB, and joins there. Selective queries ask for a few things that
are found through all three sources; the TPC-H queries are the specification's. Times are medians; each answer is
compared with that of one database. At scale 1 only the selective queries run; a scale
that is not run keeps its record; `--quick` is scale 0.01 and is not
recorded.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table as Shown
from sqlglot import exp

from bench.tpch.generate import generate
from bench.tpch.places import HOMES, of, opened, write_mariadb, write_parquet, write_postgres
from bench.tpch.queries import QUERIES, spread
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Table
from knowledge.errors import SourceUnavailable
from knowledge.federation import EVERYWHERE, DirectEngine, Request
from knowledge.federation.gather import Gathering
from knowledge.federation.plan import Fetch, Field, Plan, plan
from knowledge.federation.types import duckdb_type
from knowledge.federation.workbench import Bounds, Workbench
from knowledge.sources.port import Limits, Source
from tests import mariadb, postgres

RESULTS = Path(__file__).parent / "results" / "federation.json"
ASKER = Asker("default", "bench", ("member",))
LIMITS = Limits(seconds=600.0)
FASTER_BAR, PLANNING_BAR_MS = 5.0, 5.0

SELECTIVE = {
    "one customer's parts": """
SELECT o_orderkey, o_orderdate, l_quantity, p_name, s_name FROM customer, orders, lineitem, part, supplier
WHERE c_name = 'Customer#000000010' AND o_custkey = c_custkey AND l_orderkey = o_orderkey AND p_partkey = l_partkey
  AND s_suppkey = l_suppkey ORDER BY o_orderkey, p_name, s_name, l_quantity""",
    "a day's revenue of a brand": """
SELECT c_mktsegment, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM customer, orders, lineitem, part
WHERE o_orderdate = DATE '1995-03-15' AND o_custkey = c_custkey AND l_orderkey = o_orderkey AND p_partkey = l_partkey
  AND p_brand = 'Brand#23' GROUP BY c_mktsegment ORDER BY c_mktsegment""",
    "buyers of one part": """
SELECT n_name, count(DISTINCT c_custkey) AS buyers FROM part, lineitem, orders, customer, nation
WHERE p_partkey BETWEEN 100 AND 110 AND l_partkey = p_partkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey
  AND n_nationkey = c_nationkey GROUP BY n_name ORDER BY n_name""",
}


class Given:
    """The open sources of the bench."""

    def __init__(self, catalog: Catalog, sources: Sequence[Source]) -> None:
        self._catalog = catalog
        self._sources = {source.name: source for source in sources}

    async def catalog(self, tenant: str) -> Catalog:
        return self._catalog

    def source(self, tenant: str, name: str) -> Source:
        if name not in self._sources:
            raise SourceUnavailable(f"There is no source {name}.")
        return self._sources[name]


@dataclass(frozen=True)
class Measured:
    """One query: milliseconds and rows that came from sources."""

    name: str
    ours_ms: float
    naive_ms: float
    duckdb_ms: float
    rows: int
    rows_naive: int
    same: bool

    @property
    def faster(self) -> float:
        return self.naive_ms / self.ours_ms


def naive_plan(query: exp.Query, catalog: Catalog) -> Plan:
    """Every table that the query names, whole, and the query over them."""
    tree = query.copy()
    fetches: dict[str, Fetch] = {}
    for node in list(tree.find_all(exp.Table)):
        if not node.db:
            continue
        table = catalog.by_key[node.db, "", node.name]
        alias = node.alias or node.name
        fetches.setdefault(node.name, _everything(table, catalog.dialects[table.source]))
        node.replace(exp.to_table(f"{node.name}_").as_(alias))
    return Plan(tuple(fetches.values()), tree, tuple(query.named_selects))


def _everything(table: Table, dialect: str) -> Fetch:
    columns = [exp.column(column.name, quoted=True) for column in table.columns]
    fields = tuple(Field(column.name, "" if dialect == "duckdb" else duckdb_type(column)) for column in table.columns)
    query = exp.select(*columns).from_(exp.to_table(table.name))
    return Fetch(f"{table.name}_", table.source, dialect, query, fields, (table.name,))


class Bench:
    """One scale."""

    def __init__(self, database: duckdb.DuckDBPyConnection, catalog: Catalog, sources: Sequence[Source]) -> None:
        self._database = database
        self._catalog = catalog
        self._given = Given(catalog, sources)
        self._bounds = Bounds(memory="4GB")
        self._engine = DirectEngine(self._given, bounds=self._bounds)
        self._naive = Workbench(self._bounds)

    async def measure(self, name: str, sql: str, runs: int) -> Measured:
        """Each way `runs` times, after a warm-up of ours."""
        query = spread(sql, HOMES)
        request = Request(query, EVERYWHERE, ASKER, LIMITS)
        await self._engine.run(request)
        ours, naive, alone = [], [], []
        rows = rows_naive = 0
        same = True
        for _ in range(runs):
            began = perf_counter()
            answer = await self._engine.run(request)
            ours.append((perf_counter() - began) * 1000)
            rows = sum(step.rows for step in answer.steps if not step.place)
            began = perf_counter()
            expected = self._database.execute(sql).fetchall()
            alone.append((perf_counter() - began) * 1000)
            same = same and _same(answer.table, expected)
        for _ in range(max(runs // 2, 1)):
            began = perf_counter()
            gathering = Gathering(naive_plan(query, self._catalog), request, self._given, self._naive, self._bounds)
            async for _batch in gathering.batches():
                pass
            naive.append((perf_counter() - began) * 1000)
            rows_naive = sum(step.rows for step in gathering.steps if not step.place)
        medians = [statistics.median(way) for way in (ours, naive, alone)]
        return Measured(name, medians[0], medians[1], medians[2], rows, rows_naive, same)

    def planning(self, runs: int) -> float:
        """Median milliseconds of this process while planning all queries."""
        trees = [spread(sql, HOMES) for sql in (*SELECTIVE.values(), *QUERIES.values())]
        times = []
        for _ in range(runs):
            for tree in trees:
                began = process_time()
                plan(tree, self._catalog, self._catalog.dialects)
                times.append((process_time() - began) * 1000)
        return statistics.median(times)


def _same(table: Any, expected: list[tuple[Any, ...]]) -> bool:
    found = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return len(found) == len(expected) and all(
        abs(value - want) <= 1e-12 * abs(want) if isinstance(want, float) else value == want
        for row, wanted in zip(found, expected, strict=True)
        for value, want in zip(row, wanted, strict=True)
    )


async def at_scale(scale: float, names: Sequence[str], runs: int) -> dict[str, Any]:
    """Makes the data and the servers, measures, and prints a table."""
    database = duckdb.connect()
    generate(database, scale)
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.postgres_server() as sales,
        mariadb.mariadb_server() as stock,
    ):
        write_parquet(database, Path(folder), of("lake"))
        write_postgres(database, sales, of("sales"))
        write_mariadb(database, stock, of("stock"))
        catalog, sources = await opened(sales, stock, Path(folder))
        bench = Bench(database, catalog, sources)
        planning = bench.planning(runs)
        selective = [await bench.measure(name, sql, runs) for name, sql in SELECTIVE.items()]
        others = [await bench.measure(name, QUERIES[name], max(runs // 2, 1)) for name in names]
        for source in sources:
            await source.close()
    _show(scale, selective + others)
    return {
        "scale": scale,
        "planning_p50_ms": round(planning, 2),
        "selective_faster": round(min(measured.faster for measured in selective), 1),
        "queries": {
            m.name: {
                "ours_ms": round(m.ours_ms, 1),
                "naive_ms": round(m.naive_ms, 1),
                "duckdb_ms": round(m.duckdb_ms, 1),
                "rows_shipped": m.rows,
                "rows_naive": m.rows_naive,
                "same": m.same,
            }
            for m in selective + others
        },
    }


def _show(scale: float, rows: Sequence[Measured]) -> None:
    heads = ("query", "ours ms", "naive ms", "times faster", "one DuckDB ms", "rows shipped", "naive", "same")
    table = Shown(*heads, title=f"TPC-H at scale {scale:g}")
    for m in rows:
        table.add_row(
            m.name, f"{m.ours_ms:,.0f}", f"{m.naive_ms:,.0f}", f"{m.faster:.1f}", f"{m.duckdb_ms:,.0f}", f"{m.rows:,}",
            f"{m.rows_naive:,}", "yes" if m.same else "NO",
        )  # fmt: skip
    Console(width=130).print(table)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--scale", type=float, action="append")
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    scales = [0.01] if given.quick else (given.scale or [0.1, 1.0])
    runs = 3 if given.quick else given.runs
    names = ("q3", "q5") if given.quick else tuple(QUERIES)
    kept = json.loads(RESULTS.read_text())["scales"] if RESULTS.exists() and not given.quick else []
    found = [scale for scale in kept if scale["scale"] not in scales]
    found += [asyncio.run(at_scale(scale, names if scale < 1 else (), runs)) for scale in scales]
    met = all(
        scale["selective_faster"] >= FASTER_BAR
        and scale["planning_p50_ms"] < PLANNING_BAR_MS
        and all(query["same"] for query in scale["queries"].values())
        for scale in found
    )
    record = {
        "bench": "federation",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "runs": given.runs,
        "scales": found,
        "bar": {"selective_faster": FASTER_BAR, "planning_p50_ms": PLANNING_BAR_MS},
        "met": met,
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
