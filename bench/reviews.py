"""`python -m bench.reviews [--quick]`: verified queries run again, and a change of a word tried on past questions.

Over the warehouse of the translator's tests. Measured are seconds by the clock and of the processor for a first round
(which records what each query gives) and a second one (which compares), with a few queries broken in between; and for
reading past questions again without and with a changed metric, within the ten seconds that the product gives it.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.verified import RESULTS, made
from conversation.principal import Principal
from graphs.nlq.desk import Approval, Desk
from graphs.review.checking import Checking
from graphs.review.effect import Effects, Past
from infra.store.tables import now
from knowledge.glossary import Metric, Term
from knowledge.sources.port import Limits
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation import RuleTranslator
from knowledge.verified.regress import Recorded
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.results import MemoryResults
from tests.fakes.sources import engine
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

EVA = Principal("eva", "bench", "Eva", ("member", "expert"))
BROKEN = 10
TAKINGS = Term("takings", "Takings", "metric", "approved", metric=Metric("shop", "orders", "SUM(total)"))


@dataclass(frozen=True, slots=True)
class Asked:
    """`graphs.review.effect.PastQuestions` that were made up."""

    pasts: Sequence[Past]

    async def of(self, tenant: str, limit: int = 1_000) -> Sequence[Past]:
        """All of them."""
        return self.pasts[:limit]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="bench.reviews")
    parser.add_argument("--quick", action="store_true", help="100 queries and questions; not kept")
    options = parser.parse_args()
    row = asyncio.run(measured(100 if options.quick else 1_000))
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "reviews.json").write_text(json.dumps(row, indent=1) + "\n")
    print(json.dumps(row))


async def measured(size: int) -> dict[str, Any]:
    """Both measures over `size` queries and questions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.sqlite"
        catalog = await asyncio.to_thread(write_warehouse, path)
        pairs = [replace(pair, tenant="bench") for pair in made(catalog, size, random.Random(5))]
        source = SqliteSource("shop", path)
        running = engine(catalog, source)
        checking = Checking(running, now)
        first, row_first = await timed("first round", lambda: checking.all("bench", pairs, {}))
        before = {one.id: one for one in first if one is not None}
        spoilt = [replace(one, rows="other") if at < BROKEN else one for at, one in enumerate(before.values())]
        known = {one.id: one for one in spoilt}
        second, row_second = await timed("second round", lambda: checking.all("bench", pairs, known))
        desk = Desk(
            running, RuleTranslator(), MemoryResults(), Limits(), Approval(10**9, 10**9, (), self_approval=False),
            today, glossary=MemoryGlossaries(TAKINGS, tenant="bench"),
        )  # fmt: skip
        asked = Asked([Past(text, 1) for text in questions(size)])
        changed = replace(TAKINGS, metric=Metric("shop", "orders", "SUM(total)", ("status = 'paid'",)))
        effects = Effects(desk, asked)
        await Effects(desk, Asked(asked.pasts[:1])).of(TAKINGS, changed, EVA)  # the index stands in a running product
        effect, row_effect = await timed("effect of a change", lambda: effects.of(TAKINGS, changed, EVA))
        running.close()
    return {
        "queries": len(pairs),
        "first": row_first,
        "second": row_second,
        "sound": count(first, "sound"),
        "broken_planted": BROKEN,
        "broken_found": count(second, "differs"),
        "effect": {**row_effect, "questions": effect.total, "looked": effect.looked, "changed": len(effect.changes)},
    }


def today() -> date:
    """The day of the warehouse."""
    return TODAY


def questions(size: int) -> list[str]:
    """Past questions; every tenth says the word that changes."""
    countries, groups = ("Germany", "France", "Sweden", "Spain"), ("country", "store", "month", "carrier")
    months = ("January", "March", "May", "July", "August", "October", "December")
    return [
        f"{'takings' if at % 10 == 0 else 'number of orders'} in {countries[at % 4]} by {groups[at // 4 % 4]} in "
        f"{months[at // 16 % 7]} {2024 + at // 112 % 3}"
        for at in range(size)
    ]


def count(found: Sequence[Recorded | None], state: str) -> int:
    """How many are in a state."""
    return sum(1 for one in found if one is not None and one.state == state)


async def timed(what: str, work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What came of it, with seconds by the clock and of the processor."""
    began, spent = time.perf_counter(), time.process_time()
    result = await work()
    row = {"s": round(time.perf_counter() - began, 2), "cpu_s": round(time.process_time() - spent, 2)}
    print(f"{what:<20} {row['s']:>8.2f} s {row['cpu_s']:>8.2f} s of the processor")
    return result, row


if __name__ == "__main__":
    main()
