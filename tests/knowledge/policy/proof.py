"""Runs queries both ways: with rules written in on the whole shop, and as they are on the restricted copy."""

from collections import Counter
from random import Random

from sqlglot import exp

from knowledge.errors import KnowledgeError
from knowledge.guard import render
from tests.knowledge.policy.queries import query
from tests.knowledge.policy.world import RULES, SECRET, Duck, Lite, guarded, rewritten, seen_catalog

World = Lite | Duck
ROWS = 2_000
"""Most rows of a query that is compared."""


def differs(world: World, tree: exp.Expr) -> str:
    """Empty when both ways give the same rows; `error` when the query runs neither way; else what differs.

    A result that the guard's limit cuts off counts as `error`: which of its rows come is up to the database.
    """
    dialect = world.dialect
    try:
        plain = render(guarded(tree, dialect, seen_catalog(dialect), ROWS), dialect)
        written = rewritten(tree, dialect, RULES, ROWS)
    except KnowledgeError as error:
        return f"refused: {error.what}"
    expected, found = outcome(world, plain, full=False), outcome(world, written, full=True)
    if SECRET in found:
        return f"the secret is seen: {written}"
    if expected == found:
        return "error" if expected == "error" else ""
    return f"{plain}\n--- {written}\n{expected[:300]}\n--- {found[:300]}"


def outcome(world: World, sql: str, *, full: bool) -> str:
    """The rows in some order, or the word `error`."""
    try:
        rows = world.ask(sql, full=full)
        return repr(sorted(map(repr, rows))) if len(rows) <= ROWS else "error"
    except world.error:
        return "error"


def prove(world: World, count: int, seed: int = 7) -> tuple[Counter[str], list[str]]:
    """How many random queries ran the same both ways, and each difference."""
    random = Random(seed)
    tally: Counter[str] = Counter()
    wrong = []
    while tally["same"] < count:
        found = differs(world, query(random, world.dialect))
        if found in ("", "error"):
            tally["same" if not found else "error"] += 1
        elif found.startswith("refused"):
            tally[found] += 1
        else:
            tally["different"] += 1
            wrong.append(found)
        if sum(tally.values()) > 3 * count:
            break
    return tally, wrong
