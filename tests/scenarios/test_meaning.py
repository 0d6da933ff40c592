"""An answer assumed a wrong meaning: from a thumb down in Teams over a card in Slack to an approval in the browser."""

import json

from conversation.card import Card
from knowledge.glossary import Metric, Term
from tests.scenarios.product import Product
from web.port import WebThread

EXPERT = ("U4", "D4")
REVENUE = Term(
    "revenue", "Revenue", "metric", "approved", "All that was ordered", metric=Metric("shop", "orders", "SUM(amount)")
)
PAID = "status = 'paid'"


async def defined(quillux: Product) -> None:
    """Somebody has said what revenue means."""
    await quillux.stores.glossary.put("default", REVENUE, by="Dan")


async def complained(quillux: Product) -> None:
    """Ben asks in Teams, and says that the meaning is wrong."""
    await quillux.teams_says("revenue")
    await quillux.teams_presses("👎")
    await quillux.teams_presses("Send", kind="meaning", reason="only paid orders count")


async def edited(quillux: Product, **typed: str) -> None:
    """Eva opens the item in Slack and edits the metric in its card."""
    await quillux.slack_says("what needs review?", *EXPERT)
    await quillux.slack_presses("Review: ", *EXPERT)
    await quillux.slack_presses("Change what “Revenue” means", *EXPERT)
    await quillux.slack_presses("Propose this", *EXPERT, inputs="paid is paid", typed={"filters": PAID, **typed})


async def met_in_the_browser(quillux: Product, person: str) -> WebThread:
    """Somebody has a conversation in the browser, so can be reached there."""
    thread = await quillux.web_thread(person)
    await quillux.web_says(thread, "hello")
    return thread


async def latest(quillux: Product, thread: WebThread) -> Card:
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    return card


def teams(quillux: Product) -> str:
    return json.dumps(quillux.teams_shows("a:ben")[-1], ensure_ascii=False)


async def test_the_metric_is_edited_in_slack_confirmed_in_the_browser_and_the_analyst_sees_the_right_answer(
    quillux: Product,
) -> None:
    await defined(quillux)
    cat = await met_in_the_browser(quillux, "cat")
    await complained(quillux)
    before = teams(quillux)
    await edited(quillux)
    shown = await latest(quillux, cat)
    assert "1 past answer changes, here is how" in shown.fallback_text
    assert "8,200" in shown.fallback_text
    assert (await quillux.stores.glossary.of("default")).terms[0].version == 1
    await quillux.web_presses(cat, "Approve", reason="Finance agrees")
    told = teams(quillux)
    assert told != before
    for words in ("Fixed: this is the new answer", "Cat approved a change of what a word means", "1,800"):
        assert words in told
    await quillux.slack_says("revenue", "U1", "D1")
    assert "1,800" in quillux.slack_shows("D1")[-1]
    (item,) = await quillux.stores.reviews.all("default", "approved")
    assert item.decision is not None
    assert item.decision.by.id == "cat"
    entries = await quillux.stores.audit.entries("default", limit=1_000)
    order = [
        entry.what for entry in entries if entry.what.split(".")[0] in ("answer", "review", "term", "person", "gate")
    ]
    wanted = [
        "answer.complained",
        "review.opened",
        "gate.opened",
        "gate.voted",
        "term.changed",
        "review.decided",
        "person.told",
    ]
    at = [order.index(what) for what in wanted]
    assert at == sorted(at), order
    said = [entry.detail for entry in entries if entry.what == "answer.complained"]
    assert [(one["reason"], one["words"]) for one in said] == [("", ""), ("meaning", "only paid orders count")]


async def test_a_rejected_change_leaves_the_item_open_and_the_word_as_it_was(quillux: Product) -> None:
    await defined(quillux)
    cat = await met_in_the_browser(quillux, "cat")
    await complained(quillux)
    await edited(quillux)
    await quillux.web_presses(cat, "Reject", reason="Refunds are missing")
    assert "Refunds are missing" in json.dumps(quillux.slack_shows("D4"), ensure_ascii=False)
    assert (await quillux.stores.glossary.of("default")).terms[0].version == 1
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.state, item.change) == ("open", "")


async def test_the_expert_sees_the_effect_before_proposing_and_a_wrong_filter_is_named(quillux: Product) -> None:
    await defined(quillux)
    await complained(quillux)
    await quillux.slack_says("what needs review?", *EXPERT)
    await quillux.slack_presses("Review: ", *EXPERT)
    await quillux.slack_presses("Change what “Revenue” means", *EXPERT)
    await quillux.slack_presses("Show the effect", *EXPERT, typed={"filters": "payed = 1; DROP TABLE orders"})
    assert "can't be kept like this" in quillux.slack_shows("D4")[-1]
    await quillux.slack_presses("Show the effect", *EXPERT, typed={"filters": PAID})
    shown = quillux.slack_shows("D4")[-1]
    for words in ("1 past answer changes, here is how", "8,200", "1,800"):
        assert words in shown
    assert list(await quillux.stores.gates.waiting("default")) == []


async def test_a_second_change_for_the_same_item_waits_for_the_first(quillux: Product) -> None:
    await defined(quillux)
    await complained(quillux)
    await edited(quillux)
    await edited(quillux, filters="country = 'Germany'")
    assert "proposed a change for this already" in json.dumps(quillux.slack_shows("D4"), ensure_ascii=False)
    assert len(await quillux.stores.gates.waiting("default")) == 1


async def test_an_approver_asks_for_the_effect_with_their_own_rights_and_others_are_told_nothing(
    quillux: Product,
) -> None:
    await defined(quillux)
    cat = await met_in_the_browser(quillux, "cat")
    await complained(quillux)
    await edited(quillux)
    await quillux.web_says(cat, "effect of changing revenue")
    assert "1 past answer changes" in (await latest(quillux, cat)).fallback_text
    ann = await met_in_the_browser(quillux, "ann")
    await quillux.web_says(ann, "effect of changing revenue")
    assert "waits for you" in (await latest(quillux, ann)).fallback_text


async def test_a_press_that_is_delivered_again_changes_the_word_once_and_tells_once(quillux: Product) -> None:
    await defined(quillux)
    cat = await met_in_the_browser(quillux, "cat")
    await complained(quillux)
    await edited(quillux)
    await quillux.web_presses(cat, "Approve", reason="yes")
    shown, press = len(quillux.teams_shows("a:ben")), quillux.taken[-1]
    await quillux.restart()
    await quillux.accept(press)
    assert len(quillux.teams_shows("a:ben")) == shown
    assert len(await quillux.stores.glossary.history("default", "revenue")) == 2
    entries = await quillux.stores.audit.entries("default", limit=1_000)
    assert sum(entry.what == "term.changed" for entry in entries) == 1
    assert sum(entry.what == "person.told" for entry in entries) == 1


async def test_a_word_that_nobody_defined_is_defined_from_the_query_behind_the_answer(quillux: Product) -> None:
    cat = await met_in_the_browser(quillux, "cat")
    await quillux.teams_says("total amount of open orders")
    await quillux.teams_presses("👎")
    await quillux.teams_presses("Send", kind="meaning", reason="we call that takings")
    await quillux.slack_says("what needs review?", *EXPERT)
    await quillux.slack_presses("Review: ", *EXPERT)
    await quillux.slack_presses("Define a word", *EXPERT)
    assert "SUM(amount)" in quillux.slack_shows("D4")[-1]
    await quillux.slack_presses("Propose this", *EXPERT, inputs="asked for", typed={"name": "Takings"})
    await quillux.web_presses(cat, "Approve", reason="yes")
    (term,) = (await quillux.stores.glossary.of("default")).terms
    assert (term.id, term.status, term.metric is not None) == ("takings", "approved", True)
    await quillux.slack_says("takings", "U1", "D1")
    assert "6,400" in quillux.slack_shows("D1")[-1]
