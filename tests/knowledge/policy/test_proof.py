"""The proof that rules hold: random queries both ways, and hostile ones that try to learn what is hidden."""

import itertools
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.errors import KnowledgeError
from knowledge.policy import TableRules
from tests.knowledge.policy import world as shop
from tests.knowledge.policy.proof import World, differs, outcome, prove
from tests.knowledge.policy.queries import query
from tests.knowledge.policy.world import HELD, RULES, SECRET, Duck, Lite, parsed, rewritten

OTHER = "another-2255"


@pytest.fixture(scope="module", params=[Lite, Duck])
def both(request: pytest.FixtureRequest) -> Iterator[World]:
    made: World = request.param()
    yield made
    made.close()


@pytest.fixture(scope="module", params=[Lite, Duck])
def worlds(request: pytest.FixtureRequest) -> Iterator[tuple[World, World]]:
    """The shop, and one that differs from it in nothing but what may not be seen."""
    with pytest.MonkeyPatch.context() as patch:
        one: World = request.param()
        patch.setattr(shop, "SECRET", OTHER)
        other: World = request.param()
    yield one, other
    one.close()
    other.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_a_random_query_gives_the_same_as_on_the_restricted_copy(both: World, random: Random) -> None:
    found = differs(both, query(random, both.dialect))
    assert found in ("", "error") or found.startswith("refused")


def test_the_proof_notices_a_rule_that_is_not_kept(both: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for table, rules in RULES.items():
        if rules.filters:
            with monkeypatch.context() as patch:
                open_rules = {**RULES, table: TableRules(rules.allowed, (), rules.masks, rules.hidden)}
                patch.setattr(
                    "tests.knowledge.policy.proof.rewritten", lambda t, d, _, n, r=open_rules: rewritten(t, d, r, n)
                )
                assert prove(both, 60)[0]["different"] > 0


COLUMNS = ("name", "email", "age", "phone", "joined", "region", "note", "pin", "rowid", "id")
TRIES = (
    "SELECT {c} FROM {t}",
    "SELECT * FROM {t} WHERE {c} LIKE '%s%'",
    "SELECT id FROM {t} ORDER BY {c}, id",
    "SELECT count(*) FROM {t} WHERE 1 / (CASE WHEN {c} LIKE 'se%' THEN 0 ELSE 1 END) > 0",
    "SELECT count(*) FROM {t} WHERE 1 / (id - 31) >= 0",
    "SELECT count(*) FROM {t} WHERE 9223372036854775807 + length({c}) > 0",
    "SELECT count(*) FROM {t} WHERE CAST({c} AS INTEGER) > 0",
    "SELECT count(*) FROM {t} WHERE name = 5",
    "SELECT count(*) FROM {t} WHERE sqrt(31 - id - 1) >= 0 OR ln(31 - id) > 0",
    "SELECT count(*) FROM {t} WHERE substr({c}, 1, 3) = 'ses'",
    "SELECT group_concat({c}) FROM (SELECT {c} FROM {t} ORDER BY {c})",
    "SELECT max({c}), min({c}) FROM {t}",
    "SELECT {c}, count(*) FROM {t} GROUP BY {c} HAVING max({c}) >= 's' ORDER BY 1",
    "SELECT first_value({c}) OVER (ORDER BY {c} DESC ROWS BETWEEN 9 PRECEDING AND UNBOUNDED FOLLOWING) FROM {t}",
    "SELECT lag({c}) OVER (ORDER BY id) FROM {t}",
    "SELECT (SELECT max(x.{c}) FROM {t} x WHERE x.id >= y.id) FROM {t} y",
    "SELECT id FROM {t} y WHERE EXISTS (SELECT 1 FROM {t} x WHERE x.{c} > y.{c} AND x.id = 31)",
    "WITH {t} AS (SELECT * FROM {t}) SELECT {c} FROM {t}",
    'WITH "{T}" AS (SELECT * FROM {t}) SELECT {c} FROM {t}',
    "WITH x AS (SELECT {c} FROM {t}), {t} AS (SELECT 1 AS one) SELECT * FROM x, {t}",
    'SELECT "{C}" FROM main."{T}"',
    "SELECT {t}.{c} FROM {t}",
    "SELECT main.{t}.{c} FROM main.{t}",
    "SELECT t.{c} FROM {t} AS t",
    "SELECT {c} FROM {t} AS t JOIN cities AS c2 ON c2.region = t.region OR t.{c} IS NOT NULL",
    "SELECT a.{c} FROM {t} a NATURAL JOIN {t} b",
    "SELECT {c} FROM {t} JOIN orders USING ({c})",
    "SELECT {c} FROM {t} UNION SELECT {c} FROM {t}",
    "SELECT id FROM {t} EXCEPT SELECT id FROM {t} WHERE {c} LIKE 's%'",
    "SELECT {t} FROM {t}",
    "SELECT count(*) FROM {t} AS {c} WHERE {c}.id = 31",
    "SELECT CASE WHEN {c} >= 'sesame' THEN 1 ELSE 0 END FROM {t}",
    "SELECT {c} IS NULL, length({c}), upper({c}), {c} || '' FROM {t}",
    "SELECT sum(1) FILTER (WHERE {c} LIKE '%e%') FROM {t}",
    "SELECT id FROM {t} LIMIT 40 OFFSET 20",
    "SELECT 1 FROM cities WHERE (SELECT count(*) FROM {t} WHERE {c} LIKE 's%') > 0",
    "SELECT o.email FROM orders o LEFT JOIN {t} c ON c.{c} = o.email WHERE o.total = 7741",
    "SELECT 1 AS {c} FROM cities ORDER BY (SELECT max({c}) FROM {t})",
)


def hostile() -> list[str]:
    """Every try with every column of both restricted tables."""
    return sorted(
        {
            text.format(c=c, t=t, C=c.upper(), T=t.upper())
            for text, c, t in itertools.product(TRIES, COLUMNS, ("customers", "orders"))
        }
    )


def test_nothing_that_is_hidden_changes_what_a_hostile_query_gives(worlds: tuple[World, World]) -> None:
    ran = 0
    for sql in hostile():
        try:
            written = rewritten(parsed(sql, worlds[0].dialect), worlds[0].dialect)
        except KnowledgeError:
            continue
        one, other = (_seen(world, written) for world in worlds)
        assert one == other, written
        assert SECRET not in one
        assert HELD not in one
        ran += one != "error"
    assert ran > 200


def _seen(world: World, sql: str) -> str:
    return outcome(world, sql, full=True)


def test_there_are_many_hostile_queries() -> None:
    assert len(hostile()) > 500
