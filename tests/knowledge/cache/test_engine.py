"""An answer is given again to those with the same rights, while its data stands, and to nobody else."""

import asyncio
from dataclasses import replace

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.asker import Asker
from knowledge.cache.memory import MemoryCache
from knowledge.cache.port import Sharing, personal
from knowledge.catalog.model import Catalog
from knowledge.errors import Refused, SourceUnavailable
from knowledge.federation.port import Answer, Request
from knowledge.policy import Mask, Masking, TableRules
from knowledge.sources.opening import Identity
from knowledge.sources.port import Limits
from tests.knowledge.cache.world import ADA, BEN, CATALOG, CUSTOMERS, EVE, ORDERS, VISITS, Moving, World


def person(answer: Answer) -> str:
    return str(answer.table["person"][0].as_py())


async def test_an_answer_is_given_again_and_says_so() -> None:
    world = World()
    first = await world.ask()
    world.clock.now += 12
    again = await world.ask(asker=BEN)
    assert (first.cached, again.cached, world.inner.runs) == (False, True, 1)
    assert again.table.equals(first.table)
    assert again.steps[0].note == "keys shipped; from the cache, 12 s old"
    assert again.policies == ("p",)


async def test_it_is_not_given_to_those_with_other_rights() -> None:
    world = World()
    assert [person(await world.ask(asker=asker)) for asker in (ADA, EVE, BEN)] == ["ada", "eve", "ada"]


async def test_no_name_of_a_group_looks_like_two() -> None:
    world = World()
    one, two = Asker("acme", "x", (), ("a,b",)), Asker("acme", "y", (), ("a", "b"))
    assert one.entitlement == two.entitlement
    assert [person(await world.ask(asker=asker)) for asker in (one, two)] == ["x", "y"]


async def test_where_the_database_knows_who_asks_each_person_has_their_own_answers() -> None:
    world = World()
    world.sharing["shop"] = Sharing(60, personal=True)
    assert [person(await world.ask(asker=asker)) for asker in (ADA, BEN)] == ["ada", "ben"]
    other = replace(ADA, token="another-fake-token")
    assert [(await world.ask(asker=asker)).cached for asker in (ADA, other)] == [True, False]


async def test_a_join_with_such_a_database_is_personal_as_a_whole() -> None:
    world = World()
    world.sharing["web"] = Sharing(60, personal=True)
    sql = "SELECT o.amount AS a FROM shop.orders AS o JOIN web.visits AS v ON o.id = v.id"
    assert [person(await world.ask(sql, asker, "*")) for asker in (ADA, BEN, ADA)] == ["ada", "ben", "ada"]


async def test_a_rule_that_depends_on_the_person_keeps_people_apart() -> None:
    world = World()
    world.policy.of = {name: TableRules(filters=(f"owner = '{name}'",)) for name in ("ada", "ben")}
    assert [person(await world.ask(asker=asker)) for asker in (ADA, BEN, ADA)] == ["ada", "ben", "ada"]


async def test_a_forbidden_table_is_never_answered_from_the_cache() -> None:
    world = World()
    await world.ask()
    world.policy.of = {"ben": TableRules(allowed=False)}
    assert not (await world.ask(asker=BEN)).cached


askers = st.builds(
    Asker,
    st.sampled_from(("acme", "acme|", "beta")),
    st.sampled_from(("ada", "ben", "eve")),
    st.lists(st.sampled_from(("member", "admin", "a,b", "a", "b", "|")), max_size=3).map(tuple),
    st.lists(st.sampled_from(("sales", "a,b", "a", "b")), max_size=3).map(tuple),
    token=st.sampled_from(("", "t1", "t2")),
)
queries = st.sampled_from(
    (
        ("shop", "SELECT amount FROM orders"),
        ("shop", "select o.amount from orders as o"),
        ("shop", "SELECT c.amount FROM customers AS c"),
        ("web", "SELECT amount FROM visits"),
        ("*", "SELECT o.amount AS a FROM shop.orders AS o JOIN web.visits AS v ON o.id = v.id"),
    )
)
rules = st.sampled_from(
    (
        TableRules(),
        TableRules(filters=("id > 1",)),
        TableRules(masks={"amount": Mask(Masking.HASH)}),
        TableRules(masks={"amount": Mask(Masking.PARTIAL, keep=2)}),
        TableRules(hidden=frozenset(("total",))),
    )
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(askers, queries), min_size=2, max_size=25),
    st.booleans(),
    st.booleans(),
    st.dictionaries(st.sampled_from(("ada", "ben", "eve")), rules),
)
async def test_no_answer_ever_crosses_an_entitlement(
    asked: list[tuple[Asker, tuple[str, str]]], shop: bool, web: bool, given: dict[str, TableRules]
) -> None:
    world = World()
    world.sharing = {"shop": Sharing(60, shop), "web": Sharing(60, web)}
    world.policy.of = given
    for asker, (source, sql) in asked:
        (row,) = (await world.ask(sql, asker, source)).table.to_pylist()
        assert row["tenant"] == asker.tenant
        assert (set(row["roles"]), set(row["groups"])) == (set(asker.roles), set(asker.groups))
        mine, theirs = given.get(asker.person, TableRules()), given.get(row["person"], TableRules())
        assert mine == theirs
        if (shop and source in ("shop", "*")) or (web and source in ("web", "*")):
            assert row["person"] == asker.person


async def test_a_new_policy_makes_every_answer_anew() -> None:
    world = World()
    await world.ask()
    world.policy.version = "2"
    assert not (await world.ask()).cached


async def test_a_policy_that_changes_while_a_query_runs_leaves_nothing_behind() -> None:
    world = World()
    world.inner.let.clear()
    task = asyncio.create_task(world.ask())
    while world.inner.runs == 0:
        await asyncio.sleep(0)
    world.policy.version = "2"
    world.inner.let.set()
    await task
    world.policy.version = "1"
    assert not (await world.ask()).cached


async def test_a_change_of_another_table_of_the_catalog_costs_no_answer() -> None:
    world = World()
    await world.ask()
    world.sources.whole = Catalog((ORDERS, replace(CUSTOMERS, rows=7), VISITS), CATALOG.dialects)
    assert (await world.ask()).cached
    world.sources.whole = Catalog((replace(ORDERS, rows=7), CUSTOMERS, VISITS), CATALOG.dialects)
    assert not (await world.ask()).cached


async def test_an_answer_stands_for_as_long_as_its_source_says() -> None:
    world = World()
    await world.ask()
    world.clock.now += 60
    assert not (await world.ask()).cached
    world.sharing["shop"] = Sharing(0)
    assert not (await world.ask()).cached


async def test_where_the_source_can_tell_an_answer_stands_until_it_moves() -> None:
    shop = Moving("shop", "postgres")
    world = World(shop=shop)
    await world.ask()
    world.clock.now += 300
    assert (await world.ask()).cached
    shop.at = "2"
    assert not (await world.ask()).cached
    shop.away = True
    assert not (await world.ask()).cached


async def test_a_source_that_does_not_say_where_it_stands_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.cache.engine.PATIENCE", 0.01)
    shop = Moving("shop", "postgres")
    world = World(shop=shop)
    await world.ask()
    shop.hangs = True
    assert not (await world.ask()).cached


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT amount FROM orders WHERE amount > random()",
        "SELECT NOW() AS n, amount FROM orders",
        "SELECT CURRENT_DATE AS d, amount FROM orders",
        "SELECT amount FROM orders WHERE id::text > 'now'::date::text",
        "SELECT gen_random_uuid() AS u FROM orders",
        "SELECT some_function(amount) AS u FROM orders",
        "SELECT amount FROM nowhere",
        "SELECT 1 AS one",
        "SELECT amount FROM orders TABLESAMPLE SYSTEM (1)",
    ],
)
async def test_what_may_be_different_each_time_is_run_each_time(sql: str) -> None:
    world = World()
    await world.ask(sql)
    assert not (await world.ask(sql)).cached


async def test_equal_requests_at_once_run_once() -> None:
    world = World()
    world.inner.let.clear()
    tasks = [asyncio.create_task(world.ask(asker=asker)) for asker in (ADA, BEN, EVE) * 10]
    while world.inner.runs < 2:
        await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.sleep(0)
    world.inner.let.set()
    answers = await asyncio.gather(*tasks[1:])
    assert world.inner.runs == 2, "once for sales, once for finance"
    assert {person(answer) for answer in answers} == {"ada", "eve"}


async def test_when_the_last_one_leaves_the_query_is_cancelled_before_they_go() -> None:
    world = World()
    world.inner.let.clear()
    tasks = [asyncio.create_task(world.ask(asker=asker)) for asker in (ADA, BEN)]
    while world.inner.runs == 0:
        await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.wait([tasks[0]])
    assert world.inner.ended == 0
    tasks[1].cancel()
    await asyncio.wait([tasks[1]])
    assert world.inner.ended == 1
    world.inner.let.set()
    assert not (await world.ask()).cached


async def test_an_error_is_told_to_all_who_wait_and_not_kept() -> None:
    world = World()
    world.inner.let.clear()
    world.inner.raises = SourceUnavailable("It is away.")
    tasks = [asyncio.create_task(world.ask()) for _ in range(3)]
    while world.inner.runs == 0:
        await asyncio.sleep(0)
    world.inner.let.set()
    assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [SourceUnavailable] * 3
    world.inner.raises = None
    assert not (await world.ask()).cached


async def test_a_partial_answer_is_not_kept() -> None:
    world = World()
    world.inner.missing = ("web",)
    await world.ask()
    world.inner.missing = ()
    assert not (await world.ask()).cached
    assert (await world.ask()).cached


async def test_an_answer_beyond_the_limits_is_for_the_engine_to_refuse() -> None:
    world = World()
    world.inner.rows = 10
    await world.ask()
    world.inner.raises = Refused("Too many.")
    assert (await world.ask(rows=10)).cached
    with pytest.raises(Refused):
        await world.ask(rows=9)
    with pytest.raises(Refused):
        await world.ask(bytes=5)


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    world = World(entry_bytes=500)
    await world.ask()
    assert not (await world.ask()).cached


async def test_the_rows_of_a_kept_answer_stream_too() -> None:
    world = World()
    request = Request(sqlglot.parse_one("SELECT amount FROM orders", read="postgres"), "shop", ADA, Limits())
    assert [batch.num_rows async for batch in world.engine.stream(request)] == [1]
    await world.ask()
    assert [batch.num_rows async for batch in world.engine.stream(request)] == [1]
    assert world.inner.runs == 2


async def test_a_damaged_entry_is_as_if_it_were_not_there() -> None:
    class Damaging(MemoryCache):
        async def get(self, key: str) -> bytes | None:
            found = await super().get(key)
            return None if found is None else found[:-1] + bytes([found[-1] ^ 1])

    world = World(Damaging(1_000_000))
    await world.ask()
    assert not (await world.ask()).cached


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (Identity(), False),
        (Identity("role"), True),
        (Identity("role", "reader_{tenant}"), False),
        (Identity("variables", variables={"app.groups": "{groups}"}), False),
        (Identity("variables", variables={"app.who": "x:{person}"}), True),
        (Identity("token"), True),
    ],
)
def test_what_is_personal_follows_from_how_the_database_is_told(identity: Identity, expected: bool) -> None:
    assert personal(identity) is expected
