"""Ten million rows from PostgreSQL to a Parquet file, as they come: peak memory of the process that carries them.

`python -m bench.stream [--quick] [--rows N]`

The rows are made by the server while they are read. A process of its own streams `Source.execute` into pyarrow's
ParquetWriter, notes its resident memory at every batch, and gives its peak as the kernel counted it. Memory is flat
when the second half of the rows raises the peak by less than a tenth.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from tests.postgres import postgres_server

RESULTS = Path(__file__).parent / "results" / "stream.json"
BAR_MB = 500.0
GROWTH = 1.1
ROWS = """
SELECT n AS id, n % 1000 AS customer, 'name ' || n AS name, (n / 7.0)::numeric(12, 2) AS amount,
  n / 3.0::float8 AS ratio,
  timestamp '2025-01-01' + n * interval '1 second' AS at, n % 2 = 0 AS paid FROM generate_series(1, {rows}::bigint) n
"""


async def carry(address: str, rows: int, target: Path) -> dict[str, float]:
    """Stream so many rows into a file; megabytes at half of the rows, at the peak, and seconds."""
    source = open_source(address, "facts")
    began, seen, half = time.perf_counter(), 0, 0.0
    writer: pq.ParquetWriter | None = None
    async for batch in source.execute(ROWS.format(rows=rows), Limits(rows=rows, seconds=3_600, bytes=2**42)):
        writer = writer or pq.ParquetWriter(target, batch.schema, compression="zstd")
        await asyncio.to_thread(writer.write_batch, batch)
        seen += batch.num_rows
        if seen <= rows / 2:
            half = _peak_mb()
    assert writer
    writer.close()
    await source.close()
    return {"rows": seen, "seconds": time.perf_counter() - began, "half_mb": half, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> dict[str, Any]:
    """The figures of a process of its own."""
    with postgres_server() as address, tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "facts.parquet"
        command = [sys.executable, "-m", "bench.stream", "--carry", address, "--rows", str(rows), "--to", str(target)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        kept = pq.ParquetFile(target).metadata
        assert kept.num_rows == rows == found["rows"]
        return {**found, "file_mb": target.stat().st_size / 1024 / 1024}


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--carry", help=argparse.SUPPRESS)
    arguments.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.carry:
        print(json.dumps(asyncio.run(carry(given.carry, given.rows, given.to))))
        return
    found = measure(500_000 if given.quick else given.rows)
    table = Table("rows", "seconds", "MB at half", "peak MB", "file MB", title="PostgreSQL to Parquet")
    table.add_row(f"{found['rows']:,}", *(f"{found[key]:.0f}" for key in ("seconds", "half_mb", "peak_mb", "file_mb")))
    Console().print(table)
    record = {
        "bench": "stream",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        **{key: round(value, 1) for key, value in found.items()},
        "bar": {"peak_mb": BAR_MB, "growth": GROWTH},
        "met": found["peak_mb"] < BAR_MB and found["peak_mb"] < GROWTH * found["half_mb"],
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
