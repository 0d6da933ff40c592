"""Decide gates: what waits for a person, and the verdict on it."""

from fastapi import APIRouter

from conversation.activity import CardAction
from conversation.codec import JsonObject
from conversation.gates import Gate, Verdict
from web.api.identity import Caller, Signed
from web.api.messages import IdempotencyKey, one_id, take
from web.api.problems import Refused, not_found
from web.api.services import ApiServices, Services
from web.api.wire import Accepted, DecisionIn, GateOut, GatesOut, address, gate_out

router = APIRouter(tags=["Gates"])


@router.get("/v1/gates")
async def waiting(services: Services, who: Signed) -> GatesOut:
    """The gates that wait and that you may decide, oldest first."""
    gates = await services.gates.waiting(who.principal.tenant)
    shown = [gate_out(gate, who.principal) for gate in gates]
    return GatesOut(gates=[gate for gate in shown if gate.verdicts])


@router.get("/v1/gates/{id:path}")
async def one(id: str, services: Services, who: Signed) -> GateOut:
    """A gate that you asked for or may decide, with its decision once there is one."""
    return gate_out(await _look(services, who, id), who.principal)


@router.post("/v1/gates/{id:path}", status_code=202)
async def decide(
    id: str, body: DecisionIn, services: Services, who: Signed, idempotency_key: IdempotencyKey = ""
) -> Accepted:
    """Give a verdict. It is checked again when it is claimed: of two people who decide at once, one wins."""
    activity = who.activity(one_id(body.id, idempotency_key))
    gate = await _look(services, who, id)
    _check(gate, who, body.verdict, activity)
    inputs: JsonObject = {**body.inputs, "reason": body.reason}
    payload: JsonObject = {"gate": gate.id, "verdict": body.verdict}
    action = CardAction(activity, who.place(f"gate:{gate.id}"), who.sender, "gate.decide", payload, inputs)
    taken = await take(services, action, gate.run)
    return taken.model_copy(update={"status": address("gates", gate.id)})


async def _look(services: ApiServices, who: Caller, id: str) -> Gate:
    """A gate that concerns this person, as the asker or by a role that decides. Raises Refused (404)."""
    gate = await services.gates.get(who.principal.tenant, id)
    mine = gate is not None and who.principal.id == gate.asked_by.id
    if gate is None or not (mine or set(gate.roles) & set(who.principal.roles)):
        raise not_found("gate")
    return gate


def _check(gate: Gate, who: Caller, verdict: Verdict, activity: str) -> None:
    """Refuse early what the claim would refuse anyway, so that the person learns it now."""
    if gate.decision is not None and gate.decision.activity != activity:
        raise Refused(
            409,
            f"{gate.decision.by.name} decided this already: {gate.decision.verdict}.",
            unchanged="That decision stands.",
            next_step="Ask again if it should be decided anew.",
        )
    why_not = gate.why_not(who.principal, verdict)
    if why_not:
        raise Refused(403, why_not, next_step="Ask somebody who may decide it.")
