"""What data policies cost, and the proof that rewritten queries give what a restricted copy gives.

`python -m bench.policy [--quick]`

Decision: 100 rules, one person, three tables, nothing kept from before; and ten thousand tables at once. Rewriting: a
join of two restricted tables. Proof: random queries over SQLite and DuckDB, both ways; a difference ends with 1.
"""

import argparse
import asyncio
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from infra.policy import FilePolicy
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.guard import tables_of
from knowledge.policy import apply, key_of, visible
from tests.knowledge.policy.proof import World, prove
from tests.knowledge.policy.world import RULES, TABLES, Duck, Lite, catalog, guarded, parsed

RESULTS = Path(__file__).parent / "results" / "policy.json"
SQL = (
    "SELECT c.region, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id "
    "WHERE o.total > 5 GROUP BY c.region"
)


def rules_file(folder: Path) -> Path:
    """A hundred rules: filters, masks by tag, hidden columns, for groups."""
    rules: list[dict[str, object]] = [
        {
            "name": f"rule {number}",
            "tables": [f"shop.t{number}*"],
            "for": {"groups": [f"g{number % 10}"]},
            "hide": ["c3"],
        }
        for number in range(98)
    ]
    rules.append({"name": "own", "tables": ["shop.orders", "shop.customers"], "filter": "region IN ({groups})"})
    rules.append({"name": "personal", "tables": ["*"], "mask": {"tag:pii:*": "hash"}})
    path = folder / "policies.yaml"
    path.write_text(json.dumps({"rules": rules}))
    return path


def big() -> Catalog:
    """Ten thousand tables of fifteen columns."""
    columns = tuple(
        Column(f"c{number}", DataType.TEXT, tags=("pii:email",) if number == 4 else (), values=("a", "b"))
        for number in range(15)
    )
    return Catalog(tuple(Table("shop", f"t{number}", columns) for number in range(10_000)), {"shop": "postgres"})


def timed(work: Callable[[int], object], runs: int) -> float:
    """Median milliseconds."""
    took = []
    for number in range(runs):
        began = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def costs(runs: int) -> dict[str, float]:
    """Milliseconds of a decision, of ten thousand decisions, of the view of a catalog, and of rewriting."""
    with tempfile.TemporaryDirectory() as folder:
        policy = FilePolicy(rules_file(Path(folder)), "salt")
    loop = asyncio.new_event_loop()
    whole = big()
    asker = Asker("t", "ada", ("member",), ("g1", "eu"))

    def decide(number: int) -> None:
        loop.run_until_complete(policy.rules(Asker("t", f"p{number}", ("member",), ("g1", "eu")), TABLES))

    began = time.perf_counter()
    rules = loop.run_until_complete(policy.rules(asker, whole.tables))
    decided = time.perf_counter()
    visible(whole, rules)
    seen = time.perf_counter()
    query = guarded(parsed(SQL, "postgres"), "postgres")
    tables = {key_of(table): table for table in tables_of(query, catalog("postgres"), "shop")}
    found = {
        "decision_ms": timed(decide, runs),
        "decided_again_ms": timed(lambda _: loop.run_until_complete(policy.rules(asker, TABLES)), runs),
        "ten_thousand_tables_ms": (decided - began) * 1000,
        "visible_first_ms": (seen - decided) * 1000,
        "visible_again_ms": timed(lambda _: visible(whole, rules), runs),
        "rewriting_ms": timed(lambda _: apply(query, tables, RULES, "postgres"), runs),
    }
    loop.close()
    return found


def proof(count: int) -> dict[str, dict[str, int]]:
    """Queries that ran the same, differently, or in neither way, by database; each in a process of its own."""
    with ProcessPoolExecutor(2) as pool:
        return dict(zip(("sqlite", "duckdb"), pool.map(_proved, (Lite, Duck), (count, count)), strict=True))


def _proved(make: type[World], count: int) -> dict[str, int]:
    world = make()
    tally, wrong = prove(world, count)
    world.close()
    for difference in wrong[:5]:
        print(difference[:4_000], file=sys.stderr)
    refused = sum(number for what, number in tally.items() if what.startswith("refused"))
    return {"same": tally["same"], "different": tally["different"], "neither": tally["error"] + refused}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run that is not kept")
    quick = parser.parse_args().quick
    measured, proved = costs(50 if quick else 300), proof(100 if quick else 5_000)
    grid = Grid("what", "measured")
    for name, milliseconds in measured.items():
        grid.add_row(name, f"{milliseconds:.2f}")
    for dialect, tally in proved.items():
        grid.add_row(f"proof on {dialect}", f"{tally['same']:,} the same, {tally['different']} different")
    Console().print(grid)
    result = {
        "bench": "policy",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{name: round(milliseconds, 3) for name, milliseconds in measured.items()},
        "proof": proved,
    }
    if not quick:
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result))
    if any(tally["different"] for tally in proved.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
