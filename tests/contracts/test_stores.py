"""What every store promises, whether it keeps things in memory or in a database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from conversation.card import Button, Card, Chart, Text
from conversation.channel import MessageRef
from conversation.gates import Decision, Gate, Lost, Won
from conversation.principal import ConversationRef, Principal
from conversation.run import Run
from tests.contracts.stores import KINDS, Stores, postgres
from tests.postgres import postgres_server, why_not

ADA = Principal("ada", "acme", "Ada", roles=("analyst",), groups=("sales",))
BEN = Principal("ben", "acme", "Ben", roles=("approver",))
EVE = Principal("eve", "other", "Eve", roles=("approver",))
HERE = ConversationRef("web", "acme", "c/1", thread="t:1", personal=True)
ELSEWHERE = ConversationRef("web", "acme", "c", thread="1/t:1", personal=True)
RUN = Run("slack:T1:C1:1700000000.000100", "acme", HERE, ADA, "How many orders?", flow="nlq")
CARD = Card(
    (Text("12 ☕ orders"), Chart({"mark": "bar", "@": "Text"}, "a bar")), (Button("CSV", "run.csv", {"run": 1}),)
)
GATE = Gate(
    id="gate:1",
    tenant="acme",
    run=RUN.id,
    flow="nlq",
    interrupt="i1",
    title="Run it?",
    reason="It is large.",
    parameters={"sql": "select 1", "limits": [1, 2.5, None, True]},
    asked_by=ADA,
    roles=("approver",),
    policy="p1",
)


POSTGRES = pytest.param(
    "postgres", marks=[pytest.mark.skipif(bool(why_not()), reason=why_not()), pytest.mark.xdist_group("postgres")]
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=[*sorted(KINDS), POSTGRES])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    opener = (
        postgres(request.getfixturevalue("server")) if request.param == "postgres" else KINDS[request.param](tmp_path)
    )
    async with opener as opened:
        yield opened


async def test_a_run_is_kept_as_it_began(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    kept = await stores.runs.get("acme", RUN.id)
    assert kept is not None
    assert kept.created_at
    assert replace(kept, created_at="") == RUN


async def test_beginning_a_run_again_gives_the_first_record_with_all_that_came_since(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    await stores.runs.finish(RUN.id, "completed", CARD, {})
    again = await stores.runs.begin(replace(RUN, text="something else"))
    assert (again.text, again.state, again.card) == (RUN.text, "completed", CARD)


async def test_a_run_of_another_tenant_is_not_found(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    assert await stores.runs.get("other", RUN.id) is None
    assert await stores.runs.get("acme", "unknown") is None


async def test_a_finished_run_keeps_its_card_and_memory_to_the_letter(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    await stores.runs.finish(RUN.id, "completed", CARD, {"history": [{"@": "Card", "n": 1.5}]})
    kept = await stores.runs.get("acme", RUN.id)
    assert kept is not None
    assert (kept.card, kept.memory, kept.state) == (CARD, {"history": [{"@": "Card", "n": 1.5}]}, "completed")
    assert kept.finished_at


async def test_a_run_that_waits_is_not_finished(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    await stores.runs.finish(RUN.id, "input-required", CARD, {})
    kept = await stores.runs.get("acme", RUN.id)
    assert kept is not None
    assert (kept.state, kept.finished_at) == ("input-required", "")


async def test_memory_is_that_of_the_last_completed_run_of_the_same_place_and_tenant(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    await stores.runs.finish(RUN.id, "completed", CARD, {"n": 1})
    await stores.runs.begin(replace(RUN, id="second"))
    await stores.runs.finish("second", "failed", CARD, {"n": 2})
    assert await stores.runs.memory("acme", HERE) == {"n": 1}
    assert await stores.runs.memory("acme", ELSEWHERE) == {}
    assert await stores.runs.memory("other", HERE) == {}


async def test_only_an_unfinished_run_of_the_tenant_can_be_stopped(stores: Stores) -> None:
    await stores.runs.begin(RUN)
    assert not await stores.runs.ask_to_stop("other", RUN.id)
    assert not await stores.runs.stop_asked(RUN.id)
    assert await stores.runs.ask_to_stop("acme", RUN.id)
    assert await stores.runs.stop_asked(RUN.id)
    await stores.runs.finish(RUN.id, "canceled", CARD, {})
    assert not await stores.runs.ask_to_stop("acme", RUN.id)
    assert not await stores.runs.ask_to_stop("acme", "unknown")


async def test_recent_runs_are_a_persons_own_newest_first(stores: Stores) -> None:
    for n in range(4):
        await stores.runs.begin(replace(RUN, id=f"run:{n}", created_at=f"2026-01-0{n + 1}T00:00:00+00:00"))
    await stores.runs.begin(replace(RUN, id="of ben", asked_by=BEN))
    await stores.runs.begin(replace(RUN, id="elsewhere", tenant="other"))
    assert [run.id for run in await stores.runs.recent("acme", "ada", limit=3)] == ["run:3", "run:2", "run:1"]


async def test_opening_a_gate_again_gives_the_first_record(stores: Stores) -> None:
    await stores.gates.open(GATE)
    again = await stores.gates.open(replace(GATE, parameters={"sql": "drop table"}))
    assert again.digest == GATE.digest


async def test_a_gate_of_another_tenant_is_not_found(stores: Stores) -> None:
    await stores.gates.open(GATE)
    found = await stores.gates.get("acme", GATE.id)
    assert found is not None
    assert (found.parameters, found.asked_by, found.allowed) == (GATE.parameters, ADA, GATE.allowed)
    assert await stores.gates.get("other", GATE.id) is None


async def test_waiting_gates_are_the_tenants_undecided_ones_oldest_first(stores: Stores) -> None:
    for n, run in enumerate(("r1", "r2", "r1")):
        await stores.gates.open(replace(GATE, id=f"gate:{n}", run=run, created_at=f"2026-01-0{n + 1}T00:00:00+00:00"))
    await stores.gates.open(replace(GATE, id="theirs", tenant="other"))
    await stores.gates.claim(replace(GATE, id="gate:1", run="r2"), Decision("reject", BEN, activity="press"))
    assert [gate.id for gate in await stores.gates.waiting("acme")] == ["gate:0", "gate:2"]
    assert [gate.id for gate in await stores.gates.waiting("acme", "r2")] == []


async def test_of_twenty_claims_at_once_exactly_one_wins_and_the_others_learn_who(stores: Stores) -> None:
    await stores.gates.open(GATE)
    presses = [Decision("approve", replace(BEN, id=f"p{n}"), activity=f"press:{n}") for n in range(20)]
    claims = await asyncio.gather(*(stores.gates.claim(GATE, press) for press in presses))
    (won,) = [claim for claim in claims if isinstance(claim, Won)]
    lost = [claim.gate.decision for claim in claims if isinstance(claim, Lost)]
    assert len(lost) == 19
    assert all(decision == won.gate.decision for decision in lost)


async def test_the_same_press_delivered_again_wins_again(stores: Stores) -> None:
    await stores.gates.open(GATE)
    press = Decision("approve", BEN, reason="fine", inputs={"n": 1}, activity="press:1", at="2026-01-01")
    await stores.gates.claim(GATE, press)
    again = await stores.gates.claim(GATE, press)
    assert isinstance(again, Won)
    assert again.gate.decision == press


async def test_a_claimed_gate_stays_decided(stores: Stores) -> None:
    await stores.gates.open(GATE)
    await stores.gates.claim(GATE, Decision("approve", BEN, activity="press:1"))
    late = await stores.gates.claim(GATE, Decision("reject", BEN, activity="press:2"))
    assert isinstance(late, Lost)
    kept = await stores.gates.get("acme", GATE.id)
    assert kept is not None
    assert kept.decision is not None
    assert kept.decision.verdict == "approve"


async def test_a_post_is_reserved_once_per_tenant(stores: Stores) -> None:
    assert await stores.posts.reserve("acme", "k")
    assert not await stores.posts.reserve("acme", "k", topic="gate:1")
    assert await stores.posts.reserve("other", "k")


async def test_of_ten_reservations_at_once_one_succeeds(stores: Stores) -> None:
    answers = await asyncio.gather(*(stores.posts.reserve("acme", "k") for _ in range(10)))
    assert sum(answers) == 1


async def test_a_post_is_found_by_its_key_and_the_latest_counts(stores: Stores) -> None:
    await stores.posts.reserve("acme", "k")
    assert await stores.posts.find("acme", "k") is None
    await stores.posts.keep("acme", "k", MessageRef(HERE, "m1"))
    await stores.posts.keep("acme", "k", MessageRef(HERE, "m2"))
    assert await stores.posts.find("acme", "k") == MessageRef(HERE, "m2")
    assert await stores.posts.find("other", "k") is None


async def test_every_copy_of_a_card_is_known_by_its_topic(stores: Stores) -> None:
    copies = (("a", HERE, "m1", "gate:1"), ("b", ELSEWHERE, "m2", "gate:1"), ("c", HERE, "m3", "gate:2"))
    for key, where, id, topic in copies:
        await stores.posts.reserve("acme", key, topic)
        await stores.posts.keep("acme", key, MessageRef(where, id))
    await stores.posts.reserve("acme", "never made", "gate:1")
    copies_of_one = sorted(await stores.posts.about("acme", "gate:1"), key=lambda message: message.id)
    assert copies_of_one == [MessageRef(HERE, "m1"), MessageRef(ELSEWHERE, "m2")]
    assert list(await stores.posts.about("other", "gate:1")) == []
    assert list(await stores.posts.about("acme", "unknown")) == []


async def test_a_place_is_known_once_a_card_was_posted_there(stores: Stores) -> None:
    assert not await stores.posts.known(HERE)
    await stores.posts.reserve("acme", "k")
    await stores.posts.keep("acme", "k", MessageRef(HERE, "m1"))
    assert await stores.posts.known(HERE)
    assert not await stores.posts.known(ELSEWHERE)


async def test_a_result_comes_back_equal_to_its_tenant_only(stores: Stores) -> None:
    table = pa.table({"region": ["Nord", None], "n": [1, 2]})
    id = await stores.results.put("acme", table)
    kept = await stores.results.get("acme", id)
    assert kept is not None
    assert kept.equals(table)
    assert await stores.results.get("other", id) is None


async def test_references_to_results_can_not_be_guessed(stores: Stores) -> None:
    table = pa.table({"n": [1]})
    ids = {await stores.results.put("acme", table) for _ in range(20)}
    assert len(ids) == 20
    assert min(len(id) for id in ids) >= 16
    for hostile in ("", "../../etc/passwd", "a\x00b", "x" * 5_000):
        assert await stores.results.get("acme", hostile) is None


async def test_an_empty_result_keeps_its_columns(stores: Stores) -> None:
    id = await stores.results.put("acme", pa.table({"n": pa.array([], pa.int64())}))
    kept = await stores.results.get("acme", id)
    assert kept is not None
    assert (kept.num_rows, kept.schema.names) == (0, ["n"])


async def test_people_of_a_role_are_reached_where_they_were_met_last(stores: Stores) -> None:
    for who, where in ((ADA, HERE), (BEN, HERE), (BEN, ELSEWHERE), (EVE, HERE)):
        await stores.directory.met(who, where)
    reached = await stores.directory.reach("acme", ("approver",))
    assert [(who.id, where) for who, where in reached] == [("ben", ELSEWHERE)]


async def test_people_are_reached_by_role_group_or_id(stores: Stores) -> None:
    for who in (ADA, BEN, EVE):
        await stores.directory.met(who, HERE)
    reached = await stores.directory.reach("acme", ("approver",), groups=("sales",))
    assert {who.id for who, _ in reached} == {"ada", "ben"}
    assert [who.id for who, _ in await stores.directory.reach("acme", (), users=("ada", "eve"))] == ["ada"]


@pytest.mark.parametrize("words", ["ben", "Ben", "@ben", "@U2"])
async def test_a_person_is_found_by_id_name_or_a_channels_user_id(stores: Stores, words: str) -> None:
    await stores.directory.met(BEN, HERE)
    assert [who.id for who in await stores.directory.named("acme", words)] == ["ben"]
    assert list(await stores.directory.named("other", words)) == []
    assert list(await stores.directory.named("acme", "somebody")) == []


async def test_a_person_has_the_rights_of_now(stores: Stores) -> None:
    await stores.directory.met(BEN, HERE)
    found = await stores.directory.person("acme", "ben")
    assert found is not None
    assert found.roles == ("approver",)
    assert await stores.directory.person("other", "ben") is None
    assert await stores.directory.person("acme", "nobody") is None
