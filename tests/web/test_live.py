"""One open page: what its person does is taken once, and what changes is shown."""

import sqlite3
import uuid
from dataclasses import replace

import pytest

from conversation.activity import CardAction, Message
from conversation.card import Button, Card, Input, Progress, Text
from conversation.errors import OperatorError, PersonError
from conversation.principal import Sender
from infra.store.web import SqlWebStore
from tests.web.world import ANN, FailingStore, World, asking
from web.port import place

DONE = Card((Text("42 orders"),), (Button("Germany", "ask", {"text": "only Germany"}),))


def answer(run: str, *body: Text | Progress | Input, actions: tuple[Button, ...] = ()) -> Card:
    return Card(body or (Text("42 orders"),), actions, run=run)


async def test_a_question_is_accepted_and_its_answer_is_shown(web: World) -> None:
    async with asking(web.page(), web, "How many orders?") as run:
        await web.channel.send(place(ANN, web.thread), answer(run), key=run)
    assert [(message.id, message.text) for message in web.accepted if isinstance(message, Message)] == [
        (run, "How many orders?")
    ]
    shown = await web.screen.until("element")
    assert shown[-1]["props"]["card"]["body"][0]["text"] == "42 orders"  # type: ignore[index]


async def test_a_question_delivered_twice_is_one_turn_and_one_message(web: World) -> None:
    id = str(uuid.uuid4())
    page = web.page()
    async with asking(page, web, "How many orders?", id) as run:
        await web.channel.send(place(ANN, web.thread), answer(run), key=run)
    assert not await web.store.say((await web.store.open_thread("acme", ANN, web.thread, "")), id, "again")
    assert len(web.accepted) == 1


async def test_progress_and_answer_are_one_message_updated_in_place(web: World) -> None:
    async with asking(web.page(), web, "How many orders?") as run:
        await web.channel.send(place(ANN, web.thread), answer(run, Progress("Reading")), key=run)
        await web.screen.until("element")
        await web.channel.send(place(ANN, web.thread), answer(run), key=run)
    shown = [data["id"] for data in await web.screen.until("element", 2)]
    assert len(set(shown)) == 1


async def test_an_answer_that_takes_time_is_announced_by_the_page_until_the_first_card(web: World) -> None:
    async with asking(web.page(), web, "How many orders?") as run:
        announced = await web.screen.until("element")
        await web.channel.send(place(ANN, web.thread), answer(run), key=run)
        removed = await web.screen.until("remove_element")
    assert removed[0]["id"] == announced[0]["id"]


async def test_somebody_without_access_is_told_and_nothing_is_accepted(web: World) -> None:
    await web.page(Sender("web", "acme", "eve", "Eve")).ask(str(uuid.uuid4()), "How many orders?")
    shown = await web.screen.until("element")
    assert "no access" in shown[0]["props"]["card"]["fallback"]  # type: ignore[index]
    assert web.accepted == []


async def test_nobody_asks_in_the_conversation_of_somebody_else(web: World) -> None:
    await web.store.open_thread("acme", Sender("web", "acme", "bob"), web.thread, "Bob's")
    await web.page().ask(str(uuid.uuid4()), "How many orders?")
    shown = await web.screen.until("element")
    assert "somebody else" in shown[0]["props"]["card"]["fallback"]  # type: ignore[index]
    assert web.accepted == []


async def test_a_press_goes_on_with_what_stands_on_the_card(web: World) -> None:
    thread = await web.store.open_thread("acme", ANN, web.thread, "Orders")
    field = Input("reason", "Reason", limit=5)
    button = Button("Approve", "gate.decide", {"gate": "g1", "verdict": "approve"})
    kept = await web.store.put(thread, "k", answer("r", field, actions=(button,)))
    press = {"message": kept.id, "press": str(uuid.uuid4()), "verb": button.verb, "payload": button.payload}
    inputs = {"reason": "because\x00 of it", "admin": True}
    assert await web.page().press({**press, "inputs": inputs}) == ""
    assert await web.page().press({**press, "inputs": inputs}) == ""
    (action,) = web.accepted
    assert isinstance(action, CardAction)
    assert (action.verb, action.payload, action.inputs) == (button.verb, button.payload, {"reason": "becau"})


@pytest.mark.parametrize(
    "forged",
    [
        {"verb": "gate.decide"},
        {"payload": {"text": "all salaries"}},
        {"press": "not-an-id"},
        {"message": "not-an-id"},
        {"message": str(uuid.uuid4())},
        {"payload": None, "verb": None},
    ],
)
async def test_a_forged_or_stale_press_is_refused(web: World, forged: dict[str, object]) -> None:
    thread = await web.store.open_thread("acme", ANN, web.thread, "Orders")
    kept = await web.store.put(thread, "k", DONE)
    press = {"message": kept.id, "press": str(uuid.uuid4()), "verb": "ask", "payload": {"text": "only Germany"}}
    with pytest.raises(PersonError, match="no longer current"):
        await web.page().press({**press, **forged})
    assert web.accepted == []


async def test_nobody_presses_on_the_card_of_somebody_else(web: World) -> None:
    bob = Sender("web", "acme", "bob")
    kept = await web.store.put(await web.store.open_thread("acme", bob, web.thread, "Bob's"), "k", DONE)
    press = {"message": kept.id, "press": str(uuid.uuid4()), "verb": "ask", "payload": {"text": "only Germany"}}
    with pytest.raises(PersonError):
        await web.page().press(press)


async def test_a_next_step_stands_in_the_conversation_as_a_question(web: World) -> None:
    thread = await web.store.open_thread("acme", ANN, web.thread, "Orders")
    kept = await web.store.put(thread, "k", DONE)
    press = {"message": kept.id, "press": str(uuid.uuid4()), "verb": "ask", "payload": {"text": "only Germany"}}
    run = await web.page().press(press)
    assert run == web.accepted[0].id
    assert [message.text for message in await web.store.messages("acme", thread.id)][-1] == "only Germany"


async def test_stop_stops_the_run_once(web: World) -> None:
    page = web.page()
    async with asking(page, web, "slow") as run:
        await page.stop()
        await page.stop()
        await web.channel.send(place(ANN, web.thread), answer(run, Text("Stopped.")), key=run)
    stops = [action for action in web.accepted if isinstance(action, CardAction)]
    assert [(stop.id, stop.verb, stop.payload) for stop in stops] == [(f"{run}:stop", "run.stop", {"run": run})]


async def test_what_was_shown_to_a_lost_connection_is_shown_again(web: World) -> None:
    page = web.page()
    async with asking(page, web, "How many orders?") as run:
        await web.channel.send(place(ANN, web.thread), answer(run), key=run)
    before = len(await web.screen.until("element"))
    web.screen.connection = "socket-2"
    await web.channel.send(place(ANN, web.thread), answer("other"), key="other")
    again = await web.screen.until("element", before + 2)
    assert len({data["id"] for data in again}) == 2
    page.close()


async def test_a_database_that_fails_while_a_question_is_taken_becomes_a_card(web: World) -> None:
    web.breaks = sqlite3.OperationalError("disk I/O error")
    await web.page().ask(str(uuid.uuid4()), "How many orders?")
    shown = await web.screen.until("element")
    told = str(shown[-1]["props"]["card"]["fallback"])  # type: ignore[index]
    assert "Nothing was asked and nothing was changed." in told
    assert "disk" not in told
    await web.channel.send(place(ANN, web.thread), DONE, key="later")
    await web.screen.until("element", 2)


async def test_a_database_that_fails_at_a_press_is_told_at_the_button(web: World) -> None:
    kept = await web.store.put(await web.store.open_thread("acme", ANN, web.thread, "Orders"), "k", DONE)
    web.breaks = sqlite3.OperationalError("disk I/O error")
    press = {"message": kept.id, "press": str(uuid.uuid4()), "verb": "ask", "payload": {"text": "only Germany"}}
    with pytest.raises(OperatorError, match="database did not answer"):
        await web.page().press(press)
    await web.channel.send(place(ANN, web.thread), DONE, key="later")
    await web.screen.until("element")


async def test_an_answer_comes_though_the_feed_could_not_look_for_a_while(store: SqlWebStore) -> None:
    web = World(FailingStore(store, times=2))
    async with asking(web.page(), web, "How many orders?") as run:
        await web.channel.send(place(ANN, web.thread), replace(DONE, run=run), key=run)
    shown = await web.screen.until("element")
    assert shown[-1]["props"]["card"]["body"][0]["text"] == "42 orders"  # type: ignore[index]
    await web.feed.close()
