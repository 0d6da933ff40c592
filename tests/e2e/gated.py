"""Gates in the real product, decided while its worker is killed: what each is for, and how its effect is counted.

Activities are accepted as the server does it, by the real queue; a worker of its own process handles them; what became
of it is read from the database.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.gates import Gate
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Run
from graphs.review.changing import Changing
from infra.durable import TurnQueue
from infra.risk import risks
from infra.settings import Answers, Person, Settings, SourceSetting
from infra.store.tables import now
from infra.store.web import SqlWebStore
from infra.stores import Stores, open_stores, prepare
from knowledge.glossary import Term
from tests.e2e.forked import Workers

ANN = Principal("ann", "default", "Ann", ("member", "expert"))
BEN = Principal("ben", "default", "Ben", ("member", "expert", "approver"))
PEOPLE = f"""
[[people]]
id = "ann"
name = "Ann"
roles = {list(ANN.roles)}

[[people]]
id = "ben"
name = "Ben"
roles = {list(BEN.roles)}
"""
TENANT = "default"
ROWS = 300


@dataclass
class Gated:
    """The product without a server: the queue's end of it, its stores, and workers to kill."""

    folder: Path
    settings: Settings
    stores: Stores
    queue: TurnQueue
    workers: Workers

    def count(self, query: str, *values: object) -> int:
        """A number that the product's database gives."""
        return int(self.rows(query, *values)[0][0] or 0)

    def rows(self, query: str, *values: object) -> list[Any]:
        """What the product's database holds."""
        file = self.folder / "data" / "quillux.sqlite"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def unfinished(self) -> int:
        """Turns that are accepted and not handled."""
        counts = (
            ("inbox.sqlite", "SELECT count(*) FROM inbox WHERE forwarded = 0"),
            ("queue.sqlite", "SELECT count(*) FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED')"),
        )
        found = 0
        for name, query in counts:
            with closing(
                sqlite3.connect(f"file:{self.folder / 'data' / name}?mode=ro", uri=True, timeout=10)
            ) as connection:
                found += connection.execute(query).fetchone()[0]
        return found

    async def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for something that comes about by itself; the log says why it did not."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not in {seconds} s; the log ends with\n{self.workers.log()}") from None

    async def ask(self, number: int) -> str:
        """A question of Ann's that waits for an approval, as she typed it; the gate's id."""
        id, where = f"q{number}", await self._place("ann", f"q{number}")
        message = Message(id, where, Sender("web", "default", "ann", "Ann"), "How many orders are there?")
        await self.queue.accept(message)
        gates = "SELECT count(*) FROM gate WHERE run = ?"
        await self.until(lambda: bool(self.count(gates, id)) and not self.unfinished())
        return f"{id}:gate"

    async def propose(self, number: int) -> str:
        """A change of a term that Ann proposes; the gate's id."""
        run = Run(f"t{number}", "default", await self._place("ann", f"t{number}"), ANN, "", "review")
        run = await self.stores.runs.begin(run)
        changing = Changing(self.stores.glossary, risks(self.settings), now)
        waits = await changing.propose(None, Term(f"term-{number}", f"Term {number}"), ANN, run, "")
        return (await self.stores.gates.open(waits.gate, channel="web")).id

    async def _place(self, person: str, name: str) -> ConversationRef:
        """A new conversation in the browser."""
        sender = Sender("web", "default", person, person.title())
        return (await SqlWebStore(self.stores.engine).open_thread("default", sender, f"thread-{name}", name)).where

    async def overdue(self, number: int, **times: str) -> str:
        """A gate of Ann's whose times are past, with Ben to be told; the gate's id."""
        run = await self.stores.runs.begin(Run(f"o{number}", TENANT, await self._place("ann", f"o{number}"), ANN, ""))
        await self.stores.directory.met(BEN, ConversationRef("web", TENANT, "ben", "", True))
        gate = Gate(f"o{number}:gate", TENANT, run.id, "nlq", "i", "Overdue", "", {}, ANN, ("approver",), "p")
        return (await self.stores.gates.open(replace(gate, **times))).id  # type: ignore[arg-type]

    def press(self, gate: str, id: str, person: str = "ben") -> CardAction:
        """Approve, pressed in the browser."""
        where = ConversationRef("web", "default", person, "", True)
        payload: JsonObject = {"gate": gate, "verdict": "approve"}
        return CardAction(
            id, where, Sender("web", "default", person, person.title()), "gate.decide", payload, {"reason": "fine"}
        )


@asynccontextmanager
async def gated(folder: Path, **more: str) -> AsyncIterator[Gated]:
    """A fresh product in a folder, with more settings from the environment; its workers die with the block."""
    with closing(sqlite3.connect(folder / "shop.sqlite")) as file, file:
        file.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL NOT NULL)")
        file.executemany("INSERT INTO orders (amount) VALUES (?)", [(n * 1.5,) for n in range(ROWS)])
    source = f'[[sources]]\nname = "shop"\naddress = "sqlite:///{folder}/shop.sqlite"\n'
    (folder / "quillux.toml").write_text(f"[answers]\napproval_rows_read = 100\n{source}{PEOPLE}")
    settings = Settings(
        data=folder / "data",
        answers=Answers(approval_rows_read=100),
        people=(Person(id="ann", name="Ann", roles=ANN.roles), Person(id="ben", name="Ben", roles=BEN.roles)),
        sources=(SourceSetting(name="shop", address=f"sqlite:///{folder}/shop.sqlite"),),
    )
    prepare(settings)
    stores, queue = open_stores(settings), TurnQueue(settings)
    environment = {
        "QUILLUX_CONFIG": str(folder / "quillux.toml"),
        "QUILLUX_DATA": str(folder / "data"),
        "QUILLUX_SERVER__LOG_LEVEL": "warning",
        **more,
    }
    await queue.start()
    try:
        with Workers(folder, environment) as workers:
            yield Gated(folder, settings, stores, queue, workers)
    finally:
        await queue.stop()
        await stores.engine.dispose()
