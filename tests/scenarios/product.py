"""The product with its channels around it: signed payloads go in where Slack and Teams post them, cards come out.

Behind the routes stands the real core over a small shop; a taken activity is handled before it is acknowledged, so a
test reads like a conversation.
"""

import asyncio
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bots.slack.app import SlackApp
from bots.teams.app import teams_routes
from conversation.activity import Activity
from conversation.home import Home
from conversation.principal import Sender
from conversation.turn import TurnHandler
from infra.bootstrap import turn_handler
from infra.channels import slack_settings, teams_settings
from infra.documents import synchronise
from infra.settings import Answers, DocumentsSetting, Library, Person, Settings, Slack, SourceSetting, Teams
from infra.store.references import SqlReferences
from infra.store.web import SqlWebStore
from infra.stores import Stores, inbox, open_stores, prepare
from tests.bots.slack.payloads import payload as slack_payload
from tests.bots.teams.payloads import APP_ID, TENANT
from tests.bots.teams.payloads import payload as teams_payload
from tests.fixtures.fake_slack import BOT_TOKEN, SECRET, FakeSlack, event_body, fake_slack, form_body
from tests.fixtures.fake_teams import FakeTeams
from web.events import parse_message, parse_press
from web.port import WebMessage, WebThread

BEN = "77777777-8888-4777-8666-555555555555"
PEOPLE = (
    Person(id="ann", name="Ann", identities=("slack:T1:U1",)),
    Person(id="ben", name="Ben", roles=("member", "approver"), identities=("slack:T1:U2", f"teams:{TENANT}:{BEN}")),
    Person(id="eva", name="Eva", roles=("member", "expert"), identities=("slack:T1:U4",)),
    Person(id="cat", name="Cat", roles=("approver",), identities=("slack:T1:U3",)),
)


def write_shop(path: Path) -> None:
    """Forty orders in two countries; dates in this and in the last year."""
    year = datetime.now(UTC).year
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, country TEXT, status TEXT, amount REAL, ordered_on DATE)"
        )
        rows = [
            (n, "Germany" if n % 4 else "France", "open" if n % 5 else "paid", 10.0 * n, f"{year - n % 2}-01-15")
            for n in range(1, 41)
        ]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    database.close()


def settings_for(
    folder: Path,
    slack: FakeSlack,
    teams: FakeTeams,
    sources: Sequence[SourceSetting] = (),
    documents: Sequence[DocumentsSetting] = (),
    **answers: Any,
) -> Settings:
    """Everything configured. `sources` replace the shop, `documents` are read before anything is asked.

    `answers` are limits, e.g. `approval_rows_returned=20`.
    """
    shop = folder / "shop.sqlite"
    if not shop.exists():
        write_shop(shop)
    return Settings(
        data=folder / "data",
        slack=Slack(bot_token=BOT_TOKEN, signing_secret=SECRET, api_url=slack.api),
        teams=Teams(
            app_id=APP_ID,
            tenant=TENANT,
            credential="managed",
            service_urls=(teams.url,),
            openid_metadata=teams.metadata,
        ),
        sources=tuple(sources) or (SourceSetting(name="shop", address=f"sqlite:///{shop}"),),
        people=PEOPLE,
        documents=tuple(documents),
        library=Library(hours=0),
        answers=Answers(**answers),
    )


@dataclass
class Product:
    """The running product; `handler` is replaced by `restart`."""

    settings: Settings
    slack: FakeSlack
    teams: FakeTeams
    stores: Stores
    client: httpx.AsyncClient
    handler: TurnHandler
    _worker: AsyncExitStack
    taken: list[Activity] = field(default_factory=list)
    _clock: int = 1_690_000_000

    async def restart(self, **answers: Any) -> None:
        """End the worker's core and start another over the same data, perhaps with other limits."""
        await self._worker.aclose()
        self.settings = self.settings.model_copy(update={"answers": Answers(**answers)} if answers else {})
        self.handler = await self._worker.enter_async_context(turn_handler(self.settings))

    async def slack_event(self, event: dict[str, Any]) -> None:
        """An event as Slack posts it."""
        body, headers = event_body(event)
        answer = await self.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def slack_says(
        self, text: str, user: str = "U1", space: str = "D1", *, thread: str = "", ts: str = ""
    ) -> str:
        """A direct message where `space` is D..., else a mention in a channel or in its thread; gives its ts."""
        personal = space.startswith("D")
        said = slack_payload("message_im" if personal else "app_mention")
        self._clock += 1
        ts = ts or f"{self._clock}.000100"
        words = text if personal else f"<@UBOT> {text}"
        said["event"] |= {"text": words, "user": user, "channel": space, "ts": ts, "event_ts": ts}
        said["event"].pop("thread_ts", None)
        if thread:
            said["event"]["thread_ts"] = thread
        await self.slack_event(said)
        return ts

    async def slack_presses(
        self,
        label: str,
        user: str,
        space: str,
        *,
        inputs: str = "",
        typed: dict[str, str] | None = None,
        chosen: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The latest button of this label in a space, pressed; gives the payload, to be delivered again.

        What only this person was shown last is looked at first. `inputs` is the reason, `typed` other texts by id;
        `chosen` are labels of what was ticked.
        """
        message, element = self._slack_button(label, space, user)
        pressed = slack_payload("press")
        self._clock += 1
        thread = message.get("thread_ts")
        pressed["user"] |= {"id": user, "name": user}
        pressed["channel"] = {"id": space, "name": "directmessage" if space.startswith("D") else "general"}
        pressed["container"] = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": space,
            "thread_ts": thread,
        }
        pressed["message"] = {"ts": message["ts"], "team": "T1", "thread_ts": thread}
        words = {**({"reason": inputs} if inputs else {}), **(typed or {})}
        values: dict[str, Any] = {
            f"text:{id}": {"type": "plain_text_input", "value": value} for id, value in words.items()
        }
        if chosen:
            ticked = [option for option in _options(message) if option["text"]["text"] in chosen]
            assert len(ticked) == len(chosen), _options(message)
            values["choices:chosen"] = {"type": "multi_static_select", "selected_options": ticked}
        pressed["state"] = {"values": {"b": values} if values else {}}
        pressed["actions"] = [
            {
                "type": "button",
                "action_id": element["action_id"],
                "block_id": "b",
                "value": element["value"],
                "action_ts": f"{self._clock}.5",
            }
        ]
        await self.slack_payload(pressed)
        return pressed

    async def slack_opens_home(self, user: str) -> str:
        """The Home tab as it stands after this person opened it, in JSON."""
        opened = slack_payload("app_home_opened")
        opened["event"]["user"] = user
        await self.slack_event(opened)
        async with asyncio.timeout(10):
            while user not in self.slack.homes:
                await asyncio.sleep(0.01)
        return json.dumps(self.slack.homes[user], ensure_ascii=False)

    async def slack_presses_home(self, label: str, user: str) -> None:
        """A button of this label on the Home tab, pressed."""
        elements = [part for block in self.slack.homes[user]["blocks"] for part in block.get("elements", [])]
        element = next(part for part in elements if part.get("type") == "button" and label in part["text"]["text"])
        pressed = slack_payload("press_home")
        self._clock += 1
        pressed["user"] |= {"id": user}
        pressed["actions"] = [{**pressed["actions"][0], **element, "action_ts": f"{self._clock}.5"}]
        await self.slack_payload(pressed)

    async def slack_payload(self, pressed: dict[str, Any]) -> None:
        """An interaction as Slack posts it."""
        body, headers = form_body(pressed)
        answer = await self.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def slack_shows(self, space: str) -> list[str]:
        """The messages of a space now, each as its blocks in JSON, oldest first."""
        return [json.dumps(message.get("blocks"), ensure_ascii=False) for message in self.slack.messages[space]]

    def _slack_button(self, label: str, space: str, user: str) -> tuple[dict[str, Any], dict[str, Any]]:
        whispered = [one for one in self.slack.whispers if (one["channel"], one["user"]) == (space, user)][-1:]
        alone = [{"ts": "1.1", **one} for one in whispered]
        for message in (*alone, *reversed(self.slack.messages[space])):
            for block in message.get("blocks") or []:
                for element in [*block.get("elements", []), block.get("accessory") or {}]:
                    if element.get("type") == "button" and label in element["text"]["text"]:
                        return message, element
        raise AssertionError(f"no button {label!r} in {self.slack_shows(space)}")

    async def teams_says(self, text: str, person: str = BEN, space: str = "a:ben", id: str = "") -> None:
        """A personal message in Teams."""
        self._clock += 1
        await self._teams(
            teams_payload("message_personal", text=text, attachments=[], id=id or str(self._clock)), person, space
        )

    async def teams_presses(
        self, label: str, person: str = BEN, space: str = "a:ben", *, chosen: Sequence[str] = (), **typed: str
    ) -> None:
        """The latest action of this label in a Teams conversation, pressed; `chosen` are titles of what was ticked."""
        self._clock += 1
        pressed = teams_payload("invoke_execute", id=f"f:{self._clock}")
        card, action = next(
            (card, one) for card in reversed(self.teams_shows(space)) for one in _actions(card) if label in one["title"]
        )
        data = {**action["data"], **{f"in:1:text:{name}": value for name, value in typed.items()}}
        if chosen:
            field = next(part for part in _parts(card) if str(part.get("id", "")).endswith(":choices:chosen"))
            ticked = [one["value"] for one in field["choices"] if one["title"] in chosen]
            assert len(ticked) == len(chosen), field
            data[field["id"]] = ",".join(ticked)
        pressed["value"] = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": data}}
        await self._teams(pressed, person, space)

    def teams_shows(self, space: str) -> list[dict[str, Any]]:
        """Each card that stands in a Teams conversation now, oldest first."""
        cards: dict[str, dict[str, Any]] = {}
        for number, call in enumerate(self.teams.calls, 1):
            if f"/conversations/{space}/activities" not in call.path or not call.body.get("attachments"):
                continue
            id = call.path.rsplit("/", 1)[-1] if call.method == "PUT" else f"act-{number}"
            cards[id] = call.body["attachments"][0]["content"]
        return list(cards.values())

    async def _teams(self, body: dict[str, Any], person: str, space: str) -> None:
        body |= {
            "serviceUrl": self.teams.url,
            "from": {"id": f"29:{person}", "name": "Somebody", "aadObjectId": person},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": space},
        }
        answer = await self.client.post("/api/messages", json=body, headers={"Authorization": self.teams.token()})
        assert answer.status_code == 200, answer.text

    async def web_thread(self, person: str) -> WebThread:
        """A new conversation in the browser."""
        owner = Sender("web", self.settings.tenant, person, person)
        return await SqlWebStore(self.stores.engine).open_thread(self.settings.tenant, owner, str(uuid.uuid4()), "New")

    async def web_says(self, thread: WebThread, text: str) -> None:
        """Words typed in the browser."""
        message = parse_message(thread.id, thread.owner, str(uuid.uuid4()), text)
        assert message is not None
        await self.accept(message)

    async def web_presses(self, thread: WebThread, label: str, **typed: str) -> None:
        """The latest button of this label in a conversation of the browser, pressed."""
        for kept in reversed(await self.web_shows(thread)):
            button = next((one for one in kept.card.buttons() if label in one.label), None) if kept.card else None
            if button is not None:
                press = {"press": str(uuid.uuid4()), "verb": button.verb, "payload": button.payload, "inputs": typed}
                action = parse_press(thread, kept, press)
                assert action is not None
                await self.accept(action)
                return
        raise AssertionError(f"no button {label!r}")

    async def web_shows(self, thread: WebThread) -> list[WebMessage]:
        """The cards of a conversation in the browser, oldest first."""
        messages = await SqlWebStore(self.stores.engine).messages(self.settings.tenant, thread.id)
        return [message for message in messages if message.card is not None]

    async def accept(self, activity: Activity) -> bool:
        """Handle at once what is taken."""
        self.taken.append(activity)
        await self.handler.handle(activity)
        return True


def _options(message: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be ticked on a message of Slack."""
    return [option for block in message.get("blocks") or [] for option in block.get("element", {}).get("options", [])]


def _parts(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Every element of an Adaptive Card, wherever it stands."""
    found: list[dict[str, Any]] = [card]
    for value in card.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                found += _parts(one)
    return found


def _actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Every action with a verb, wherever it stands on an Adaptive Card, deepest first."""
    found: list[dict[str, Any]] = []
    for value in card.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                found += _actions(one)
    return [*found, *([card] if card.get("verb") and "title" in card else [])]


@asynccontextmanager
async def product(folder: Path, monkeypatch: pytest.MonkeyPatch, **answers: Any) -> AsyncIterator[Product]:
    """The product on a folder, with a Slack and a Teams of its own."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(fake_slack())
        teams = await stack.enter_async_context(FakeTeams(APP_ID))
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{teams.url}/identity")
        monkeypatch.setenv("IDENTITY_HEADER", "fake")
        settings = settings_for(folder, slack, teams, **answers)
        prepare(settings)
        synchronise(settings)
        stores = open_stores(settings)
        stack.push_async_callback(stores.engine.dispose)
        worker = await stack.enter_async_context(AsyncExitStack())
        handler = await worker.enter_async_context(turn_handler(settings))
        made: Product = Product(settings, slack, teams, stores, httpx.AsyncClient(), handler, worker)
        bolt, bot = slack_settings(settings), teams_settings(settings)
        assert bolt is not None
        assert bot is not None
        home = Home(stores.directory, stores.runs, inbox(settings, stores))
        served = SlackApp(bolt, made.accept, lambda sender, _space: home.card(sender), stores.posts)
        references = SqlReferences(stores.engine, settings.tenant)
        app = Starlette(routes=[*served.routes, *teams_routes(bot, made.accept, references)])
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        made.client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://quillux"))
        stack.push_async_callback(served.stop)
        yield made
