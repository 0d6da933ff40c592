"""One round: a gate, a press on it, the worker killed between the two and its effect, and what is so afterwards."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tests.e2e.forked import alive, gone, kill
from tests.e2e.gated import Gated

Kind: TypeAlias = Literal["query", "term"]
EVENTS = 60
"""Statements and commits of one approval in the product's database, and some more."""
SECONDS = 0.5
"""How long after the press a worker is killed at most, where it is by the clock."""
AGAIN = 0.3
"""Chance that the worker which takes the turn up again is killed too."""


@dataclass(frozen=True, slots=True)
class Round:
    """What became of one approval. `kills` is how often its worker died before it was through."""

    kind: Kind
    kills: int
    effects: int
    decided: int
    begun: int
    state: str
    run: str
    read: int
    """Times that the query ran; it only reads, so a crash before its answer was kept makes it run again."""

    @property
    def right(self) -> bool:
        """Exactly one effect of exactly one decision, with the run at its end."""
        return (self.effects, self.decided, self.begun, self.state, self.run) == (1, 1, 1, "decided", "completed")


@dataclass
class Crashing:
    """Rounds with one worker at a time."""

    product: Gated
    chance: random.Random
    worker: int = 0

    async def round(self, number: int, kind: Kind) -> Round:
        """Press three times, as an impatient chat service delivers it, and kill on the way."""
        product = self.product
        if not self.worker or not alive(self.worker):
            self.worker = product.workers.fork()
        gate = await (product.ask(number) if kind == "query" else product.propose(number))
        results = product.count("SELECT count(*) FROM result")
        killing: Callable[[], Awaitable[None]] = self._by_event if self.chance.random() < 0.7 else self._by_clock
        press = product.press(gate, f"press:{gate}")
        if killing == self._by_event:
            product.workers.fuse.arm(self.chance.randint(1, EVENTS))
        taken = [await product.queue.accept(press) for _ in range(3)]
        assert taken == [True, False, False]
        await killing()
        kills = 0
        while not alive(self.worker):
            kills += 1
            product.workers.fuse.arm(self.chance.randint(1, EVENTS) if self.chance.random() < AGAIN else 0)
            self.worker = product.workers.fork()
            await product.until(self._over)
        product.workers.fuse.arm(0)
        return self._told(gate, kind, kills, product.count("SELECT count(*) FROM result") - results)

    def _over(self) -> bool:
        return not alive(self.worker) or not self.product.unfinished()

    async def _by_event(self) -> None:
        await self.product.until(self._over)

    async def _by_clock(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, SECONDS))
        kill(self.worker)
        await gone(self.worker)

    def _told(self, gate: str, kind: Kind, kills: int, results: int) -> Round:
        product, run = self.product, gate.removesuffix(":gate")
        entries = "SELECT count(*) FROM audit_entry WHERE subject = ? AND what = ?"
        if kind == "term":
            effects = product.count("SELECT count(*) FROM term WHERE id = ?", f"term-{run[1:]}")
        else:
            answers = "SELECT count(*) FROM web_message WHERE thread = ? AND card LIKE '%Orders: 300%'"
            effects = product.count(answers, f"thread-{run}")
        return Round(
            kind,
            kills,
            effects,
            product.count(entries, gate, "gate.decided"),
            product.count(entries, gate, "gate.begun"),
            product.rows("SELECT state FROM gate WHERE id = ?", gate)[0][0],
            product.rows("SELECT state FROM run WHERE id = ?", run)[0][0],
            results,
        )
