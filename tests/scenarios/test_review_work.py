"""An expert's work on items: asking back, assigning, several at once, proposals, what is noticed by itself."""

import json

from graphs.review.items import proposed
from infra.settings import Person
from knowledge.glossary import Metric, Term
from tests.scenarios.product import Product

EXPERT = ("U4", "D4")
QUESTION = "amount of open orders"


async def complain(quillux: Product, question: str = QUESTION, correction: str = "") -> None:
    await quillux.teams_says(question)
    await quillux.teams_presses("👎")
    await quillux.teams_presses("Send", kind="rows", reason="too much", correction=correction)


async def opened(quillux: Product) -> str:
    await quillux.slack_says("what needs review?", *EXPERT)
    await quillux.slack_presses("Review: ", *EXPERT)
    return quillux.slack_shows("D4")[-1]


def teams(quillux: Product) -> str:
    return json.dumps(quillux.teams_shows("a:ben")[-1], ensure_ascii=False)


async def test_the_expert_asks_back_and_the_answer_joins_the_item(quillux: Product) -> None:
    await complain(quillux)
    await opened(quillux)
    await quillux.slack_presses("Ask back", *EXPERT)
    await quillux.slack_presses("Ask", *EXPERT, inputs="Which country do you mean?")
    assert "Eva asks" in teams(quillux)
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.state, item.assignee) == ("asked", "eva")
    await quillux.teams_presses("Answer", answer="Germany only")
    assert "Thank you" in teams(quillux)
    assert "Ben answered: Germany only" in json.dumps(quillux.slack_shows("D4"), ensure_ascii=False)
    await quillux.slack_presses("Look at it", *EXPERT)
    shown = quillux.slack_shows("D4")[-1]
    assert "Which country do you mean?” : Germany only" in shown or "Germany only" in shown
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.state, item.people) == ("assigned", 1)


async def test_nobody_answers_what_they_were_not_asked(quillux: Product) -> None:
    await complain(quillux)
    (item,) = await quillux.stores.reviews.all("default")
    await quillux.stores.reviews.amend("default", item.id, asked="Which?")
    await quillux.slack_says("orders", "U1", "D1")
    pressed = await quillux.slack_presses("👍", "U1", "D1")
    value = json.loads(pressed["actions"][0]["value"])
    assert value
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, f"review {item.id}")
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    assert "reviewed by experts and admins" in card.fallback_text


async def test_an_item_is_given_to_another_expert_who_is_told(quillux: Product) -> None:
    other = Person(id="edo", name="Edo", roles=("member", "expert"))
    quillux.settings = quillux.settings.model_copy(update={"people": (*quillux.settings.people, other)})
    await quillux.restart()
    thread = await quillux.web_thread("edo")
    await quillux.web_says(thread, "hello")
    await complain(quillux)
    await opened(quillux)
    await quillux.slack_presses("Assign", *EXPERT)
    assert "Edo" in quillux.slack_shows("D4")[-1]
    mine = await quillux.web_thread("eva")
    await quillux.web_says(mine, "what needs review?")
    for label in ("Review: ", "Assign"):
        await quillux.web_presses(mine, label)
    await quillux.web_presses(mine, "Assign", person="edo")
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.state, item.assignee) == ("assigned", "edo")
    told = (await quillux.web_shows(thread))[-1].card
    assert told is not None
    assert "Eva gave you something to review" in told.fallback_text


async def test_items_that_are_alike_are_approved_with_one_press_and_each_is_decided(quillux: Product) -> None:
    for country in ("Germany", "France"):
        await complain(quillux, f"amount of open orders in {country}")
    assert "Approve all 2 alike" in await opened(quillux)
    await quillux.slack_presses("Approve all 2 alike", *EXPERT)
    assert "2 that are alike" in quillux.slack_shows("D4")[-1]
    await quillux.slack_presses("Approve all 2", *EXPERT)
    assert quillux.slack_shows("D4")[-1].count("Approved") >= 2
    assert len(await quillux.stores.verified.of("default")) == 2
    assert list(await quillux.stores.reviews.all("default")) == []


async def test_a_proposed_term_is_made_by_one_expert_and_a_metric_waits_for_a_second_approver(
    quillux: Product,
) -> None:
    term = Term("customer", "Customer", definition="Who bought something")
    await quillux.stores.reviews.report(
        proposed("default", term, None, title="Define “Customer”", evidence=("A comment says so",), confidence=0.7)
    )
    shown = await opened(quillux)
    for words in ("A comment says so", "70%", "Who bought something"):
        assert words in shown
    await quillux.slack_presses("Approve", *EXPERT)
    (made,) = (await quillux.stores.glossary.of("default")).terms
    assert (made.id, made.status, made.version) == ("customer", "approved", 1)
    metric = Term("revenue", "Revenue", "metric", metric=Metric("shop", "orders", "SUM(amount)"))
    await quillux.stores.reviews.report(proposed("default", metric, None, title="Define “Revenue”", evidence=("x",)))
    await opened(quillux)
    await quillux.slack_presses("Approve", *EXPERT)
    assert (await quillux.stores.glossary.of("default")).get("revenue") is None
    (gate,) = await quillux.stores.gates.waiting("default")
    assert gate.target == "term:revenue"


async def test_a_rejected_proposal_does_not_come_back(quillux: Product) -> None:
    item = proposed("default", Term("customer", "Customer"), None, title="Define “Customer”", evidence=("x",))
    await quillux.stores.reviews.report(item)
    await opened(quillux)
    await quillux.slack_presses("Reject", *EXPERT, inputs="We say client")
    await quillux.stores.reviews.report(item)
    assert list(await quillux.stores.reviews.all("default")) == []
    assert (await quillux.stores.glossary.of("default")).terms == ()


async def test_a_question_without_an_answer_is_reviewed_once_for_everybody_who_asked_and_both_get_the_answer(
    quillux: Product,
) -> None:
    question = "what is our churn of widgets"
    await quillux.teams_says(question)
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, question)
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.kind, item.people, item.sql) == ("unanswered", 2, "")
    assert "It was not answered" in await opened(quillux)
    sql = "SELECT COUNT(*) AS churn FROM orders WHERE status = 'paid'"
    await quillux.slack_presses("Check my changes", *EXPERT, typed={"sql": sql})
    await quillux.slack_presses("Approve", *EXPERT, typed={"sql": sql})
    assert "Fixed: this is the new answer" in teams(quillux)
    told = (await quillux.web_shows(thread))[-1].card
    assert told is not None
    assert "Fixed" in told.fallback_text


async def test_a_card_of_an_item_elsewhere_shows_the_decision(quillux: Product) -> None:
    await complain(quillux)
    thread = await quillux.web_thread("eva")
    await quillux.web_says(thread, "what needs review?")
    await quillux.web_presses(thread, "Review: ")
    await opened(quillux)
    await quillux.slack_presses("Reject", *EXPERT, inputs="All of them count")
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    assert "Eva rejected this already" in card.fallback_text
    assert not any(button.label == "Approve" for button in card.buttons())
