"""Decide gates: what waits for a person, the verdict on one of them, or one verdict on several."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from conversation.activity import CardAction
from conversation.codec import Json, JsonObject
from conversation.gates import Gate, Verdict
from conversation.gates.delegation import stands_in
from conversation.gates.inbox import MOST, PAGE
from conversation.gates.typed import retyped
from web.api.following import follow
from web.api.gate_wire import BatchIn, DecisionIn, GateOut, GatesOut, gate_out, page_of
from web.api.identity import Caller, Signed
from web.api.messages import IdempotencyKey, Wait, one_id, take
from web.api.problems import Refused, not_found
from web.api.services import ApiServices, Services
from web.api.wire import Accepted, RunOut, address

router = APIRouter(tags=["Gates"])

Limit = Annotated[int, Query(ge=1, le=MOST, description="Most gates of one page.")]
After = Annotated[str, Query(max_length=1_000, description="The id of the last gate of the page before.")]
Mine = Annotated[
    Literal["decide", "asked"],
    Query(description="`decide`: what waits for you; `asked`: what you asked for and waits."),
]


@router.get("/v1/gates")
async def waiting(
    services: Services, who: Signed, mine: Mine = "decide", limit: Limit = PAGE, after: After = ""
) -> GatesOut:
    """What waits for you and why: only gates that you can act on now, oldest first."""
    if mine == "asked":
        return await _asked(services, who)
    items = await services.inbox.of(who.principal, limit=limit, after=after)
    givers = await services.inbox.givers(who.principal)
    gates = [gate_out(item.gate, who.principal, item, givers) for item in items]
    return GatesOut(gates=gates, next=next_page("/v1/gates", gates[-1].id, limit) if len(gates) == limit else "")


def next_page(path: str, last: str, limit: int) -> str:
    """The address of the page after the gate `last`."""
    return f"{path}?{urlencode({'limit': limit, 'after': last})}"


async def _asked(services: ApiServices, who: Caller) -> GatesOut:
    """What waits of what this person asked lately."""
    recent = await services.runs.recent(who.principal.tenant, who.principal.id, PAGE)
    runs = [run.id for run in recent if run.state == "input-required"]
    gates = [gate for run in runs for gate in await services.gates.waiting(who.principal.tenant, run)]
    return GatesOut(gates=[gate_out(gate, who.principal, None) for gate in gates])


@router.get("/v1/gates/{id:path}")
async def one(id: str, services: Services, who: Signed) -> GateOut:
    """A gate that you asked for or may decide, with its votes, and its decision once there is one."""
    gate = await look_at(services, who, id)
    item, givers = await services.inbox.item(gate, who.principal), await services.inbox.givers(who.principal)
    return gate_out(gate, who.principal, item, givers)


@router.post("/v1/gates/batch", status_code=202, responses={200: {"model": RunOut, "description": "Decided in time"}})
async def decide_several(
    body: BatchIn,
    services: Services,
    who: Signed,
    response: Response,
    idempotency_key: IdempotencyKey = "",
    wait: Wait = 0.0,
) -> Accepted | RunOut:
    """One verdict on several gates of low risk. The card of its run says of each what became of it."""
    if body.verdict == "reject" and not body.reason.strip():
        raise Refused(422, "Say why you reject these: whoever asked reads it.", unchanged="Nothing was decided.")
    activity = who.activity(one_id(body.id, idempotency_key))
    chosen: list[Json] = [{"gate": one.gate, "seal": one.seal} for one in body.gates]
    payload: JsonObject = {"verdict": body.verdict, "chosen": chosen}
    action = CardAction(activity, who.place("inbox"), who.sender, "gate.batch", payload, {"reason": body.reason})
    taken = await take(services, action, activity)
    return await follow(services, who, taken, wait, response)


@router.post("/v1/gates/{id:path}", status_code=202)
async def decide(
    id: str, body: DecisionIn, services: Services, who: Signed, idempotency_key: IdempotencyKey = ""
) -> Accepted:
    """Give a verdict. It is checked again when it is claimed: of two people who decide at once, one wins."""
    gate = await look_at(services, who, id)
    return await give(services, who, gate, body, who.activity(one_id(body.id, idempotency_key)))


async def give(services: ApiServices, who: Caller, gate: Gate, body: DecisionIn, activity: str) -> Accepted:
    """Accept a verdict as the press of a button, after refusing what the claim would refuse anyway."""
    await _check(services, gate, who, body, activity)
    payload: JsonObject = {
        "gate": gate.id,
        "verdict": body.verdict,
        "digest": body.digest or gate.digest,
        "revision": body.revision or gate.revision,
    }
    inputs: JsonObject = {**body.inputs, "reason": body.reason}
    action = CardAction(activity, who.place(f"gate:{gate.id}"), who.sender, "gate.decide", payload, inputs)
    taken = await take(services, action, gate.run)
    return taken.model_copy(update={"status": address("gates", gate.id)})


async def look_at(services: ApiServices, who: Caller, id: str) -> Gate:
    """A gate that concerns this person: they asked, voted, or decide in a stage of it. Raises Refused (404)."""
    gate = await services.gates.get(who.principal.tenant, id)
    if gate is None or not (_concerns(gate, who) or await services.inbox.item(gate, who.principal)):
        raise not_found("gate")
    return gate


def _concerns(gate: Gate, who: Caller) -> bool:
    here = who.principal
    voted = any(here.id == vote.by.id for vote in gate.votes)
    return voted or here.id == gate.asked_by.id or any(stage.deciders.include(here) for stage in gate.steps)


async def _check(services: ApiServices, gate: Gate, who: Caller, body: DecisionIn, activity: str) -> None:
    if gate.decision is not None:
        if gate.decision.activity == activity:
            return
        raise Refused(
            409,
            f"{gate.decision.by.name} decided this already: {gate.decision.verdict}.",
            unchanged="That decision stands.",
            next_step="Ask again if it should be decided anew.",
        )
    why_not = gate.why_not(who.principal, body.verdict)
    if why_not and not stands_in(gate, who.principal, body.verdict, await services.inbox.givers(who.principal)):
        raise Refused(403, why_not, next_step="Ask somebody who may decide it.")
    _ceremony(services, gate, who, body.verdict, body.reason)
    _as_seen(gate, body)
    if body.verdict == "edit":
        _fits(services, gate, body.inputs.get("parameters"))


def _ceremony(services: ApiServices, gate: Gate, who: Caller, verdict: Verdict, reason: str) -> None:
    """What the risk asks for; whoever asked may take it back without."""
    if who.principal.id == gate.asked_by.id and verdict == "reject":
        return
    if gate.risk == "high":
        page = f"{services.public_url.rstrip('/')}{page_of(gate)}"
        what = "This is of high risk, so it is decided in the browser, after a fresh sign-in."
        raise Refused(403, what, unchanged="The request is still open.", next_step=f"Open {page}")
    if not reason.strip() and (verdict == "reject" or (gate.risk == "medium" and verdict != "respond")):
        what = f"This needs a reason: {'it is of medium risk' if verdict != 'reject' else 'whoever asked reads it'}."
        raise Refused(422, what, unchanged="The request is still open.", next_step="Send it again with `reason`.")


def _as_seen(gate: Gate, body: DecisionIn) -> None:
    if (body.digest or gate.digest) != gate.digest or (body.revision or gate.revision) != gate.revision:
        raise Refused(
            409,
            "What would run has changed since you looked.",
            unchanged="Nothing was decided.",
            next_step="Look at the gate again, then decide.",
        )


def _fits(services: ApiServices, gate: Gate, edited: object) -> None:
    """Refuse an edit that changes the JSON type of a value, or that the action's schema does not allow."""
    unchanged = "Nothing was changed. The request is still open."
    if not gate.schema:
        raise Refused(422, "This action can't be edited.", unchanged=unchanged, next_step="Reject it, and say why.")
    if not isinstance(edited, dict):
        what = "An edit needs the whole action, as an object in `inputs.parameters`."
        raise Refused(422, what, unchanged=unchanged)
    if changed := retyped(gate.parameters, edited):
        hint = "Send each value with the JSON type that it had: some clients turn what was edited into text."
        raise Refused(422, f"{'; '.join(changed[:5])}.", unchanged=unchanged, next_step=hint)
    faults = services.schemas.faults(gate.schema, edited) if services.schemas else ()
    if faults:
        told = "; ".join(f"{field}: {words}" if field else words for field, words in faults[:5])
        raise Refused(422, f"{told}.", unchanged=unchanged, next_step="Correct it and send it again.")
