"""From a question to its answer card, warm, over the demo warehouse, without a model.

`python -m bench.answers [--quick] [--rounds N]`

“turn” is one turn in the worker's process: the queue left out, database and checkpoints on disk as in the product.
“http” asks a started product by `POST /v1/messages?wait=30`: acceptance, queue, worker, answer. “query” is the
bare SQLite query of the same answers, as the part that nobody can take away.
"""

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from bench.acknowledgement import free_port, process
from conversation.activity import Message
from conversation.card import Code, elements
from conversation.principal import ConversationRef, Sender
from infra.bootstrap import turn_handler
from infra.demo import people, prepare, sources
from infra.identity.tokens import issue, signing_secret
from infra.settings import Settings
from infra.stores import open_stores
from infra.stores import prepare as prepare_stores

RESULTS = Path(__file__).parent / "results" / "answers.json"
P50_BAR, P95_BAR = 50.0, 150.0
QUESTIONS = (
    "How many orders did we ship per region last month?",
    "Revenue by category in the last 12 months",
    "Top 5 customers by revenue in Germany this year",
    "average order value per month in 2026",
    "How many customers do we have?",
    "How many orders per channel?",
    "orders in Q2 2026 by status",
    "total revenue per country last month",
    "average payment amount per method",
    "how many returns per reason this year",
    "top 10 products by revenue last month",
    "which carrier delivered the most shipments last month",
    "number of employees per store",
    "revenue per month in 2025",
    "customers without orders",
    "orders over 500 in Germany last month",
)


async def measure_turns(settings: Settings, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each turn, and of each bare query."""
    turns: list[float] = []
    queries: list[float] = []
    stores = open_stores(settings)
    async with turn_handler(settings) as handler:
        for number in range(rounds + 1):
            for question in QUESTIONS:
                where = ConversationRef("api", settings.tenant, "analyst", uuid.uuid4().hex, personal=True)
                message = Message(uuid.uuid4().hex, where, Sender("api", settings.tenant, "analyst"), question)
                began = time.perf_counter()
                await handler.handle(message)
                took = (time.perf_counter() - began) * 1000
                if number:  # the first round warms up
                    turns.append(took)
                    run = await stores.runs.get(settings.tenant, message.id)
                    queries += _bare(settings, run.card if run else None)
    await stores.engine.dispose()
    return turns, queries


def _bare(settings: Settings, card: object) -> list[float]:
    from conversation.card import Card

    if not isinstance(card, Card):
        return []
    sql = next((element.text for element in elements(card) if isinstance(element, Code)), "")
    if not sql:
        return []
    with sqlite3.connect(settings.data / "demo" / "warehouse.sqlite") as database:
        began = time.perf_counter()
        database.execute(sql).fetchall()
        return [(time.perf_counter() - began) * 1000]


async def measure_http(data: Path, rounds: int) -> list[float]:
    """Milliseconds of each question to a started product."""
    port = free_port()
    environment = {"QUILLUX_DATA": str(data), "QUILLUX_SERVER__PORT": str(port)}
    command = [sys.executable, "-m", "infra.cli.main", "run", "--demo"]
    with process(command, environment, data / "run.log"):
        settings = Settings(data=data)
        token = issue(signing_secret(settings), settings.tenant, "analyst", "Bench", 1)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:
            await _ready(client, f"http://127.0.0.1:{port}")
            took: list[float] = []
            for number in range(rounds + 1):
                for question in QUESTIONS:
                    began = time.perf_counter()
                    async with client.post(
                        f"http://127.0.0.1:{port}/v1/messages?wait=30",
                        json={"text": question, "conversation": uuid.uuid4().hex},
                    ) as answer:
                        assert (await answer.json())["state"] == "completed", await answer.text()
                    if number:
                        took.append((time.perf_counter() - began) * 1000)
            return took


async def _ready(client: aiohttp.ClientSession, address: str) -> None:
    for _ in range(600):
        try:
            async with client.get(f"{address}/ready") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.1)
    raise SystemExit("The product did not get ready within 60 s.")


def _row(name: str, took: list[float]) -> dict[str, float | str | int]:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {"path": name, "n": len(took), "p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98]}


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--rounds", type=int, default=20)
    given = arguments.parse_args()
    rounds = 3 if given.quick else given.rounds
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(data=data, people=people(), sources=sources(prepare(data)))
        prepare_stores(settings)
        turns, queries = asyncio.run(measure_turns(settings, rounds))
        http = asyncio.run(measure_http(data, rounds))
    rows = [_row("query", queries), _row("turn", turns), _row("http", http)]
    table = Table("path", "n", "p50 ms", "p95 ms", "p99 ms", title="question to answer card")
    for row in rows:
        table.add_row(str(row["path"]), str(row["n"]), *(f"{row[name]:.1f}" for name in ("p50_ms", "p95_ms", "p99_ms")))
    Console().print(table)
    turn = rows[1]
    record = {
        "bench": "answers",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "questions": len(QUESTIONS),
        "rows": [{k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
        "bar": {"p50_ms": P50_BAR, "p95_ms": P95_BAR},
        "met": float(turn["p50_ms"]) < P50_BAR and float(turn["p95_ms"]) < P95_BAR,
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
