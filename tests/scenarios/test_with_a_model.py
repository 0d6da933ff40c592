"""Whole turns with a chat model configured: a message in, a card out, through the real client, graph and stores."""

import asyncio
import itertools
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from conversation.activity import CardAction, Message
from conversation.card import Card, Code, Details, Facts, Text
from conversation.codec import JsonObject
from conversation.principal import ConversationRef, Sender
from conversation.turn import TurnHandler
from infra.bootstrap import turn_handler
from infra.settings import Answers, Model, Settings, SourceSetting
from infra.stores import Stores, open_stores, prepare
from tests.fixtures.openai_server import KEY, REPLIES, OpenAIServer
from tests.knowledge.translation.shop import SCHEMA

HERE = ConversationRef("api", "acme", "ada", "c1", personal=True)
ADA = Sender("api", "acme", "ada", "Ada")
QUESTION = "how many orders per status"
HARD = "which parcels dawdled"
"""A question that the rules decline."""


@dataclass
class Conversation:
    """One person's conversation with the product."""

    handler: TurnHandler
    stores: Stores
    _count: "itertools.count[int]" = field(default_factory=itertools.count)

    async def say(self, text: str) -> Card:
        """The card that a message gets."""
        id = self._id()
        await self.handler.handle(Message(id, HERE, ADA, text))
        return await self.card(id)

    async def press(self, verb: str, payload: JsonObject) -> Card:
        """The card that a button gets."""
        id = self._id()
        await self.handler.handle(CardAction(id, HERE, ADA, verb, payload))
        return await self.card(str(payload["gate"]).removesuffix(":gate") if "gate" in payload else id)

    async def card(self, run: str) -> Card:
        """The card of a run as it is stored; the key stands nowhere in it."""
        found = await self.stores.runs.get("default", run)
        assert found is not None
        assert found.card is not None
        assert KEY not in repr(found)
        return found.card

    def _id(self) -> str:
        return f"api:acme:ada:{next(self._count)}"


@asynccontextmanager
async def talking(folder: Path, model: Model, answers: Answers | None = None) -> AsyncIterator[Conversation]:
    """The whole core over a small shop, with this model."""
    shop = folder / "shop.sqlite"
    with sqlite3.connect(shop) as database:
        database.executescript(SCHEMA)
    database.close()
    settings = Settings(
        data=folder / "data",
        sources=(SourceSetting(name="shop", address=f"sqlite:///{shop}"),),
        model=model,
        answers=answers or Answers(),
    )
    await asyncio.to_thread(prepare, settings)
    stores = open_stores(settings)
    try:
        async with turn_handler(settings) as handler:
            yield Conversation(handler, stores)
    finally:
        await stores.engine.dispose()


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer.running() as server:
        yield server


def model(openai: OpenAIServer, seconds: float = 20.0, candidates: int = 1, **more: float) -> Model:
    given = {"name": "openai:test-model", "base_url": openai.address, "api_key": SecretStr(KEY), "seconds": seconds}
    return Model.model_validate({**given, "candidates": candidates, **more})


def made_by(card: Card) -> str:
    """What the receipt says of who read the question."""
    *_, details = (element for element in card.body if isinstance(element, Details))
    (facts,) = (element for element in details.body if isinstance(element, Facts))
    return dict(facts.pairs)["Made by"]


def sql(card: Card) -> str:
    """The query on the receipt."""
    *_, details = (element for element in card.body if isinstance(element, Details))
    return next(element.text for element in details.body if isinstance(element, Code))


def words(card: Card) -> str:
    """What the card says at first sight."""
    return " ".join(element.text for element in card.body if isinstance(element, Text))


async def test_without_a_model_the_rules_answer(tmp_path: Path) -> None:
    async with talking(tmp_path, Model()) as conversation:
        assert made_by(await conversation.say(QUESTION)) == "rules, without a language model"


async def test_what_the_rules_decline_the_model_answers(tmp_path: Path, openai: OpenAIServer) -> None:
    openai.say(REPLIES["slow_shipments"])
    async with talking(tmp_path, model(openai)) as conversation:
        card = await conversation.say(HARD)
    assert "JULIANDAY" in sql(card)
    assert made_by(card) == "model, checked; the rules could not read the question"
    assert "Only the model could read this question" in words(card)


async def test_a_dispute_is_settled_by_a_button_and_back(tmp_path: Path, openai: OpenAIServer) -> None:
    openai.say(REPLIES["another_reading"])
    async with talking(tmp_path, model(openai, candidates=2)) as conversation:
        disputed = await conversation.say(QUESTION)
        (button,) = disputed.alternatives
        assert button.label == "Use the rules’ reading"
        assert "SUM" in sql(disputed)
        by_rules = await conversation.press(button.verb, button.payload)
        assert "COUNT" in sql(by_rules)
        assert len(openai.requests) == 2
        (back,) = by_rules.alternatives
        assert back.label == "Use the model’s proposal"
        assert "SUM" in sql(await conversation.press(back.verb, back.payload))


@pytest.mark.parametrize(
    "reply", ["prose", "drop", "two_statements", "injection", "unknown_column", "words_of_its_own"]
)
async def test_a_bad_model_changes_nothing_and_is_named(tmp_path: Path, openai: OpenAIServer, reply: str) -> None:
    openai.say(REPLIES[reply])
    async with talking(tmp_path, model(openai)) as conversation:
        card = await conversation.say(QUESTION)
        assert "evil" not in repr(card)
        assert "rules; the model was not used: " in made_by(card)
        assert "COUNT" in sql(card)
    with sqlite3.connect(tmp_path / "shop.sqlite") as database:
        assert database.execute("SELECT COUNT(*) FROM orders WHERE status = 'paid'").fetchone() == (4,)
    database.close()
    assert len(openai.requests) == 2


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (None, "did not answer"),
        (500, "its service failed"),
        (401, "did not accept the key"),
        (b"{", "no answer that could be read"),
        ('{"sql": "' + "x" * 5_000_000, "too long"),
    ],
)
async def test_a_service_that_fails_is_named_and_the_key_is_nowhere(
    tmp_path: Path,
    openai: OpenAIServer,
    reply: str | int | bytes | None,
    why: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    openai.say(reply)
    seconds = 0.5 if reply is None else 20.0
    with caplog.at_level(logging.INFO):
        async with talking(tmp_path, model(openai, seconds)) as conversation:
            card = await conversation.say(QUESTION)
    assert why in made_by(card)
    assert "COUNT" in sql(card)
    said = "".join(logging.Formatter().format(record) for record in caplog.records) + "".join(capfd.readouterr())
    assert "the model was not used" in said
    assert KEY not in said


async def test_a_decline_says_that_the_model_was_not_used(tmp_path: Path, openai: OpenAIServer) -> None:
    openai.say(503)
    async with talking(tmp_path, model(openai)) as conversation:
        assert "The model was not used: its service failed." in words(await conversation.say(HARD))


async def test_an_approval_runs_what_was_approved_and_does_not_ask_the_model_again(
    tmp_path: Path, openai: OpenAIServer
) -> None:
    openai.say(REPLIES["another_reading"], REPLIES["another_reading"], REPLIES["drop"])
    heavy = Answers(approval_rows_read=1, approvers=("member",), self_approval=True)
    async with talking(tmp_path, model(openai, candidates=2), heavy) as conversation:
        waiting = await conversation.say(QUESTION)
        approve = next(button for button in waiting.actions if button.label == "Approve")
        card = await conversation.press(approve.verb, approve.payload)
        assert "SUM" in sql(card)
        assert len(openai.requests) == 2


async def test_a_follow_up_tells_the_model_what_was_asked_before(tmp_path: Path, openai: OpenAIServer) -> None:
    openai.say(REPLIES["good"])
    async with talking(tmp_path, model(openai)) as conversation:
        await conversation.say(QUESTION)
        await conversation.say("only paid ones")
    assert f'"earlier": [{{"question": "{QUESTION}"' in openai.told
