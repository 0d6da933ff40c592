"""The browser as a channel."""

import uuid

import pytest

from conversation.card import Card, Text
from conversation.channel import MessageRef
from conversation.errors import ChannelRefused
from tests.web.world import ANN, World
from web.port import place

CARD = Card((Text("42"),))


async def test_a_card_posted_twice_under_a_key_is_one_message(web: World) -> None:
    await web.store.open_thread("acme", ANN, web.thread, "Orders")
    first = await web.channel.send(place(ANN, web.thread), CARD, key="run-1")
    assert await web.channel.send(place(ANN, web.thread), CARD, key="run-1") == first
    assert await web.channel.find(place(ANN, web.thread), "run-1") == first
    assert await web.channel.find(place(ANN, web.thread), "run-2") is None


async def test_a_deleted_conversation_refuses_cards(web: World) -> None:
    await web.store.open_thread("acme", ANN, web.thread, "Orders")
    message = await web.channel.send(place(ANN, web.thread), CARD, key="run-1")
    await web.store.delete_thread("acme", web.thread)
    with pytest.raises(ChannelRefused):
        await web.channel.update(message, CARD)
    with pytest.raises(ChannelRefused):
        await web.channel.send(place(ANN, web.thread), CARD, key="run-1")


async def test_a_card_for_somebody_elses_eyes_goes_to_their_own_conversation(web: World) -> None:
    await web.store.open_thread("acme", ANN, web.thread, "Orders")
    message = await web.channel.send(place(ANN, web.thread), CARD, key="gate-1", only_for="bob")
    assert message.where.space == "bob"
    assert await web.store.messages("acme", web.thread) == []


async def test_an_unknown_message_is_refused(web: World) -> None:
    with pytest.raises(ChannelRefused):
        await web.channel.update(MessageRef(place(ANN, web.thread), str(uuid.uuid4())), CARD)
