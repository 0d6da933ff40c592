"""Gates for one command: a decision is handed to the worker, as a press of a button is, and its end is waited for."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from conversation.activity import CardAction
from conversation.card import Facts
from conversation.codec import Json, JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Gate
from conversation.gates.batch import seal
from conversation.gates.inbox import Inbox, InboxItem
from conversation.gates.inbox_cards import summary
from conversation.principal import ConversationRef, Principal, Sender
from infra.cli.verifying import settings
from infra.durable import TurnQueue
from infra.settings import Settings
from infra.store.tables import now
from infra.stores import Stores, inbox, open_stores, prepare

Verdict = Literal["approve", "reject"]
PATIENCE = 30.0
"""Seconds for which a command waits for the worker."""
_LOOK = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one gate; `waiting` while no worker has taken the decision."""

    title: str
    words: str
    state: Literal["done", "refused", "waiting"]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Somebody at the command line, and what they need."""

    configured: Settings
    stores: Stores
    inbox: Inbox
    who: Principal


@asynccontextmanager
async def _desk(by: str) -> AsyncIterator[_Desk]:
    """Raises NotAllowed for somebody whom the settings do not name."""
    configured = settings()
    if by not in [person.id for person in configured.people]:
        names = ", ".join(person.id for person in configured.people)
        able = f"These are: {names}." if names else "Add [[people]] blocks to the settings."
        raise NotAllowed(f"{by!r} is nobody of the settings.", next_step=able)
    prepare(configured)
    stores = open_stores(configured)
    try:
        who = await stores.directory.resolve(Sender("cli", configured.tenant, by))
        yield _Desk(configured, stores, inbox(configured, stores), who)
    finally:
        await stores.engine.dispose()


async def waiting(by: str, limit: int, after: str) -> Sequence[tuple[InboxItem, str]]:
    """What waits for this person, each with a line that says why and since when."""
    async with _desk(by) as desk:
        items = await desk.inbox.of(desk.who, limit=limit, after=after)
        return [(item, summary(item, now(), desk.inbox.zone)) for item in items]


async def known(id: str, by: str) -> tuple[Gate, str]:
    """A gate that concerns this person, and its page in the browser. Raises PersonError for any other."""
    async with _desk(by) as desk:
        return await _known(desk, id), _page(desk, id)


async def _known(desk: _Desk, id: str) -> Gate:
    gate = await desk.stores.gates.get(desk.configured.tenant, id)
    if gate is None or not (_concerns(gate, desk.who) or await desk.inbox.item(gate, desk.who)):
        next_step = f"`quillux gates list --by {desk.who.id}` shows what waits."
        raise PersonError(f"There is no request {id!r} that you can see.", next_step=next_step)
    return gate


def _concerns(gate: Gate, who: Principal) -> bool:
    return who.id == gate.asked_by.id or any(stage.deciders.include(who) for stage in gate.steps)


def _page(desk: _Desk, id: str) -> str:
    return f"{desk.configured.server.public_url.rstrip('/')}/approvals/{quote(id, safe='')}"


async def decided(ids: Sequence[str], by: str, verdict: Verdict, reason: str, digest: str) -> list[Outcome]:
    """Decide each. Raises NotAllowed and PersonError for one alone that could not be decided anyway."""
    async with _desk(by) as desk:
        gates = [await _known(desk, id) for id in dict.fromkeys(ids)]
        if len(gates) == 1:
            _check(desk, gates[0], verdict, reason, digest)
        press = _press(desk, gates, verdict, reason)
        queue = TurnQueue(desk.configured)
        try:
            await queue.hand_over(press)
            done = await _handled(queue, press.id)
        finally:
            await queue.stop()
        return await _told(desk, gates, press.id) if done else [_taken(gate) for gate in gates]


def _taken(gate: Gate) -> Outcome:
    return Outcome(gate.title, "taken, not decided yet", "waiting")


def _check(desk: _Desk, gate: Gate, verdict: Verdict, reason: str, digest: str) -> None:
    """What the worker would refuse without a word that a command could show."""
    unchanged = "The request is still open."
    if digest and digest != gate.digest:
        raise NotAllowed("It is not the action of this digest any more.", unchanged=unchanged, next_step="Look again.")
    if gate.state != "open":
        raise NotAllowed(_standing(gate), unchanged="That stands.")
    if verdict == "reject" and gate.asked_by.id == desk.who.id:
        return
    if gate.risk == "high":
        what = "This is of high risk, so it is decided in the browser, after a fresh sign-in."
        raise NotAllowed(what, unchanged=unchanged, next_step=f"Open {_page(desk, gate.id)}")
    if gate.risk == "medium" and not reason.strip():
        raise PersonError("This needs a reason: it is of medium risk.", unchanged=unchanged, next_step="Add --reason.")


def _standing(gate: Gate) -> str:
    if gate.decision is not None:
        return f"{gate.decision.by.name} decided this already: {gate.decision.verdict}."
    return f"This request is {gate.state}."


def _press(desk: _Desk, gates: Sequence[Gate], verdict: Verdict, reason: str) -> CardAction:
    """One gate by itself, several as a batch; each in the form in which it stands now."""
    tenant, person = desk.configured.tenant, desk.who.id
    where = ConversationRef("cli", tenant, person, "gates", personal=True)
    sender = Sender("cli", tenant, person, desk.who.name)
    verb, payload = "gate.decide", _one(gates[0], verdict)
    if len(gates) > 1:
        chosen: list[Json] = [{"gate": gate.id, "seal": seal(gate)} for gate in gates]
        verb, payload = "gate.batch", {"verdict": verdict, "chosen": chosen}
    return CardAction(f"cli:{tenant}:{person}:{uuid.uuid4().hex}", where, sender, verb, payload, {"reason": reason})


def _one(gate: Gate, verdict: Verdict) -> JsonObject:
    return {"gate": gate.id, "verdict": verdict, "digest": gate.digest, "revision": gate.revision}


async def _handled(queue: TurnQueue, id: str) -> bool:
    """Whether the worker handled it in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await queue.progress(id) == "done":
                    return True
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        return False


async def _told(desk: _Desk, gates: Sequence[Gate], press: str) -> list[Outcome]:
    """What became of each: of a batch its card says it, of one the gate itself."""
    run = await desk.stores.runs.get(desk.configured.tenant, press)
    facts = [element for element in run.card.body if isinstance(element, Facts)] if run and run.card else []
    words = [told for _, told in facts[0].pairs] if facts else [""] * len(gates)
    return [await _outcome(desk, gate, press, told) for gate, told in zip(gates, words, strict=True)]


async def _outcome(desk: _Desk, before: Gate, press: str, words: str) -> Outcome:
    gate = await desk.stores.gates.get(before.tenant, before.id) or before
    if gate.decision is not None and gate.decision.activity == press:
        return Outcome(gate.title, "approved" if gate.decision.verdict == "approve" else "rejected", "done")
    if any(vote.activity == press for vote in gate.votes):
        return Outcome(gate.title, "your vote counts; others still have to decide", "done")
    why_not = gate.why_not(desk.who, "approve") if gate.state == "open" else _standing(gate)
    return Outcome(gate.title, words or why_not or "not decided", "refused")
