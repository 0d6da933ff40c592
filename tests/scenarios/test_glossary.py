"""A change of a term that comes over the API waits for somebody else, in the channels, and holds for everybody then."""

from conversation.activity import CardAction
from conversation.audit import Verified
from conversation.codec import JsonObject
from conversation.principal import ConversationRef, Sender
from infra.impact import Impacts
from knowledge.glossary import Metric, Term
from knowledge.glossary.codec import content
from knowledge.glossary.lineage import affected
from tests.scenarios.product import Product

REVENUE = Term(
    "revenue",
    "Revenue",
    "metric",
    "approved",
    "What was ordered and paid.",
    metric=Metric("shop", "orders", "SUM(amount)", ("status = 'paid'",), ("id",), "additive", "ordered_on"),
)


def proposed(base: int = 0) -> CardAction:
    where = ConversationRef("api", "default", "eva", "term:revenue", personal=True)
    payload: JsonObject = {"term": content(REVENUE), "base": base, "reason": "as agreed"}
    return CardAction(f"api:default:eva:{base}", where, Sender("api", "default", "eva"), "glossary.propose", payload)


async def test_a_term_proposed_over_the_api_is_approved_in_slack_and_stands_in_the_audit_log(quillux: Product) -> None:
    await quillux.slack_says("help", "U2", "D2")
    await quillux.accept(proposed())
    assert (await quillux.stores.glossary.of("default")).terms == ()
    await quillux.slack_presses("Approve", "U2", "D2", inputs="fits the books")
    (term,) = (await quillux.stores.glossary.of("default")).terms
    assert (term.name, term.status, term.version) == ("Revenue", "approved", 1)
    written = [entry for entry in await quillux.stores.audit.entries("default") if entry.what == "term.written"]
    assert [(entry.subject, entry.detail["version"]) for entry in written] == [("term:revenue", 1)]
    assert isinstance(await quillux.stores.audit.verify("default"), Verified)


async def test_what_is_approved_answers_at_once_and_the_answer_is_traced_back_to_it(quillux: Product) -> None:
    store = quillux.stores.glossary
    term = await store.put("default", REVENUE, by="eva")
    await quillux.slack_says("revenue per country", "U1", "D1")
    assert "Revenue per country" in quillux.slack_shows("D1")[0]
    impacts = Impacts(quillux.stores.engine, "default", {"shop": "sqlite"})
    traced = (await impacts.lineage()).users(term)
    assert [(each.kind, each.text, each.why) for each in traced] == [
        ("question", "revenue per country", "made with Revenue")
    ]
    met = affected(term, None, await store.of("default"), (), await impacts.uses(), {"shop": "sqlite"})
    assert [each.text for each in met] == ["revenue per country"]


async def test_a_proposal_from_a_version_that_does_not_stand_opens_no_gate(quillux: Product) -> None:
    await quillux.accept(proposed(base=3))
    assert not await quillux.stores.gates.waiting("default")
    assert (await quillux.stores.glossary.of("default")).terms == ()
