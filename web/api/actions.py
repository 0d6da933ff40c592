"""Press a button: what a card offers can be done over HTTP too."""

import uuid

from fastapi import APIRouter, Response

from conversation.activity import CardAction
from conversation.principal import ConversationRef
from web.api.following import follow
from web.api.identity import Caller, Signed, fitting
from web.api.messages import IdempotencyKey, Wait, one_id, take
from web.api.services import ApiServices, Services
from web.api.watch import look
from web.api.wire import Accepted, ActionIn, RunOut

ABOUT = frozenset({"run.stop", "run.details", "run.csv", "run.feedback"})
"""Verbs that do something about a run; every other verb begins a run of its own, under the id of the press."""

router = APIRouter(tags=["Questions"])


@router.post("/v1/actions", status_code=202, responses={200: {"model": RunOut, "description": "Answered in time"}})
async def press(
    body: ActionIn,
    services: Services,
    who: Signed,
    response: Response,
    idempotency_key: IdempotencyKey = "",
    wait: Wait = 0.0,
) -> Accepted | RunOut:
    """Press a button of a card: send its verb and payload back as they stand there.

    `run.stop`, `run.details`, `run.csv` and `run.feedback` are followed at the run that they are about; every other
    press begins a run of its own.
    """
    about = body.run or str(body.payload.get("run") or "")
    where = await _place(services, who, body, about)
    activity = who.activity(one_id(body.id, idempotency_key))
    action = CardAction(activity, where, who.sender, body.verb, body.payload, body.inputs)
    taken = await take(services, action, about if about and body.verb in ABOUT else activity)
    return await follow(services, who, taken, wait, response)


async def _place(services: ApiServices, who: Caller, body: ActionIn, about: str) -> ConversationRef:
    """Where the press happens: beside the run that it is about, so that turns stay in order. Raises Refused (404)."""
    if about:
        seen = await look(services, who, about)
        if seen.run is not None:
            return seen.run.where
    return who.place(fitting("conversation", body.conversation) or uuid.uuid4().hex)
