"""Ask: a message over HTTP is the same turn as one in a chat."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Header, Query, Response

from conversation.activity import Activity, Message
from web.api.following import LONGEST, follow
from web.api.identity import Caller, Signed, fitting
from web.api.problems import Refused
from web.api.services import ApiServices, Services
from web.api.wire import Accepted, MessageIn, RunOut, address

router = APIRouter(tags=["Questions"])

IdempotencyKey: TypeAlias = Annotated[
    str, Header(alias="Idempotency-Key", max_length=1_000, description="Another place for the id of the body.")
]
Wait: TypeAlias = Annotated[
    float, Query(ge=0, le=LONGEST, description="Seconds to wait for the answer before the address of it is given.")
]


@router.post("/v1/messages", status_code=202, responses={200: {"model": RunOut, "description": "Answered in time"}})
async def ask(
    body: MessageIn,
    services: Services,
    who: Signed,
    response: Response,
    idempotency_key: IdempotencyKey = "",
    wait: Wait = 0.0,
) -> Accepted | RunOut:
    """Ask a question. With `wait`, the finished run comes back at once where it is finished in time."""
    text = body.checked()
    activity = who.activity(one_id(body.id, idempotency_key))
    conversation = fitting("conversation", body.conversation) or activity.rsplit(":", 1)[-1]
    taken = await take(services, Message(activity, who.place(conversation), who.sender, text), activity)
    if taken.duplicate:
        await _same_text(services, who, activity, text)
    return await follow(services, who, taken, wait, response)


async def take(services: ApiServices, activity: Activity, run: str) -> Accepted:
    """Accept an activity durably, and say where to follow the run that it belongs to."""
    fresh = await services.accept(activity)
    return Accepted(
        activity=activity.id,
        run=run,
        conversation=activity.where.thread,
        status=address("runs", run),
        events=address("runs", run, "/events"),
        duplicate=not fresh,
    )


def one_id(id: str, key: str) -> str:
    """The client's id, from the body or the header. Raises Refused when both are given and differ."""
    if id and key and id != key:
        raise Refused(422, "The id of the body and the Idempotency-Key differ.", next_step="Send one of them.")
    return fitting("id", id or key)


async def _same_text(services: ApiServices, who: Caller, activity: str, text: str) -> None:
    run = await services.runs.get(who.principal.tenant, activity)
    if run is not None and run.text != text:
        raise Refused(
            409,
            "This id was used before for another text.",
            unchanged="The first question stands, this one was not asked.",
            next_step="Give each question an id of its own.",
        )
