"""Gates in the schema of LangGraph's Agent Inbox: out as HumanInterrupt, in as HumanResponse or LangChain's decision.

Some clients of that schema send every edited value back as text. Such an edit is refused: 10 and "10" are two actions.
"""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from conversation.codec import JsonObject
from conversation.gates import Gate, Verdict
from conversation.gates.inbox import PAGE
from web.api.gate_wire import DecisionIn, gate_out
from web.api.gates import After, Limit, give, look_at, next_page
from web.api.identity import Signed
from web.api.messages import IdempotencyKey, one_id
from web.api.problems import Refused
from web.api.services import Services
from web.api.wire import Accepted, InputShape, Object, Words

PATH = "/v1/agent-inbox"
router = APIRouter(tags=["Agent Inbox"])
Digest = Annotated[
    str, Query(max_length=100, description="The digest that you saw; another by now refuses the answer.")
]
_OPEN = "The request is still open."


class ActionRequest(BaseModel):
    """The action that waits: what it is called, and its arguments with their JSON types."""

    action: str
    args: dict[str, Any]


class HumanInterruptConfig(BaseModel):
    """What you may answer."""

    allow_ignore: bool
    allow_respond: bool
    allow_edit: bool
    allow_accept: bool


class HumanInterrupt(BaseModel):
    """A gate, as Agent Inbox shows it."""

    action_request: ActionRequest
    config: HumanInterruptConfig
    description: str


class InterruptOut(BaseModel):
    """An interrupt of a LangGraph thread: `id` names it; it is answered at `POST /v1/agent-inbox/{gate}`.

    `value` is a list of one, as LangGraph's `interrupt` takes it; `decisions` are LangChain's names of your answers.
    """

    id: str
    thread_id: str
    gate: str
    digest: str
    created_at: str
    value: list[HumanInterrupt]
    decisions: list[Verdict]


class InterruptsOut(BaseModel):
    """What waits for you, oldest first; `next` is the address of the page after this one, empty on the last."""

    interrupts: list[InterruptOut]
    next: str = ""


class ActionIn(InputShape):
    """An action as Agent Inbox (`action`) or LangChain (`name`) sends it back."""

    action: Words = ""
    name: Words = ""
    args: Object


class AnswerIn(InputShape):
    """A HumanResponse (`args`), or a decision of LangChain's middleware (`edited_action`, `message`)."""

    type: Literal["accept", "ignore", "response", "edit", "approve", "reject", "respond"]
    args: ActionIn | Words | None = None
    edited_action: ActionIn | None = None
    message: Words = Field(default="", max_length=2_000)


class AnswersIn(InputShape):
    """LangChain's HITLResponse; a gate is one action, so it takes one decision."""

    decisions: list[AnswerIn] = Field(min_length=1, max_length=1)


@router.get(PATH)
async def interrupts(services: Services, who: Signed, limit: Limit = PAGE, after: After = "") -> InterruptsOut:
    """What waits for you, as interrupts: only those that you can act on now."""
    items = await services.inbox.of(who.principal, limit=limit, after=after)
    givers = await services.inbox.givers(who.principal)
    found = [_out(item.gate, gate_out(item.gate, who.principal, item, givers).verdicts) for item in items]
    return InterruptsOut(
        interrupts=found, next=next_page(PATH, items[-1].gate.id, limit) if len(items) == limit else ""
    )


@router.get(PATH + "/{gate:path}")
async def interrupt(gate: str, services: Services, who: Signed) -> InterruptOut:
    """One gate as an interrupt."""
    found = await look_at(services, who, gate)
    givers = await services.inbox.givers(who.principal)
    return _out(found, gate_out(found, who.principal, None, givers).verdicts)


@router.post(PATH + "/{gate:path}", status_code=202)
async def respond(
    gate: str,
    body: AnswerIn | list[AnswerIn] | AnswersIn,
    services: Services,
    who: Signed,
    digest: Digest = "",
    idempotency_key: IdempotencyKey = "",
) -> Accepted:
    """Answer an interrupt: accept, ignore, response, edit, or LangChain's approve, reject, respond, edit."""
    found = await look_at(services, who, gate)
    decision = _decision(found, _one(body)).model_copy(update={"digest": digest})
    return await give(services, who, found, decision, who.activity(one_id("", idempotency_key)))


def _out(gate: Gate, verdicts: list[Verdict]) -> InterruptOut:
    told = HumanInterrupt(
        action_request=ActionRequest(action=gate.title, args=gate.parameters),
        config=HumanInterruptConfig(
            allow_ignore="reject" in verdicts,
            allow_respond="respond" in verdicts,
            allow_edit="edit" in verdicts,
            allow_accept="approve" in verdicts,
        ),
        description="\n\n".join(part for part in (gate.reason, f"{gate.asked_by.name} asks for it.") if part),
    )
    return InterruptOut(
        id=gate.interrupt,
        thread_id=gate.run,
        gate=gate.id,
        digest=gate.digest,
        created_at=gate.created_at,
        value=[told],
        decisions=verdicts,
    )


def _one(body: AnswerIn | list[AnswerIn] | AnswersIn) -> AnswerIn:
    answers = body.decisions if isinstance(body, AnswersIn) else body if isinstance(body, list) else [body]
    if len(answers) != 1:
        raise Refused(422, f"One answer is needed for one gate; {len(answers)} came.", unchanged=_OPEN)
    return answers[0]


def _decision(gate: Gate, answer: AnswerIn) -> DecisionIn:
    """What an answer means here. Raises Refused (422) for one that could mean something else."""
    words = answer.message or (answer.args if isinstance(answer.args, str) else "")
    match answer.type:
        case "accept" | "approve":
            _same(gate, answer)
            return _of("approve", answer.message)
        case "ignore" | "reject":
            return _of("reject", words or ("Ignored in the inbox." if answer.type == "ignore" else ""))
        case "response" | "respond":
            if not words.strip():
                raise Refused(422, "A response needs words.", unchanged=_OPEN)
            return _of("respond", words)
    return DecisionIn(verdict="edit", reason=answer.message, inputs={"parameters": _edited(gate, answer)})


def _of(verdict: Verdict, reason: str) -> DecisionIn:
    return DecisionIn(verdict=verdict, reason=reason[:2_000])


def _same(gate: Gate, answer: AnswerIn) -> None:
    """An accepted action that comes along has to be the one that waits; as text is all right, for none of it is run."""
    given = answer.args
    if isinstance(given, ActionIn) and not _equal(given.args, gate.parameters):
        raise Refused(
            422,
            "What you accept is not what waits.",
            unchanged=_OPEN,
            next_step="To change it, answer with `edit`; to accept it as it is, leave `args` null.",
        )


def _equal(given: JsonObject, waits: JsonObject) -> bool:
    return given.keys() == waits.keys() and all(
        given[name] == value or given[name] == _as_text(value) for name, value in waits.items()
    )


def _edited(gate: Gate, answer: AnswerIn) -> JsonObject:
    """The new arguments; whether they fit is checked where the verdict is given. Raises Refused (422)."""
    action = answer.edited_action or (answer.args if isinstance(answer.args, ActionIn) else None)
    if action is None:
        raise Refused(422, "An edit needs the whole action, with `args`.", unchanged=_OPEN)
    called = action.action or action.name
    if called not in ("", gate.title, gate.flow):
        raise Refused(
            422, f"The action that waits is “{gate.title}”; another one can't take its place.", unchanged=_OPEN
        )
    return action.args


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
