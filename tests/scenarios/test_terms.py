"""What words mean: asked and defined in one channel, approved in another, and true at once in all of them."""

import json

from conversation.card import Card
from conversation.principal import Sender
from tests.scenarios.product import Product

EXPERT = ("U4", "D4")
EVA = Sender("slack", "T1", "U4", "Eva")
QUESTION = "takings by country"


async def answer_in_the_browser(quillux: Product, question: str) -> Card:
    """What Ann is answered."""
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, question)
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    return card


async def answers_everywhere(quillux: Product, question: str) -> list[str]:
    """The latest answer in the browser, in Slack and in Teams."""
    card = await answer_in_the_browser(quillux, question)
    await quillux.slack_says(question, "U1", "C1")
    await quillux.teams_says(question)
    folded = json.dumps([str(element) for element in card.body], ensure_ascii=False)
    teams = json.dumps(quillux.teams_shows("a:ben")[-1], ensure_ascii=False)
    return [folded, next(one for one in reversed(quillux.slack_shows("C1")) if one != "null"), teams]


async def test_a_draft_of_an_expert_is_an_assumption_in_every_channel(quillux: Product) -> None:
    await quillux.slack_says("define takings as sum of amount of paid orders", *EXPERT)
    assert "is a draft now" in quillux.slack_shows("D4")[-1]
    for shown in await answers_everywhere(quillux, QUESTION):
        assert "was taken in the draft meaning" in shown
    await quillux.teams_says("what does takings mean?")
    told = json.dumps(quillux.teams_shows("a:ben")[-1], ensure_ascii=False)
    for words in ("Takings", "Draft: answers show it as an assumption", "Sum of amount of orders", "eva"):
        assert words in told


async def test_an_approved_meaning_changes_the_next_answer_at_once_in_all_channels(quillux: Product) -> None:
    await quillux.teams_says("hi")
    await quillux.slack_says("define takings as sum of amount of paid orders", *EXPERT)
    await quillux.slack_presses("Ask for approval", *EXPERT)
    await quillux.teams_presses("Approve", reason="that is what we count")
    assert "means this from now on" in " ".join(quillux.slack_shows("D4"))
    browser, slack, teams = await answers_everywhere(quillux, QUESTION)
    for shown in (browser, slack, teams):
        assert "Takings per country." in shown
        assert "draft" not in shown
    assert "Takings (version 2)" in browser
    assert "Takings (version 2)" in teams


async def test_what_a_member_defines_is_used_by_nobody_before_it_is_approved(quillux: Product) -> None:
    await quillux.slack_says("define takings as sum of amount of paid orders", "U1", "D1")
    assert not (await quillux.stores.glossary.of("default")).terms
    (gate,) = await quillux.stores.gates.inbox(await quillux.stores.directory.resolve(EVA), at="2026-11-21T00:00:00Z")
    assert (gate.target, gate.asked_by.id) == ("term:takings", "ann")


async def test_a_press_for_drafts_gives_way_to_the_data_and_back(quillux: Product) -> None:
    await quillux.slack_says("define amount as sum of amount of paid orders", *EXPERT)
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, "amount by country")
    await quillux.web_presses(thread, "Use the column orders.amount")
    card = (await quillux.web_shows(thread))[-1].card
    assert card is not None
    assert "as chosen" in card.fallback_text
    assert "Use the draft meaning of amount" in [button.label for button in card.alternatives]
