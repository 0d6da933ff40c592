"""Conversations of the browser, kept in a real SQLite file made by the migrations."""

import asyncio
import uuid

import pytest

from conversation.card import Card, Text
from conversation.errors import NotAllowed
from conversation.principal import Sender
from infra.store.web import SqlWebStore
from web.port import WebThread

ANN = Sender("web", "acme", "ann")
BOB = Sender("web", "acme", "bob")


async def conversation(store: SqlWebStore, owner: Sender = ANN, name: str = "Orders") -> WebThread:
    return await store.open_thread("acme", owner, str(uuid.uuid4()), name)


async def test_a_conversation_opened_twice_is_one(store: SqlWebStore) -> None:
    first = await conversation(store)
    again = await store.open_thread("acme", ANN, first.id, "Another name")
    assert again == first


async def test_nobody_opens_the_conversation_of_somebody_else(store: SqlWebStore) -> None:
    mine = await conversation(store)
    with pytest.raises(NotAllowed):
        await store.open_thread("acme", BOB, mine.id, "Mine now")


async def test_a_message_said_twice_stands_once(store: SqlWebStore) -> None:
    thread = await conversation(store)
    id = str(uuid.uuid4())
    assert await store.say(thread, id, "How many orders?")
    assert not await store.say(thread, id, "How many orders?")
    assert [message.text for message in await store.messages("acme", thread.id)] == ["How many orders?"]


async def test_a_card_put_twice_under_its_key_is_replaced_in_place(store: SqlWebStore) -> None:
    thread = await conversation(store)
    first = await store.put(thread, "run-1", Card((Text("Working"),)))
    second = await store.put(thread, "run-1", Card((Text("42"),)))
    assert (second.id, second.card) == (first.id, Card((Text("42"),)))
    assert second.seq > first.seq
    assert await store.posted(thread.id, "run-1") == first.id


async def test_changes_come_once_and_in_order(store: SqlWebStore) -> None:
    thread = await conversation(store)
    before = await store.latest("acme")
    kept = [await store.put(thread, f"run-{n}", Card((Text(f"{n}"),))) for n in range(3)]
    changed = await store.changes("acme", before)
    assert [message.id for message in changed] == [message.id for message in kept]
    assert await store.changes("acme", changed[-1].seq) == []
    assert await store.changes("globex", 0) == []


async def test_two_writers_at_once_get_different_numbers(store: SqlWebStore) -> None:
    thread = await conversation(store)
    kept = await asyncio.gather(*(store.put(thread, f"run-{n}", Card((Text(f"{n}"),))) for n in range(20)))
    assert len({message.seq for message in kept}) == 20


async def test_a_deleted_conversation_takes_no_card(store: SqlWebStore) -> None:
    thread = await conversation(store)
    message = await store.put(thread, "run-1", Card((Text("42"),)))
    await store.delete_thread("acme", thread.id)
    assert not await store.replace(message.id, Card((Text("43"),)))
    assert await store.find_thread(thread.id) is None
    assert await store.messages("acme", thread.id) == []


async def test_conversations_are_listed_newest_first_page_by_page_and_for_their_owner_only(store: SqlWebStore) -> None:
    threads = [await conversation(store, name=f"Number {n}") for n in range(5)]
    await conversation(store, BOB)
    await store.say(threads[0], str(uuid.uuid4()), "again")
    first = await store.threads("acme", ANN, limit=3)
    rest = await store.threads("acme", ANN, before=first[-1].id, limit=3)
    assert [thread.name for thread in (*first, *rest)] == ["Number 0", "Number 4", "Number 3", "Number 2", "Number 1"]


async def test_a_search_finds_names_and_words_and_takes_signs_literally(store: SqlWebStore) -> None:
    named = await conversation(store, name="Revenue 100% by region")
    said = await conversation(store, name="Something")
    await store.say(said, str(uuid.uuid4()), "orders of Île-de-France")
    assert [thread.id for thread in await store.threads("acme", ANN, search="100%")] == [named.id]
    assert [thread.id for thread in await store.threads("acme", ANN, search="île-de")] == []
    assert [thread.id for thread in await store.threads("acme", ANN, search="Île-de")] == [said.id]
    assert await store.threads("acme", ANN, search="%") == [named]
