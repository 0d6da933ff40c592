"""Mutated trees and spliced texts: whatever the guard lets through changes nothing in a writable database."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from knowledge.errors import KnowledgeError
from knowledge.guard import read_sql, render
from tests.knowledge.policy.queries import query
from tests.knowledge.policy.world import Duck, Lite, guarded

ATTACKS = [
    line.split(" | ", 1)[1]
    for line in (Path(__file__).parents[1] / "fixtures/guard/attacks.txt").read_text().splitlines()
    if " | " in line and not line.startswith("#")
]


@pytest.fixture(scope="module", params=[Lite, Duck])
def shop(request: pytest.FixtureRequest) -> Iterator[Lite | Duck]:
    made = request.param()
    yield made
    made.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_what_gets_through_changes_nothing(shop: Lite | Duck, random: Random) -> None:
    before = _digest(shop)
    for candidate in (_mutated(random, shop.dialect), _spliced(random, shop.dialect)):
        with suppress(KnowledgeError, *_UNREADABLE):
            tree = candidate if isinstance(candidate, exp.Expr) else read_sql(candidate, shop.dialect)
            sql = render(guarded(tree, shop.dialect, rows=50), shop.dialect)
            assert sql.lstrip("(").startswith(("SELECT", "WITH"))
            with suppress(shop.error):
                shop.ask(sql, full=True)
    assert _digest(shop) == before


_UNREADABLE = (sqlglot.errors.SqlglotError, ValueError, TypeError, AttributeError)


def _mutated(random: Random, dialect: str) -> exp.Expr:
    """A good query with a part of an attack in place of one of its nodes."""
    tree = query(random, dialect)
    with suppress(*_UNREADABLE):
        attack = sqlglot.parse_one(random.choice(ATTACKS), read=dialect)
        random.choice(list(tree.walk())[1:]).replace(random.choice(list(attack.walk())).copy())
    return tree


def _spliced(random: Random, dialect: str) -> str:
    """A good query's text, cut somewhere and continued with an attack's."""
    good, bad = query(random, dialect).sql(dialect), random.choice(ATTACKS)
    cut = random.randrange(len(good))
    return good[:cut] + random.choice(("", ";", "'", '"', "--\n", "/*", ") ")) + bad[random.randrange(len(bad)) :]


def _digest(shop: Lite | Duck) -> str:
    tables = "sqlite_schema" if shop.dialect == "sqlite" else "duckdb_tables()"
    counted = [shop.ask(f"SELECT * FROM {table}", full=True) for table in ("customers", "orders", "cities")]
    return repr((counted, shop.ask(f"SELECT count(*) FROM {tables}", full=True)))
