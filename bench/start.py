"""How long a start takes and how much memory Quillux needs at rest.

`python -m bench.start [--quick] [--runs N]`

Starts `quillux run --demo` (server and worker) on data that was made before, waits for /ready, lets it rest, and reads
the memory of both processes from /proc: PSS counts pages that both share once, RSS counts them twice.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.acknowledgement import free_port, process
from infra.demo import prepare

RESULTS = Path(__file__).parent / "results" / "start.json"
REST_SECONDS = 5.0
START_BAR_S, MEMORY_BAR_MB = 5.0, 400.0


def measure(data: Path) -> tuple[float, float, float, float]:
    """Seconds until the server answers and until the worker is ready too; PSS and RSS at rest in MB."""
    port = free_port()
    environment = {"QUILLUX_DATA": str(data), "QUILLUX_SERVER__PORT": str(port)}
    began = time.perf_counter()
    with process([sys.executable, "-m", "infra.cli.main", "run", "--demo"], environment, data / "run.log"):
        listening = _until(f"http://127.0.0.1:{port}/health", began)
        ready = _until(f"http://127.0.0.1:{port}/ready", began)
        time.sleep(REST_SECONDS)
        pss, rss = _memory(str(data))
    return listening, ready, pss, rss


def _until(address: str, began: float) -> float:
    while time.perf_counter() - began < 60:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return time.perf_counter() - began
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise SystemExit(f"{address} did not answer within 60 s.")


def _memory(data: str) -> tuple[float, float]:
    """PSS and RSS in MB of every process that was started with this data folder."""
    pss = rss = 0
    for process_folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process_folder / "environ").read_bytes()
            if f"QUILLUX_DATA={data}".encode() not in environment.split(b"\0"):
                continue
            for line in (process_folder / "smaps_rollup").read_text().splitlines():
                pss += int(line.split()[1]) if line.startswith("Pss:") else 0
                rss += int(line.split()[1]) if line.startswith("Rss:") else 0
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return pss / 1024, rss / 1024


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        measure(Path(folder))  # makes the database and the catalogs
        runs = [measure(Path(folder)) for _ in range(1 if given.quick else given.runs)]
    listening, ready, pss, rss = (statistics.median(column) for column in zip(*runs, strict=True))
    table = Table("server answers s", "worker ready s", "PSS MB", "RSS MB", title=f"median of {len(runs)} starts")
    table.add_row(f"{listening:.2f}", f"{ready:.2f}", f"{pss:.0f}", f"{rss:.0f}")
    Console().print(table)
    record = {
        "bench": "start",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "runs": len(runs),
        "listening_s": round(listening, 2),
        "ready_s": round(ready, 2),
        "pss_mb": round(pss),
        "rss_mb": round(rss),
        "bar": {"listening_s": START_BAR_S, "pss_mb": MEMORY_BAR_MB},
        "met": listening < START_BAR_S and pss < MEMORY_BAR_MB,
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
