"""How long Slack waits for its acknowledgement, while the turns behind it are worked off.

`python -m bench.acknowledgement [--quick] [--seconds N] [--rates 50,100,200]`

Starts Quillux as `quillux run --demo` does, a fake Slack, and a bare Bolt echo app, each as a process of its own, and
sends signed mentions at a steady pace, whether or not the answers keep up: each latency counts from the moment at which
the event was due. Every event is another message in another thread, with a question of the demo warehouse.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.fixtures.fake_slack import BOT_TOKEN, SECRET, event_body

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "acknowledgement.json"
BAR_MS = 50.0
_NUMBERS = itertools.count()
QUESTIONS = (
    "How many orders did we ship per region last month?",
    "Revenue per month in 2025",
    "Top 5 products by revenue",
    "How many customers do we have?",
    "Average order value per country",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One rate against one target; milliseconds."""

    target: str
    rate: int
    sent: int
    failed: int
    p50: float
    p99: float
    worst: float


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A child that ends with the block; what it says goes to a file."""
    with log.open("w") as out:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out)
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()


def mention() -> tuple[bytes, dict[str, str]]:
    """A signed mention that never came before."""
    number = next(_NUMBERS)
    ts = f"{int(time.time())}.{number:06d}"
    event = {
        "type": "app_mention",
        "user": f"U{number % 200}",
        "text": f"<@UBOT> {QUESTIONS[number % len(QUESTIONS)]}",
        "ts": ts,
        "channel": f"C{number % 40}",
        "event_ts": ts,
    }
    installed = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True}
    return event_body(
        {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": f"Ev{number}",
            "event_time": int(time.time()),
            "authorizations": [{**installed, "is_enterprise_install": False}],
            "event": event,
        }
    )


async def ready(address: str, seconds: float) -> None:
    """Wait until a mention is acknowledged."""
    until = time.monotonic() + seconds
    async with aiohttp.ClientSession() as client:
        while time.monotonic() < until:
            body, headers = mention()
            try:
                async with client.post(address, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit(f"{address} did not become ready in {seconds:.0f} s")


async def measure(target: str, address: str, rate: int, seconds: float) -> Measured:
    """Send at a steady pace; wait for all acknowledgements."""
    latencies: list[float] = []
    failed = 0
    connector = aiohttp.TCPConnector(limit=500)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as client:

        async def send(due: float) -> None:
            nonlocal failed
            body, headers = mention()
            try:
                async with client.post(address, data=body, headers=headers) as answer:
                    await answer.read()
                    failed += answer.status != 200
            except (aiohttp.ClientError, TimeoutError):
                failed += 1
            latencies.append((time.monotonic() - due) * 1000)

        start = time.monotonic() + 0.1
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                due = start + number / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(send(due))
    latencies.sort()
    at = [latencies[min(len(latencies) - 1, int(len(latencies) * share))] for share in (0.5, 0.99)]
    return Measured(target, rate, len(latencies), failed, *(round(value, 2) for value in (*at, latencies[-1])))


async def bench(rates: list[int], seconds: float, folder: Path) -> list[Measured]:
    """Both targets at every rate, one after the other."""
    slack, quillux, bolt = free_port(), free_port(), free_port()
    api = f"http://127.0.0.1:{slack}/api/"
    settings = {
        "QUILLUX_CONFIG": str(folder / "none.toml"),
        "QUILLUX_DATA": str(folder / "data"),
        "QUILLUX_SERVER__PORT": str(quillux),
        "QUILLUX_SLACK__BOT_TOKEN": BOT_TOKEN,
        "QUILLUX_SLACK__SIGNING_SECRET": SECRET,
        "QUILLUX_SLACK__API_URL": api,
    }
    targets = {
        "quillux": (quillux, [sys.executable, "-m", "infra.cli.main", "run", "--demo"], 180.0),
        "bolt echo": (bolt, [sys.executable, "-m", "bench.bolt_echo", str(bolt), api], 30.0),
    }
    measured: list[Measured] = []
    with process([sys.executable, "-m", "tests.fixtures.fake_slack", str(slack)], {}, folder / "slack.log"):
        for target, (port, command, patience) in targets.items():
            with process(command, settings, folder / f"{target}.log"):
                address = f"http://127.0.0.1:{port}/slack/events"
                await ready(address, patience)
                await measure(target, address, 20, 2)  # warm
                for rate in rates:
                    measured.append(await measure(target, address, rate, seconds))
    return measured


def report(measured: list[Measured], seconds: float) -> dict[str, object]:
    """A table for people, JSON for machines."""
    table = Table(title=f"Acknowledgement of signed Slack events, {seconds:g} s each, milliseconds")
    for name in ("target", "events/s", "sent", "failed", "p50", "p99", "worst", "p99 as a multiple of bare Bolt"):
        table.add_column(name, justify="left" if name == "target" else "right")
    bare = {one.rate: one.p99 for one in measured if one.target == "bolt echo"}
    rows = []
    for one in measured:
        ratio = round(one.p99 / bare[one.rate], 2) if bare.get(one.rate) else None
        cells = (one.target, one.rate, one.sent, one.failed, one.p50, one.p99, one.worst, ratio)
        table.add_row(*(str(cell) for cell in cells))
        rows.append(dict(zip(("target", "rate", "sent", "failed", "p50", "p99", "worst", "ratio"), cells, strict=True)))
    Console(width=120).print(table)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    met = all(one.p99 < BAR_MS and not one.failed for one in measured if one.target == "quillux" and one.rate <= 100)
    return {
        "bench": "acknowledgement",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "seconds": seconds,
        "bar": "p99 < 50 ms at 100/s",
        "met": met,
        "rows": rows,
    }


def main() -> None:
    """Measure, show, record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="5 seconds a rate, not recorded")
    arguments.add_argument("--seconds", type=float, default=20.0)
    arguments.add_argument("--rates", default="50,100,200")
    given = arguments.parse_args()
    seconds = 5.0 if given.quick else given.seconds
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(bench([int(rate) for rate in given.rates.split(",")], seconds, Path(folder)))
    result = report(measured, seconds)
    if not given.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
