"""What becomes of an approval whose worker is killed (kill -9) between the press and its effect.

`python -m bench.crash_gates [--quick] [--rounds N] [--seed N]`

Half of the rounds approve a query, half a change of a term, which is an effect in our own database. Each press is
delivered three times to the real queue. The worker kills itself at a random statement or commit in the product's
database, or is killed at a random moment; now and then the worker that takes the turn up again is killed too. Right is
one effect of one decision, with the run at its end.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conversation.audit import Verified
from tests.e2e.crashing import Crashing, Kind, Round
from tests.e2e.gated import TENANT, gated

RESULTS = Path(__file__).parent / "results" / "crash_gates.json"
KINDS: tuple[Kind, ...] = ("query", "term")


async def bench(rounds: int, seed: int, folder: Path) -> tuple[list[Round], bool]:
    """Every round, and whether the audit log of all of them holds."""
    told: list[Round] = []
    async with gated(folder) as product:
        crashing = Crashing(product, random.Random(seed))
        for number in range(rounds):
            told.append(await crashing.round(number, KINDS[number % len(KINDS)]))
        verified = isinstance(await product.stores.audit.verify(TENANT), Verified)
    return told, verified


def report(told: list[Round], verified: bool, seed: int) -> dict[str, object]:
    """A table for people, JSON for machines."""
    table = Table(title=f"{len(told)} approvals under kill -9")
    for name in ("what", "approvals", "killed before the end", "kills", "right", "effect missing", "effect twice"):
        table.add_column(name, justify="left" if name == "what" else "right")
    rows = []
    for kind in KINDS:
        these = [one for one in told if one.kind == kind]
        effects = Counter("missing" if one.effects < 1 else "twice" if one.effects > 1 else "once" for one in these)
        row = {
            "what": kind,
            "approvals": len(these),
            "killed": sum(one.kills > 0 for one in these),
            "kills": sum(one.kills for one in these),
            "right": sum(one.right for one in these),
            "missing": effects["missing"],
            "twice": effects["twice"],
        }
        table.add_row(*(str(cell) for cell in row.values()))
        rows.append(row)
    console = Console(width=120)
    console.print(table)
    again = sum(one.read > 1 for one in told)
    console.print(f"{again} queries read their rows again after a crash; each was answered once.")
    return {
        "bench": "crash_gates",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "seed": seed,
        "bar": "the effect exactly once in every round, never twice",
        "met": verified and all(one.right for one in told),
        "audit_verified": verified,
        "read_again": again,
        "wrong": [repr(one) for one in told if not one.right],
        "rows": rows,
    }


def main() -> None:
    """Kill, count, record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="10 rounds, not recorded")
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=2026)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told, verified = asyncio.run(bench(10 if given.quick else given.rounds, given.seed, Path(folder)))
    result = report(told, verified, given.seed)
    if not given.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
