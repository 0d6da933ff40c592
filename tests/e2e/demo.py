"""A small product around the real pages: the real store and feed, and a core that answers from a script.

Run as `python -m tests.e2e.demo FOLDER [GATES]`; prints its address when ready. So many gates wait for Ann.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import uvicorn
from fastapi import FastAPI, Request
from sqlmodel import SQLModel

from conversation.activity import Activity, CardAction, Message
from conversation.card import Button, Card, Progress, Table, Text
from conversation.gates.ceremony import Ceremony
from conversation.gates.inbox import Inbox
from conversation.principal import Principal, Sender
from conversation.run import Run
from conversation.turn import TurnHandler
from infra.schemas import JsonSchemas
from infra.store.engine import open_engine
from infra.store.tables import now
from infra.store.web import SqlWebStore
from knowledge.charts import png, themed
from tests.e2e.script import answer
from tests.e2e.waiting import BreakableGates, decider, hard_ones, seed
from tests.fakes.directory import MemoryDirectory
from tests.fakes.gates import MemoryGates
from tests.fakes.proofs import MemoryProofs
from tests.fakes.results import MemoryResults
from tests.fakes.runs import MemoryRuns
from web.api.app import ApiRoute
from web.api.app import build as build_api
from web.api.services import ActivityProgress, ApiServices, Check
from web.app import WebSettings, mount
from web.approvals import list as approvals_list
from web.approvals.fresh import FreshSignIn
from web.approvals.gate import GatePages
from web.channel import WebChannel
from web.feed import PollingFeed
from web.login import sender_from_cookies
from web.services import Services

REALM = "demo"
PEOPLE = {"ann": "Ann Example", "bob": "Bob Example", "cat": "Cat Example"}
ROLES = {"ann": ("member", "approver"), "bob": ("member",), "cat": ("member", "approver")}


class Core:
    """Accepts each activity once and answers it through the channel, as the worker does."""

    def __init__(self, channel: WebChannel) -> None:
        self._channel = channel
        self.results = MemoryResults()
        self.runs = MemoryRuns()
        self.decider: TurnHandler | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped: set[str] = set()

    async def accept(self, activity: Activity) -> bool:
        """Take an activity under its id."""
        if activity.id in self._tasks:
            return False
        if isinstance(activity, CardAction) and activity.verb == "run.stop":
            self._stopped.add(str(activity.payload["run"]))
        elif self.decider is not None and activity.where.channel == "api":
            self._tasks[activity.id] = asyncio.create_task(self.decider.handle(activity))
        else:
            self._tasks[activity.id] = asyncio.create_task(self._answer(activity))
        return True

    async def _answer(self, activity: Activity) -> None:
        assert isinstance(activity, Message | CardAction)
        run = str(getattr(activity, "payload", {}).get("run", activity.id))
        text = activity.text if isinstance(activity, Message) else str(activity.payload.get("text", activity.verb))
        if text.startswith("slow"):
            for done in range(1, 100):
                if run in self._stopped:
                    stopped = Card((Text("Stopped."), Text("Nothing was changed.", "muted")), run=run)
                    await self._channel.send(activity.where, stopped, key=run)
                    return
                stop = (Button("Stop", "run.stop", {"run": run}),)
                card = Card((Progress("Reading orders", done, 100),), stop, run=run)
                await self._channel.send(activity.where, card, key=run)
                await asyncio.sleep(0.1)
        card = await self._kept(activity, answer(text, run), run)
        await self._channel.send(activity.where, card, key=run)

    async def _kept(self, activity: Message | CardAction, card: Card, run: str) -> Card:
        """The card with its rows in the store of results, as the worker leaves it."""
        body = list(card.body)
        for n, element in enumerate(body):
            if isinstance(element, Table) and element.rows:
                columns = zip(*element.rows, strict=True)
                rows = pa.table({c.name: list(v) for c, v in zip(element.columns, columns, strict=True)})
                body[n] = replace(element, rows=element.rows[:10], result=await self.results.put(REALM, rows))
        card = replace(card, body=tuple(body))
        who = Principal(activity.sender.user, REALM, activity.sender.name)
        await self.runs.begin(Run(run, REALM, activity.where, who, "", created_at="2025-06-01T00:00:00Z"))
        await self.runs.finish(run, "completed", card, {})
        return card

    async def progress(self, id: str) -> ActivityProgress:
        """What became of an activity."""
        task = self._tasks.get(id)
        return "unknown" if task is None else "done" if task.done() else "pending"


async def authenticate(name: str, password: str) -> Sender | None:
    """Everybody's password is `demo`."""
    return Sender("web", REALM, name, PEOPLE[name]) if name in PEOPLE and password == "demo" else None


async def suggest(_who: Principal) -> Sequence[str]:
    """Questions to begin with."""
    return (
        "How many orders did we ship per region last month?",
        "Revenue by month this year",
        "Top 5 products by revenue",
    )


def api(core: Core, directory: MemoryDirectory, gates: MemoryGates) -> ApiServices:
    """The API over the scripted core: what the canvas pages and downloads from."""

    async def cookie(request: Request) -> Sender | None:
        return sender_from_cookies(request.cookies)

    async def token(_token: str) -> Sender | None:
        return None

    async def checks() -> Sequence[Check]:
        return ()

    return ApiServices(
        accept=core.accept,
        progress=core.progress,
        runs=core.runs,
        gates=gates,
        inbox=Inbox(gates, now),
        directory=directory,
        results=core.results,
        verify_token=token,
        sender_from_cookie=cookie,
        chart_png=lambda spec, dark: asyncio.run(png(themed(spec, dark=dark))),
        checks=checks,
    )


async def build(folder: Path, waiting: int = 0, *, hard: bool = False) -> FastAPI:
    """The application over a database in `folder`; so many gates wait for Ann, or the `hard` ones."""
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'web.sqlite'}")
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    store = SqlWebStore(engine)
    directory = MemoryDirectory(
        {id: Principal(id, REALM, name, roles=ROLES[id]) for id, name in PEOPLE.items()}, everyone=False
    )
    core = Core(WebChannel(store, directory))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    gates = BreakableGates(folder / "broken")
    await seed(gates, core.runs, waiting)
    if hard:
        await hard_ones(gates, core.runs)
    ceremony = Ceremony("", JsonSchemas(), MemoryProofs())
    core.decider = decider(gates, core.runs, directory, ceremony)
    behind = api(core, directory, gates)
    app.router.routes.append(ApiRoute(build_api(behind)))
    app.router.routes.extend(approvals_list.routes(behind))
    fresh = FreshSignIn(authenticate, None, REALM)
    app.router.routes.extend(GatePages(behind, ceremony, fresh, now).routes())
    services = Services(core.accept, directory, authenticate, store, PollingFeed(store), suggest)
    mount(
        app, WebSettings(root=folder / "web", secret="not a secret, only for tests, long enough", realm=REALM), services
    )
    return app


async def main(folder: Path, waiting: str) -> None:
    """Serve on a free port until killed; so many gates wait, or those that are `hard`."""
    made = await build(folder, 0, hard=True) if waiting == "hard" else await build(folder, int(waiting))
    config = uvicorn.Config(made, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "0"))
