"""The API over in-memory twins, with a hand on everything that happens behind it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx
from fastapi import Request

from conversation.activity import Activity, CardAction, Message
from conversation.card import Button, Card, Chart, Details, Facts, Table, Text
from conversation.cells import Column
from conversation.gates import Gate
from conversation.gates.inbox import Inbox
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Run, RunState
from infra.schemas import JsonSchemas
from knowledge.catalog.model import Catalog
from knowledge.glossary.lineage import Lineage
from knowledge.glossary.uses import Use
from tests.fakes.directory import MemoryDirectory
from tests.fakes.gates import MemoryGates
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.results import MemoryResults
from tests.fakes.runs import MemoryRuns
from tests.knowledge.glossary.world import CATALOG
from web.api.app import build
from web.api.services import ActivityProgress, ApiServices, Check, GlossaryServices

NOW = "2026-01-01T02:00:00+00:00"
ADA = Principal("ada", "acme", "Ada", roles=("member",))
BEN = Principal("ben", "acme", "Ben", roles=("approver",))
EVA = Principal("eva", "acme", "Eva", roles=("member", "expert"))
EVE = Principal("eve", "other", "Eve", roles=("approver", "admin"))
ANSWER = Card(
    (
        Text("1,204 orders"),
        Table((Column("region"), Column("orders", "integer")), (("Nord", 700), ("Süd", 504)), total=2, result="res-1"),
        Chart({"mark": "bar"}, "Nord is largest"),
        Details("How this was made", (Facts((("Rows read", "1,204"),)),)),
    ),
    (Button("CSV", "run.csv", {"run": "r"}),),
)


class World:
    """One API and all that stands behind it. Tokens are `token-<person>`, cookies name the person."""

    def __init__(self) -> None:
        people = {person.id: person for person in (ADA, BEN, EVA, EVE)}
        self.runs, self.gates, self.results = MemoryRuns(), MemoryGates(), MemoryResults()
        self.directory = MemoryDirectory(people)
        self.taken: dict[str, Activity] = {}
        self.handled: set[str] = set()
        self.checks: list[Check] = [Check("database", True), Check("worker", True, "seen 1 s ago")]
        self.looks: list[tuple[str, float]] = []
        self.on_look: Callable[[], None] | None = None
        self.glossary = MemoryGlossaries()
        self.services = ApiServices(
            accept=self._accept,
            progress=self._progress,
            runs=self.runs,
            gates=self.gates,
            inbox=Inbox(self.gates, lambda: NOW),
            schemas=JsonSchemas(),
            directory=self.directory,
            results=self.results,
            verify_token=self._token,
            sender_from_cookie=self._cookie,
            chart_png=lambda spec, dark: f"PNG {spec['mark']} {'dark' if dark else 'light'}".encode(),
            checks=self._checks,
            changed=self._changed,
            glossary=GlossaryServices(self.glossary, self._catalog, self._lineage),
            public_url="https://ask.example",
            version="1.2.3",
        )
        self.app = build(self.services)

    def client(self, person: str = "", *, cookie: str = "") -> httpx.AsyncClient:
        """A client that is signed in by token, by cookie, or not at all."""
        headers = {"Authorization": f"Bearer token-{person}"} if person else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        cookies = {"session": cookie} if cookie else {}
        return httpx.AsyncClient(transport=transport, base_url="http://ask.example", headers=headers, cookies=cookies)

    async def begin(self, id: str, who: Principal = ADA, state: RunState = "working", text: str = "How many?") -> Run:
        """A run as the worker begins it."""
        activity = self.taken.get(id)
        where = activity.where if activity is not None else ConversationRef("slack", "T1", "C1", "17.1")
        return await self.runs.begin(Run(id, who.tenant, where, who, text, flow="nlq", state=state))

    async def answer(self, id: str, who: Principal = ADA, card: Card = ANSWER) -> None:
        """A run as the worker finishes it."""
        await self.begin(id, who)
        await self.runs.finish(id, "completed", card, {})

    def message(self, id: str) -> Message:
        """The accepted message of this id."""
        activity = self.taken[id]
        assert isinstance(activity, Message)
        return activity

    def press(self, id: str) -> CardAction:
        """The accepted press of this id."""
        activity = self.taken[id]
        assert isinstance(activity, CardAction)
        return activity

    async def _accept(self, activity: Activity) -> bool:
        return self.taken.setdefault(activity.id, activity) is activity

    async def _progress(self, id: str) -> ActivityProgress:
        return "done" if id in self.handled else "pending" if id in self.taken else "unknown"

    async def _token(self, token: str) -> Sender | None:
        person = token.removeprefix("token-")
        return Sender("api", "acme", person) if token.startswith("token-") and person else None

    async def _cookie(self, request: Request) -> Sender | None:
        person = request.cookies.get("session", "")
        return Sender("web", "acme", person) if person else None

    async def _catalog(self, tenant: str) -> Catalog:
        return CATALOG if tenant == "acme" else Catalog()

    async def _lineage(self, tenant: str) -> Lineage:
        asked = Use("question", "r1", "Turnover?", "SELECT SUM(amount) FROM orders", "shop", "sqlite")
        return Lineage(await self.glossary.of(tenant), (asked,), CATALOG.dialects)

    async def _checks(self) -> Sequence[Check]:
        return self.checks

    async def _changed(self, run: str, seconds: float) -> None:
        self.looks.append((run, seconds))
        if self.on_look is not None:
            self.on_look()
        await asyncio.sleep(0)


GATE = Gate(
    id="gate:slack:T1/C1:17.1",
    tenant="acme",
    run="r1",
    flow="nlq",
    interrupt="i1",
    title="Run a large query?",
    reason="It reads 60,000,000 rows.",
    parameters={"sql": "select 1"},
    asked_by=ADA,
    roles=("approver",),
    policy="p1",
    created_at="2026-01-01T00:00:00+00:00",
)


def gate(**changes: object) -> Gate:
    """The gate that most tests decide, changed."""
    return replace(GATE, **changes)  # type: ignore[arg-type]
