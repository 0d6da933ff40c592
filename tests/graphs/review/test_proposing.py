"""A change of a term that comes whole, over the API, becomes a gate."""

from dataclasses import replace

import pytest

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Outcome, Run, Waiting
from graphs.review.changing import Changing
from graphs.review.proposing import PROPOSE, ProposalsFlow
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import Conflict
from knowledge.glossary.codec import content
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.risks import FixedRisks
from tests.knowledge.glossary.world import CATALOG, MONEY, REVENUE

EVA = Principal("eva", "acme", "Eva", ("member", "expert"))
ANN = Principal("ann", "acme", "Ann", ("member",))
HERE = ConversationRef("api", "acme", "eva", "term:money", personal=True)
NET = replace(REVENUE, name="Net revenue")


async def start(payload: JsonObject, who: Principal = EVA, *, store: MemoryGlossaries | None = None) -> Outcome:
    async def catalog(asker: Asker) -> Catalog:
        return CATALOG if asker.tenant == "acme" else Catalog()

    kept = store or MemoryGlossaries(MONEY, REVENUE)
    changing = Changing(kept, FixedRisks(), lambda: "2026-11-21T10:00:00+00:00")
    flow = ProposalsFlow(kept, catalog, changing)
    press = CardAction("a1", HERE, Sender("api", "acme", who.id), PROPOSE, payload)
    assert flow.handles(press) == 1.0
    assert flow.handles(Message("m1", HERE, press.sender, "glossary.propose")) == 0.0
    return await flow.start(
        Run("a1", "acme", HERE, who, "", "glossary"), press, {}, lambda label, done=0, total=0: None
    )


def payload(**changes: object) -> JsonObject:
    return {"term": content(NET), "base": 1, "reason": "as agreed", **changes}  # type: ignore[dict-item]


async def test_the_gate_has_the_whole_term_its_version_and_the_reason() -> None:
    outcome = await start(payload())
    assert isinstance(outcome, Waiting)
    gate = outcome.gate
    assert (gate.target, gate.target_version, gate.reason, gate.flow) == ("term:revenue", "1", "as agreed", "review")
    assert gate.parameters["name"] == "Net revenue"


async def test_only_experts_and_admins_may_ask_for_it() -> None:
    with pytest.raises(NotAllowed):
        await start(payload(), ANN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"term": None},
        {"term": "revenue"},
        {"term": {}},
        {"term": content(replace(NET, id="../x"))},
        {"term": content(replace(NET, name="\u202ex"))},
        {"term": {**content(NET), "metric": {"source": "shop", "table": "orders", "expression": "(SELECT 1)"}}},
    ],
)
async def test_a_payload_that_is_no_sound_term_opens_nothing(wrong: JsonObject) -> None:
    with pytest.raises(PersonError):
        await start(payload(**wrong))


@pytest.mark.parametrize("base", [0, 2, "1", None])
async def test_a_change_of_another_version_opens_nothing(base: object) -> None:
    with pytest.raises((PersonError, Conflict)):
        await start(payload(base=base))
