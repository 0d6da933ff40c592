"""A change of a term is a gate, and is made once when it is approved."""

import asyncio
from dataclasses import replace

import pytest

from conversation.card import Facts
from conversation.errors import PersonError
from conversation.gates import Decision
from conversation.gates.risks import Ruling
from conversation.principal import ConversationRef, Principal
from conversation.run import Run
from graphs.review.changing import Changing
from graphs.review.term_schema import schema_of
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.glossary import Metric, Term
from knowledge.glossary.codec import content
from tests.fakes.gates import MemoryGates
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.risks import FixedRisks
from tests.knowledge.glossary.world import CATALOG

ANN = Principal("ann", "acme", "Ann", ("member",))
EVA = Principal("eva", "acme", "Eva", ("member", "expert"))
EDO = Principal("edo", "acme", "Edo", ("member", "expert"))
BEN = Principal("ben", "acme", "Ben", ("member", "approver"))
OWN = Principal("own", "acme", "Own", ("member",))
REVENUE = Term(
    "revenue",
    "Revenue",
    "metric",
    "approved",
    "All orders",
    ("sales",),
    ("own",),
    Metric("shop", "orders", "SUM(amount)"),
)
NET = replace(REVENUE, definition="Paid orders", metric=Metric("shop", "orders", "SUM(amount)", ("status = 'paid'",)))
CUSTOMER = Term("customer", "Customer", definition="Who bought")


def run_of(who: Principal) -> Run:
    return Run("run:1", "acme", ConversationRef("web", "acme", "c/1", personal=True), who, "change revenue", "review")


class Shop:
    """Everybody sees the shop."""

    async def catalog(self, asker: Asker) -> Catalog:
        return CATALOG


def changing(*terms: Term, ruling: Ruling | None = None) -> Changing:
    risks = FixedRisks(ruling) if ruling else FixedRisks()
    kept = MemoryGlossaries(*terms)
    return Changing(kept, risks, lambda: "2026-11-21T10:00:00+00:00", engine=Shop(), gates=MemoryGates())


async def standing(on: Changing, id: str = "revenue") -> Term | None:
    return (await on.glossaries.of("acme")).get(id)


async def test_a_proposal_waits_with_the_whole_term_and_changes_nothing() -> None:
    on = changing(REVENUE)
    before = await standing(on)
    waiting = await on.propose(before, NET, EVA, run_of(EVA), "only paid orders count")
    gate = waiting.gate
    assert (gate.target, gate.target_version, gate.interrupt) == ("term:revenue", "1", gate.id)
    assert gate.parameters == content(NET)
    assert "status = 'paid'" in waiting.card.fallback_text
    assert "All orders → Paid orders" in waiting.card.fallback_text
    assert await standing(on) == before


async def test_a_metric_of_a_member_takes_an_owner_or_expert_and_then_somebody_else() -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, ANN, run_of(ANN), "")).gate
    owner, second = gate.steps
    assert [owner.deciders.include(who) for who in (OWN, EVA, BEN, ANN)] == [True, True, False, False]
    assert [second.deciders.include(who) for who in (BEN, EVA, ANN)] == [True, True, False]


async def test_an_experts_own_change_of_a_metric_takes_a_second_approver_who_is_not_that_expert() -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    (only,) = gate.steps
    assert only.deciders.include(BEN)
    assert "yourself" in gate.why_not(EVA, "approve")
    assert not gate.why_not(EDO, "approve")


async def test_a_term_takes_one_expert_who_did_not_propose_it() -> None:
    on = changing(CUSTOMER)
    after = replace(CUSTOMER, definition="Who paid")
    gate = (await on.propose(await standing(on, "customer"), after, EVA, run_of(EVA), "")).gate
    assert (len(gate.steps), gate.why_not(EDO, "approve")) == (1, "")
    assert gate.why_not(BEN, "approve")


async def test_an_approved_change_is_made_once_however_often_it_is_resumed() -> None:
    on = changing(REVENUE)
    run = run_of(EVA)
    gate = (await on.propose(await standing(on), NET, EVA, run, "paid only")).gate
    decision = Decision("approve", BEN, "yes", activity="press:1")
    for _ in range(3):
        outcome, term = await on.resume(run, gate, decision)
        assert term is not None
        assert (term.version, term.definition) == (2, "Paid orders")
        assert "from now on" in outcome.card.fallback_text
    assert len(await on.glossaries.history("acme", "revenue")) == 2


async def test_a_rejected_change_is_not_made_and_the_reason_is_told() -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    outcome, term = await on.resume(run_of(EVA), gate, Decision("reject", BEN, "Refunds are missing"))
    assert term is None
    assert "Refunds are missing" in outcome.card.fallback_text
    assert len(await on.glossaries.history("acme", "revenue")) == 1


async def test_a_term_that_changed_meanwhile_is_a_conflict_with_the_difference() -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    await on.glossaries.put("acme", replace(REVENUE, definition="Shipped orders"), by="Edo")
    outcome, term = await on.resume(run_of(EVA), gate, Decision("approve", BEN))
    assert (term, outcome.state) == (None, "failed")
    assert "Shipped orders → Paid orders" in outcome.card.fallback_text
    assert "Edo changed" in outcome.card.fallback_text


async def test_what_a_decider_edited_is_what_is_made() -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    edited = {**content(NET), "definition": "Orders that were paid"}
    _, term = await on.resume(run_of(EVA), gate, Decision("edit", BEN, inputs=edited))
    assert term is not None
    assert term.definition == "Orders that were paid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "customer", "name": "Customer"},
        {"id": "revenue"},
        {"id": "revenue", "name": 5},
        {"id": "revenue", "name": "R"},
    ],
)
async def test_an_edit_into_another_term_or_into_no_term_is_refused(wrong: dict[str, object]) -> None:
    on = changing(REVENUE)
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    with pytest.raises(PersonError):
        await on.resume(run_of(EVA), gate, Decision("edit", BEN, inputs=wrong))  # type: ignore[arg-type]
    assert len(await on.glossaries.history("acme", "revenue")) == 1


async def test_two_changes_of_one_version_that_are_both_approved_make_one_and_a_conflict() -> None:
    on = changing(REVENUE)
    before = await standing(on)
    gates = [
        (await on.propose(before, replace(NET, definition=words), EVA, replace(run_of(EVA), id=words), "")).gate
        for words in ("one", "two")
    ]
    made = await asyncio.gather(*(on.resume(run_of(EVA), gate, Decision("approve", BEN)) for gate in gates))
    assert sorted(term is None for _, term in made) == [False, True]


async def test_a_change_of_nothing_and_a_change_of_another_term_are_not_proposed() -> None:
    on = changing(REVENUE)
    for after in (REVENUE, replace(NET, id="other")):
        with pytest.raises(PersonError):
            await on.propose(REVENUE, after, EVA, run_of(EVA), "")


async def test_the_rules_on_risk_set_ceremony_and_times() -> None:
    ruling = Ruling("high", "risk-2", due_seconds=3600, remind_seconds=60)
    on = changing(REVENUE, ruling=ruling)
    gate = (await on.propose(REVENUE, NET, EVA, run_of(EVA), "")).gate
    assert (gate.risk, gate.policy) == ("high", "risk-2")
    assert (gate.due_at, gate.remind_at, gate.escalate_at) == (
        "2026-11-21T11:00:00+00:00",
        "2026-11-21T10:01:00+00:00",
        "",
    )


def test_the_schema_is_whole_typed_and_fixed_to_the_term() -> None:
    schema = schema_of(REVENUE)
    assert "$ref" not in str(schema)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(content(REVENUE))
    assert properties["id"] == {"const": "revenue", "type": "string", "title": "Id"}


async def test_a_metric_over_a_column_that_is_not_there_is_not_proposed_nor_made_by_an_edit() -> None:
    on = changing(REVENUE)
    wrong = replace(NET, metric=Metric("shop", "orders", "SUM(passwords)"))
    with pytest.raises(PersonError, match="passwords"):
        await on.propose(REVENUE, wrong, EVA, run_of(EVA), "")
    gate = (await on.propose(await standing(on), NET, EVA, run_of(EVA), "")).gate
    with pytest.raises(PersonError, match="passwords"):
        await on.resume(run_of(EVA), gate, Decision("edit", BEN, inputs=content(wrong)))
    assert len(await on.glossaries.history("acme", "revenue")) == 1


async def test_an_approved_draft_is_an_approved_term() -> None:
    on = changing(CUSTOMER)
    gate = (
        await on.propose(await standing(on, "customer"), replace(CUSTOMER, status="proposed"), EVA, run_of(EVA), "")
    ).gate
    _, term = await on.resume(run_of(EVA), gate, Decision("approve", EDO))
    assert term is not None
    assert term.status == "approved"


async def test_whoever_defines_a_metric_can_not_make_themselves_its_owner_to_save_an_approval() -> None:
    on = changing()
    gate = (await on.propose(None, replace(REVENUE, owners=("ann",)), ANN, run_of(ANN), "")).gate
    assert [stage.name for stage in gate.steps] == ["Owner or expert", "Second approver"]
    assert not gate.steps[0].deciders.include(ANN)
    _, term = await on.resume(run_of(ANN), gate, Decision("approve", BEN))
    assert term is not None
    assert term.version == 1


async def test_whoever_approves_a_draft_sees_all_of_it_and_of_a_change_what_changes() -> None:
    draft = replace(REVENUE, status="draft")
    gate = (await changing(draft).propose(draft, REVENUE, EVA, run_of(EVA), "")).gate
    (facts,) = [one for one in gate.evidence if isinstance(one, Facts)]
    assert facts.pairs[0] == ("Status", "draft → approved")
    assert {"Definition", "Expression"} <= {label for label, _ in facts.pairs}
    assert "SUM(amount)" in dict(facts.pairs).values()
    gate = (await changing(REVENUE).propose(REVENUE, NET, EVA, run_of(EVA), "")).gate
    (facts,) = [one for one in gate.evidence if isinstance(one, Facts)]
    assert [label for label, _ in facts.pairs] == ["Definition", "Filters"]
