"""From a thumb down in one channel to a verified query in all of them."""

import json

import pytest

from conversation.card import Card
from tests.scenarios.product import Product

QUESTION = "amount of open orders"
RIGHT = "SELECT SUM(amount) AS open_amount FROM orders WHERE status = 'open' AND country = 'Germany'"
EXPERT = ("U4", "D4")


async def complain(quillux: Product, correction: str = RIGHT, question: str = QUESTION) -> None:
    """Ben asks in Teams, and says what is wrong."""
    await quillux.teams_says(question)
    await quillux.teams_presses("👎")
    await quillux.teams_presses("Send", kind="meaning", reason="only Germany counts", correction=correction)


async def opened(quillux: Product) -> str:
    """Eva opens the first item in Slack; what she sees."""
    await quillux.slack_says("what needs review?", *EXPERT)
    await quillux.slack_presses("Review: ", *EXPERT)
    return quillux.slack_shows("D4")[-1]


async def answer_in_the_browser(quillux: Product, question: str) -> Card:
    """What Ann is answered."""
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, question)
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    return card


async def test_asked_in_teams_approved_in_slack_answered_in_the_browser(quillux: Product) -> None:
    before = (await answer_in_the_browser(quillux, QUESTION)).fallback_text
    await complain(quillux)
    shown = await opened(quillux)
    for words in ("only Germany counts", "Wrong meaning of a word", "1 person", "the correction", "with your rights"):
        assert words in shown
    await quillux.slack_presses("Approve", *EXPERT, inputs="Germany is what we sell in")
    assert "Approved by Eva" in quillux.slack_shows("D4")[-1]
    told = json.dumps(quillux.teams_shows("a:ben")[-1], ensure_ascii=False)
    assert "Eva approved a query" in told
    after = await answer_in_the_browser(quillux, f"What is the {QUESTION}?")
    assert "Verified by Eva on 20" in after.fallback_text
    assert after.fallback_text.splitlines()[0] != before.splitlines()[0]
    assert "the rules' own reading" in after.alternatives[0].label
    assert "Fixed: this is the new answer" in told
    assert "Verified by Eva" in told
    await quillux.slack_says(QUESTION, "U1", "C1")
    assert "Verified by Eva" in quillux.slack_shows("C1")[-1]


async def test_the_verified_query_answers_for_other_values_and_gives_way_to_the_rules_on_demand(
    quillux: Product,
) -> None:
    await complain(quillux, RIGHT.replace("Germany", "France"), "amount of open orders in France")
    await opened(quillux)
    await quillux.slack_presses("Approve", *EXPERT)
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, "amount of open orders in Germany")
    (kept,) = await quillux.web_shows(thread)
    assert kept.card is not None
    assert "here with other values" in kept.card.fallback_text
    if kept.card.alternatives:
        await quillux.web_presses(thread, "the rules' own reading")
        (kept,) = await quillux.web_shows(thread)
        assert kept.card is not None
        assert "Verified" not in kept.card.fallback_text


async def test_a_correction_in_words_is_read_by_the_rules(quillux: Product) -> None:
    await complain(quillux, "total amount of open orders in Germany")
    assert "as the rules read it" in await opened(quillux)
    await quillux.slack_presses("Approve", *EXPERT)
    (pair,) = await quillux.stores.verified.of("default")
    assert pair.question == QUESTION
    assert "Germany" in pair.sql


async def test_the_expert_rejects_with_a_reason_that_the_asker_reads(quillux: Product) -> None:
    await complain(quillux)
    await opened(quillux)
    await quillux.slack_presses("Reject", *EXPERT)
    assert "Say why you reject it" in quillux.slack_shows("D4")[-1]
    await quillux.slack_presses("Reject", *EXPERT, inputs="All countries count")
    assert "Rejected by Eva" in quillux.slack_shows("D4")[-1]
    assert "All countries count" in json.dumps(quillux.teams_shows("a:ben")[-1])
    assert list(await quillux.stores.verified.of("default")) == []
    await quillux.slack_presses("Next to review", *EXPERT)
    assert "Nothing waits for review" in quillux.slack_shows("D4")[-1]


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        ("DROP TABLE orders", "what was shown"),
        ("SELECT * FROM passwords", "passwords"),
        ("SELECT amount FROM orders; DELETE FROM orders", "Exactly one statement"),
        ("SELECT load_extension('x') FROM orders", "not allowed"),
        ("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT * FROM r", "not allowed"),
        ("SELECT 1", "reads no table"),
    ],
)
async def test_a_hostile_correction_can_not_be_approved(quillux: Product, correction: str, why: str) -> None:
    await complain(quillux, correction)
    shown = await opened(quillux)
    assert why in shown
    if why != "what was shown":
        assert "This can't be approved" in shown
        with pytest.raises(AssertionError, match="no button 'Approve'"):
            await quillux.slack_presses("Approve", *EXPERT)


async def test_only_experts_and_admins_review(quillux: Product) -> None:
    await complain(quillux)
    await quillux.slack_says("what needs review?", "U1", "D1")
    assert "reviewed by experts and admins" in json.dumps(quillux.slack.whispers[-1:] or quillux.slack_shows("D1"))
    await opened(quillux)
    pressed = await quillux.slack_presses("Approve", "U1", "D4")
    assert list(await quillux.stores.verified.of("default")) == []
    pressed["user"] |= {"id": "U4", "name": "eva"}
    pressed["actions"][0]["action_ts"] = "1690009999.5"
    await quillux.slack_payload(pressed)
    assert len(await quillux.stores.verified.of("default")) == 1


async def test_a_press_that_is_delivered_again_approves_once_and_tells_once(quillux: Product) -> None:
    await complain(quillux)
    await opened(quillux)
    pressed = await quillux.slack_presses("Approve", *EXPERT)
    cards = len(quillux.teams_shows("a:ben"))
    await quillux.restart()
    await quillux.slack_payload(pressed)
    assert len(quillux.teams_shows("a:ben")) == cards
    assert len(await quillux.stores.verified.of("default")) == 1


async def test_many_who_complain_of_one_question_are_one_item_and_are_all_told(quillux: Product) -> None:
    await complain(quillux)
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, f"the {QUESTION}?")
    await quillux.web_presses(thread, "👎")
    (item,) = await quillux.stores.reviews.all("default")
    assert item.people == 2
    await opened(quillux)
    await quillux.slack_presses("Approve", *EXPERT)
    assert "Eva approved a query" in json.dumps(quillux.teams_shows("a:ben")[-1])
    told = (await quillux.web_shows(thread))[-1].card
    assert told is not None
    assert "Eva approved a query" in told.fallback_text


async def test_what_the_expert_changes_is_shown_with_its_rows_before_it_is_approved(quillux: Product) -> None:
    await complain(quillux)
    thread = await quillux.web_thread("eva")
    await quillux.web_says(thread, "what needs review?")
    await quillux.web_presses(thread, "Review: ")
    other = RIGHT.replace("open_amount", "open_total")
    await quillux.web_presses(thread, "Approve", sql=other, question="open amount")
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    assert "This is what you changed" in card.fallback_text
    assert list(await quillux.stores.verified.of("default")) == []
    await quillux.web_presses(thread, "Approve", sql=other, question="open amount")
    (pair,) = await quillux.stores.verified.of("default")
    assert (pair.question, "open_total" in pair.sql) == ("open amount", True)


async def test_a_follow_up_is_approved_as_a_whole_question_only(quillux: Product) -> None:
    await quillux.teams_says("how many orders?")
    await quillux.teams_says("only Germany")
    await quillux.teams_presses("👎")
    await quillux.teams_presses("Send", kind="rows")
    assert "how many orders?" in await opened(quillux)
    await quillux.slack_presses("Approve", *EXPERT)
    assert list(await quillux.stores.verified.of("default")) == []
    assert "say the whole question" in quillux.slack_shows("D4")[-1]


async def test_a_thumb_down_in_slack_asks_why_and_is_thanked_for(quillux: Product) -> None:
    await quillux.slack_says(QUESTION, "U1", "D1")
    await quillux.slack_presses("👎", "U1", "D1")
    (asked,) = quillux.slack.whispers
    quillux.slack.messages["D1"].append({**asked, "ts": "1690009000.000100"})  # pressed as if it were a message
    await quillux.slack_presses("Send", "U1", "D1", inputs="only Germany counts")
    assert "goes to an expert" in json.dumps(quillux.slack.whispers[-1])
    (item,) = await quillux.stores.reviews.all("default")
    assert (item.people, item.words) == (1, "only Germany counts")
