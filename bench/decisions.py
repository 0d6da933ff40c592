"""From the press on Approve to its effect, on SQLite: through the real queue and worker, and in process without them.

`python -m bench.decisions [--quick] [--presses N] [--pause SECONDS]`

Each press approves a change of a term; its effect is the new version of that term, whose time the database keeps.
Through the queue a press is accepted as the server does it and handled by a worker in a process of its own; in process
the same handler takes the same presses one after the other. They come at a steady pace, timed from when each was due.
Beside the clock stands the processor time that the handling takes, which other work on the machine does not change.
"""

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conversation.activity import CardAction
from infra.bootstrap import turn_handler
from tests.e2e.gated import Gated, gated

RESULTS = Path(__file__).parent / "results" / "decisions.json"
BAR_MS = 150.0
WARM = 10
"""Presses of each way that are not counted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One way to the effect; milliseconds."""

    way: str
    presses: int
    p50: float
    p95: float
    worst: float
    processor: float


async def pressed(
    product: Gated, gates: dict[int, str], pause: float, deliver: Callable[[CardAction], Awaitable[object]]
) -> list[float]:
    """Milliseconds from when each press was due to its effect."""
    due: dict[str, float] = {}
    start = time.time() + 0.1
    for at, (number, gate) in enumerate(gates.items()):
        due[f"term-{number}"] = start + at * pause
        await asyncio.sleep(max(0.0, start + at * pause - time.time()))
        await deliver(product.press(gate, f"press:{gate}"))
    made = f"SELECT count(*) FROM term WHERE id IN ({', '.join('?' * len(due))})"
    await product.until(lambda: product.count(made, *due) == len(due))
    rows = product.rows(f"SELECT id, changed_at FROM term WHERE id IN ({', '.join('?' * len(due))})", *due)
    return [(datetime.fromisoformat(at).timestamp() - due[id]) * 1000 for id, at in rows]


def measured(way: str, took: list[float], processor: float) -> Measured:
    """The distribution of all presses but the first; `processor` seconds went into all of them."""
    each = processor / len(took) * 1000
    took = sorted(took[WARM:])
    at = [took[min(len(took) - 1, int(len(took) * share))] for share in (0.5, 0.95)]
    return Measured(way, len(took), *(round(value, 1) for value in (*at, took[-1], each)))


def spent(process: int) -> float:
    """Seconds of processor time of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def bench(presses: int, pause: float, folder: Path) -> list[Measured]:
    """Both ways, one after the other, on one database."""
    async with gated(folder) as product:
        async with turn_handler(product.settings) as handler:
            gates = {number: await product.propose(number) for number in range(presses + WARM)}
            began = time.process_time()
            took = await pressed(product, gates, pause, handler.handle)
            direct = measured("in process", took, time.process_time() - began)
        worker, first = product.workers.fork(), 100_000
        await product.queue.accept(product.press(await product.propose(first - 1), "first"))
        await product.until(lambda: not product.unfinished())
        gates = {number: await product.propose(number) for number in range(first, first + presses + WARM)}
        before = spent(worker)
        took = await pressed(product, gates, pause, product.queue.accept)
        return [measured("through queue and worker", took, spent(worker) - before), direct]


def report(found: list[Measured], pause: float) -> dict[str, object]:
    """A table for people, JSON for machines."""
    table = Table(title=f"From press to effect, a press every {pause * 1000:g} ms, milliseconds")
    names = ("way", "presses", "p50", "p95", "worst", "processor")
    for name in names:
        table.add_column(name, justify="left" if name == "way" else "right")
    rows = []
    for one in found:
        cells = (one.way, one.presses, one.p50, one.p95, one.worst, one.processor)
        table.add_row(*(str(cell) for cell in cells))
        rows.append(dict(zip(names, cells, strict=True)))
    Console(width=100).print(table)
    load = os.getloadavg()[0]
    return {
        "bench": "decisions",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "load": round(load, 1),
        "pause_ms": pause * 1000,
        "bar": "p95 < 150 ms through queue and worker",
        "met": found[0].p95 < BAR_MS,
        "rows": rows,
    }


def main() -> None:
    """Measure, show, record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="30 presses each way, not recorded")
    arguments.add_argument("--presses", type=int, default=300)
    arguments.add_argument("--pause", type=float, default=0.2)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(bench(30 if given.quick else given.presses, given.pause, Path(folder)))
    result = report(found, given.pause)
    if not given.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
