"""What an answer from the cache costs, in process and in Redis, beside running its query.

`python -m bench.cache [--quick] [--times N]`

Orders in a Parquet file are asked through the engine: a total, a table by day, and 20,000 rows. `running` is the engine
without a cache; a hit reads the query, asks the policy, finds the answer and unpacks it. At the end fifty people of one
entitlement ask the same at once. Without a redis-server that column is left out.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

import duckdb
import sqlglot
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from infra.cache import RedisCache
from knowledge.asker import Asker
from knowledge.cache.engine import CachedEngine
from knowledge.cache.memory import MemoryCache
from knowledge.cache.port import Cache, Sharing
from knowledge.catalog.model import Catalog
from knowledge.federation import DirectEngine, Request
from knowledge.policy import OPEN
from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from tests.fakes.sources import GivenSources

RESULTS = Path(__file__).parent / "results" / "cache.json"
QUERIES = {
    "total": "SELECT SUM(o.amount) AS total FROM orders AS o WHERE o.country = 'DE'",
    "by day": "SELECT day, COUNT(*) AS orders, SUM(amount) AS amount FROM orders GROUP BY day ORDER BY day",
    "20,000 rows": "SELECT id, day, country, amount FROM orders ORDER BY id LIMIT 20000",
}
ASKED_AT_ONCE = 50
Pair: TypeAlias = tuple[float, float]


def write_orders(path: Path, rows: int) -> None:
    """Orders of four countries over three years."""
    columns = (
        "i AS id",
        "DATE '2024-01-01' + (i % 1096)::INT AS day",
        "['DE', 'FR', 'IT', 'ES'][1 + i % 4] AS country",
        "(hash(i) % 100000) / 100 AS amount",
    )
    duckdb.sql(f"COPY (SELECT {', '.join(columns)} FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)")


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[Redis | None]:
    """A server of one's own on a socket; None where there is none."""
    if shutil.which("redis-server") is None:
        yield None
        return
    path = folder / "r.sock"
    words = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    while "eady to accept" not in server.stdout.readline():
        pass
    client = Redis.from_url(f"unix://{path}")
    try:
        yield client
    finally:
        await client.aclose()
        server.terminate()
        server.wait(10)


async def timed(work: Callable[[], Awaitable[object]], times: int) -> Pair:
    """Median and 95th percentile in milliseconds, after one call that is not counted."""
    await work()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


async def measure(folder: Path, rows: int, times: int) -> tuple[dict[str, dict[str, Pair]], Pair]:
    """By query and place; then fifty at once."""
    write_orders(folder / "orders.parquet", rows)
    source = open_source(str(folder / "orders.parquet"), "shop")
    tables = await source.introspect()
    sources = GivenSources(Catalog(tables, {"shop": source.dialect}), source)
    direct = DirectEngine(sources)
    found: dict[str, dict[str, Pair]] = {}
    async with redis_server(folder) as redis:
        caches: dict[str, Cache] = {"memory": MemoryCache(64 * 1024 * 1024)}
        if redis is not None:
            caches["redis"] = RedisCache(redis)
        for name, sql in QUERIES.items():
            request = Request(
                sqlglot.parse_one(sql, read="duckdb"), "shop", Asker("acme", "ada", ("member",)), Limits()
            )
            row = {"running": await timed(partial(direct.run, request), max(times // 10, 5))}
            for place, cache in caches.items():
                engine = CachedEngine(direct, sources, OPEN, cache, lambda _source: Sharing(3600))
                row[place] = await timed(partial(engine.run, request), times)
                assert (await engine.run(request)).cached
            found[name] = row
        together = await at_once(direct, sources)
    await source.close()
    return found, together


async def at_once(direct: DirectEngine, sources: GivenSources) -> Pair:
    """Milliseconds until all of fifty have their answer: without a cache, and with an empty one."""
    query = sqlglot.parse_one(QUERIES["by day"], read="duckdb")
    everybody = [Request(query, "shop", Asker("acme", f"p{n}", ("member",))) for n in range(ASKED_AT_ONCE)]
    engine = CachedEngine(direct, sources, OPEN, MemoryCache(1_000_000))
    took = []
    for by in (direct, engine):
        began = time.perf_counter()
        await asyncio.gather(*(by.run(request) for request in everybody))
        took.append((time.perf_counter() - began) * 1000)
    return took[0], took[1]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--times", type=int, default=300)
    given = arguments.parse_args()
    rows = 100_000 if given.quick else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        found, (without, shared) = asyncio.run(measure(Path(folder), rows, 30 if given.quick else given.times))
    table = Table("query", "place", "p50 ms", "p95 ms", title=f"{rows:,} orders in Parquet")
    for name, row in found.items():
        for place, (middle, late) in row.items():
            table.add_row(name, place, f"{middle:.2f}", f"{late:.2f}")
    table.add_row(f"{ASKED_AT_ONCE} at once", "running", f"{without:.0f}", "")
    table.add_row(f"{ASKED_AT_ONCE} at once", "memory, empty", f"{shared:.0f}", "")
    Console().print(table)
    record = {
        "bench": "cache",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": rows,
        "milliseconds": {
            name: {place: [round(value, 2) for value in pair] for place, pair in row.items()}
            for name, row in found.items()
        },
        "fifty_at_once_ms": {"running": round(without), "cached": round(shared)},
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
