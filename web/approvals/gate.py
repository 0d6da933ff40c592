"""`/approvals/{gate}`: one gate with all that is known of it, decided there; of high risk after a fresh sign-in."""

import asyncio
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from conversation.activity import CardAction
from conversation.codec import Json, JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Gate, Verdict, checks
from conversation.gates.ceremony import Ceremony, Proof
from conversation.gates.delegation import stands_in
from conversation.gates.form import PREFIX, read
from web.api.gate_wire import page_of, verdicts
from web.api.gates import look_at
from web.api.identity import Caller
from web.api.problems import Refused
from web.api.services import ApiServices
from web.approvals.forms import sent
from web.approvals.fresh import FreshSignIn
from web.approvals.gate_page import View, draw
from web.approvals.list import PATIENCE, answered

_PRESS = re.compile(r"[0-9a-f]{32}")
_LOOK = 0.05
"""Seconds between two looks at whether a press was handled."""


@dataclass(frozen=True, slots=True)
class GatePages:
    """What the page of a gate needs. `now` gives ISO times in UTC."""

    services: ApiServices
    ceremony: Ceremony
    fresh: FreshSignIn
    now: Callable[[], str]

    def routes(self) -> list[Route]:
        """The address of a gate, to look and to decide. Gates' ids hold `/`."""

        async def look(request: Request) -> Response:
            return await answered(request, self.services, lambda who: self._look(request, who))

        async def decide(request: Request) -> Response:
            return await answered(request, self.services, lambda who: self._decide(request, who))

        path = "/approvals/{gate:path}"
        return [Route(path, look), Route(path, decide, methods=["POST"])]

    async def _look(self, request: Request, who: Caller) -> Response:
        gate = await look_at(self.services, who, request.path_params["gate"])
        done = request.query_params.get("done", "")
        told = await self._told(gate, who, done) if _PRESS.fullmatch(done) else ""
        gate = await look_at(self.services, who, gate.id)
        return draw(await self._view(request, gate, who, told=told))

    async def _view(self, request: Request, gate: Gate, who: Caller, *, told: str = "") -> View:
        gates, givers = self.services.gates, await self.services.inbox.givers(who.principal)
        seen = await gates.last_look(gate, who.principal)
        if not seen:
            await gates.looked(gate, who.principal, gate.revision)
        return View(
            gate,
            who.principal,
            tuple(verdicts(gate, who.principal, givers)),
            seen=seen,
            told=told,
            press=uuid.uuid4().hex,
            password=self.fresh.takes_password(who.sender),
            again="" if self.fresh.by_proxy(who.sender, request.headers, self.now()) else self.fresh.again,
        )

    async def _decide(self, request: Request, who: Caller) -> Response:
        """Take the press after refusing what the claim would refuse anyway, with all that was typed still there."""
        gate = await look_at(self.services, who, request.path_params["gate"])
        fields = await sent(request)
        press = _one(fields, "press")
        if not _PRESS.fullmatch(press):
            raise Refused(422, "The form is not one of ours.", next_step="Open the page of the request again.")
        action = self._action(gate, who, fields, press)
        try:
            await self._check(request, gate, who, action, _one(fields, "password"))
        except PersonError as wrong:
            view = await self._view(request, gate, who)
            return draw(view.refused(wrong, action.inputs), status=403 if isinstance(wrong, NotAllowed) else 422)
        await self.services.accept(action)
        return RedirectResponse(f"{page_of(gate)}?{urlencode({'done': press})}", 303)

    def _action(self, gate: Gate, who: Caller, fields: Mapping[str, Sequence[str]], press: str) -> CardAction:
        """The press of the button, as any channel would send it. Its id can't be made by a client of the API."""
        verdict = _one(fields, "verdict")
        inputs: JsonObject = {name: _value(name, values) for name, values in fields.items() if name.startswith(PREFIX)}
        inputs["reason"] = _one(fields, "reason")
        payload: JsonObject = {"gate": gate.id}
        verb = "gate.decide"
        if verdict == "respond":
            verb, inputs = "gate.ask", {"question": _one(fields, "question")}
        else:
            revision = _one(fields, "revision")
            payload |= {
                "verdict": verdict,
                "digest": _one(fields, "digest"),
                "revision": int(revision) if re.fullmatch(r"[0-9]{1,9}", revision) else 0,
            }
        return CardAction(_activity(who, press), who.place(f"gate:{gate.id}"), who.sender, verb, payload, inputs)

    async def _check(self, request: Request, gate: Gate, who: Caller, press: CardAction, password: str) -> None:
        if checks.given_before(gate, press):
            return
        if press.verb == "gate.ask":
            if not checks.words_of(press.inputs.get("question"), "question"):
                raise PersonError("The question is empty.", unchanged=checks.OPEN, next_step="Write it, then send it.")
            await self._may(gate, who, "respond")
            return
        verdict = checks.verdict_of(press)
        await self._may(gate, who, verdict)
        checks.seen(gate, press, who.principal)
        if verdict == "edit":
            checks.edited(gate, press.inputs, self.ceremony)
        elif verdict == "approve":
            _unedited(gate, press.inputs)
        checks.reasoned(gate, verdict, checks.words_of(press.inputs.get("reason")), who.principal)
        if gate.risk == "high" and not checks.own(gate, verdict, who.principal):
            await self._step_up(request, gate, who, press.id, password)

    async def _may(self, gate: Gate, who: Caller, verdict: Verdict) -> None:
        why_not = gate.why_not(who.principal, verdict)
        if gate.state != "open":
            why_not = f"{gate.decision.by.name} decided this already." if gate.decision else "This is not open."
        elif why_not and stands_in(gate, who.principal, verdict, await self.services.inbox.givers(who.principal)):
            why_not = ""
        if why_not:
            raise NotAllowed(why_not, unchanged="Nothing was decided by you.")

    async def _step_up(self, request: Request, gate: Gate, who: Caller, activity: str, password: str) -> None:
        """Bind a fresh sign-in to this press, or refuse it. The proof is kept here; the form holds none."""
        proofs, at, person = self.ceremony.proofs, self.now(), who.principal
        if proofs is None:
            raise checks.Elsewhere(gate)
        if await proofs.covers(person, gate, activity):
            return
        if not await proofs.standing(person, gate, at):
            id, since = await self._signed_in(request, gate, who, password, at)
            await proofs.give(Proof(id, person.tenant, person.id, gate.id, gate.digest, since))
        if not await proofs.spend(person, gate, activity, at):
            raise NotAllowed("Your fresh sign-in is used up.", unchanged=checks.OPEN, next_step="Sign in once more.")

    async def _signed_in(self, request: Request, gate: Gate, who: Caller, password: str, at: str) -> tuple[str, str]:
        """A name and the time of a fresh sign-in. Raises NotAllowed."""
        since = self.fresh.by_proxy(who.sender, request.headers, at)
        if since:
            return f"proxy:{who.principal.id}:{gate.id}:{gate.digest}:{since}", since
        if password and await self.fresh.by_password(who.sender, password, at):
            return uuid.uuid4().hex, at
        if self.fresh.locked(who.sender):
            what, then = "Too many wrong passwords.", "Wait five minutes."
        elif self.fresh.takes_password(who.sender):
            what, then = "This is not your password." if password else "Type your password.", "Type it, then decide."
        else:
            what, then = "You signed in too long ago for this.", "Sign in again, then decide."
        raise NotAllowed(what, unchanged="Nothing was decided.", next_step=then)

    async def _told(self, gate: Gate, who: Caller, press: str) -> str:
        """What became of a press, as soon as that is known."""
        activity = _activity(who, press)
        try:
            async with asyncio.timeout(PATIENCE):
                while await self.services.progress(activity) == "pending":
                    await self.services.changed(gate.run, _LOOK)
        except TimeoutError:
            return "Your decision is taken and under way. Load this page again to see what became of it."
        now = await self.services.gates.get(gate.tenant, gate.id)
        if now is None or await self.services.progress(activity) == "unknown":
            return ""
        if any(aside.id == activity for aside in now.asides):
            return f"{gate.asked_by.name} was asked. The request stays open."
        if now.decision is not None and now.decision.activity == activity:
            return "Your decision counts."
        if any(vote.activity == activity for vote in now.votes):
            return "Your vote counts; others still have to approve."
        return "Your press changed nothing: somebody was faster, or the request has changed."


def _unedited(gate: Gate, typed: Mapping[str, Json]) -> None:
    """Refuse an approval of the action as it was beside fields that were changed: either may be meant."""
    values, faults = read(gate.schema, gate.parameters, typed)
    if faults or values != gate.parameters:
        raise PersonError(
            "You changed some values, and pressed “Approve”.",
            unchanged=checks.OPEN,
            next_step="Press “Change and approve” for the changed action, or take your changes back.",
        )


def _activity(who: Caller, press: str) -> str:
    """The id of the press. A client of the API can't give one with a slash."""
    return f"{who.prefix}page/{press}"


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return (fields.get(name) or [""])[-1]


def _value(name: str, values: Sequence[str]) -> Json:
    """One text, or for several boxes of one name those that were ticked: they are sent after an empty one."""
    if len(values) > 1 or (values and name.endswith("[]")):
        return [value for value in values if value]
    return values[0].replace("\r\n", "\n") if values else ""
