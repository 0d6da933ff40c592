"""Change the glossary: drafts and proposals at once, what is approved through a gate that others decide.

Every change names the version that it was made from (`If-Match`), so that nobody undoes another's change unseen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Response

from conversation.activity import CardAction
from conversation.codec import JsonObject
from knowledge.errors import Conflict, KnowledgeError
from knowledge.glossary import Term
from knowledge.glossary.checking import insist
from knowledge.glossary.codec import content
from knowledge.glossary.form import tame
from knowledge.glossary.lineage import Lineage
from knowledge.glossary.past import back_to
from web.api.glossary import expert, glossary_of, kept, seen, tag_of, versions
from web.api.glossary_wire import NoteIn, RollbackIn, TermIn, TermOut, term_out
from web.api.identity import Caller, Signed
from web.api.messages import IdempotencyKey, one_id, take
from web.api.problems import Refused
from web.api.services import ApiServices, Services
from web.api.wire import Accepted

PROPOSE = "glossary.propose"
"""The verb that asks for a gate; `graphs.review.proposing` handles it."""

router = APIRouter(tags=["Glossary"])

IfMatch = Annotated[str, Header(alias="If-Match", max_length=100, description="The ETag of the version you changed.")]
IfNoneMatch = Annotated[str, Header(alias="If-None-Match", max_length=100, description="`*` makes a new term.")]
_GATED: dict[int | str, dict[str, Any]] = {
    202: {"model": Accepted, "description": "It waits at a gate for somebody's approval"}
}


@router.put("/v1/glossary/{id}", responses=_GATED)
async def write(
    id: str,
    body: TermIn,
    response: Response,
    services: Services,
    who: Signed,
    if_match: IfMatch = "",
    if_none_match: IfNoneMatch = "",
    idempotency_key: IdempotencyKey = "",
) -> TermOut | Accepted:
    """Make a term (`If-None-Match: *`) or change one (`If-Match`). What is approved, or is to be, opens a gate."""
    expert(who)
    base = await _base(services, who, id, if_match, if_none_match)
    with _as_problems():
        term = body.term(id)
    return await _change(services, who, response, term, base, body.note, idempotency_key)


@router.post("/v1/glossary/{id}/approve", status_code=202)
async def approve(
    id: str, body: NoteIn, services: Services, who: Signed, if_match: IfMatch = "", idempotency_key: IdempotencyKey = ""
) -> Accepted:
    """Ask for the approval of a term as it stands. It waits at a gate; who asks cannot be the only one to decide."""
    expert(who)
    base = await _base(services, who, id, if_match, "")
    term = await seen(services, who, id)
    if term.status == "approved":
        raise Refused(409, "The term is approved already.")
    approved = replace(term, status="approved")
    await _checked(services, who, approved)
    return await _propose(services, who, approved, base, body.note, idempotency_key)


@router.post("/v1/glossary/{id}/rollback", responses=_GATED)
async def rollback(
    id: str,
    body: RollbackIn,
    response: Response,
    services: Services,
    who: Signed,
    idempotency_key: IdempotencyKey = "",
) -> TermOut | Accepted:
    """Have an earlier version again, as a new one. What is approved, or was, opens a gate."""
    with _as_problems():
        wanted = back_to(await versions(services, who, id), body.version)
    note = f"{wanted.note} {body.note}".strip()
    return await _change(services, who, response, wanted, wanted.version, note, idempotency_key)


@router.delete("/v1/glossary/{id}", status_code=204, responses=_GATED, response_model=None)
async def remove(
    id: str,
    response: Response,
    services: Services,
    who: Signed,
    if_match: IfMatch = "",
    idempotency_key: IdempotencyKey = "",
) -> Accepted | None:
    """Take a draft or proposal away; its history stays. What is approved becomes deprecated, through a gate."""
    expert(who)
    base = await _base(services, who, id, if_match, "")
    term = await seen(services, who, id)
    glossary = await glossary_of(services, who)
    if users := Lineage(glossary).users(term):
        named = ", ".join(each.text for each in users[:5])
        raise Refused(409, f"Other terms name it: {named}.", next_step="Change those first.")
    if term.status == "approved":
        response.status_code = 202
        return await _propose(services, who, replace(term, status="deprecated"), base, "", idempotency_key)
    await kept(services).glossaries.remove(who.principal.tenant, id, by=who.principal.id)
    return None


async def _change(
    services: ApiServices, who: Caller, response: Response, term: Term, base: int, note: str, key: str
) -> TermOut | Accepted:
    """Write a draft or proposal at once; ask for a gate for what is approved or is to be."""
    await _checked(services, who, term)
    standing = (await glossary_of(services, who)).get(term.id)
    if "approved" in (term.status, standing.status if standing else ""):
        response.status_code = 202
        return await _propose(services, who, term, base, note, key)
    with _as_problems():
        store = kept(services).glossaries
        made = await store.put(who.principal.tenant, term, by=who.principal.id, note=note, base=base)
    response.status_code = 200 if base else 201
    response.headers["ETag"] = tag_of(made)
    return term_out(made)


async def _propose(services: ApiServices, who: Caller, term: Term, base: int, note: str, key: str) -> Accepted:
    """Ask for the gate: a turn like any other, whose run waits for the decision."""
    activity = who.activity(one_id("", key))
    words = f"Change the term “{tame(term.name)}”" if base else f"Define the term “{tame(term.name)}”"
    payload: JsonObject = {"term": cast(JsonObject, content(term)), "base": base, "reason": note, "text": words}
    place = who.place(f"term:{term.id}")
    return await take(services, CardAction(activity, place, who.sender, PROPOSE, payload), activity)


async def _base(services: ApiServices, who: Caller, id: str, match: str, none_match: str) -> int:
    """The version that is changed, 0 for a new term. Raises Refused (428, 412) where it is not said or not so."""
    standing = (await glossary_of(services, who)).get(id)
    if none_match == "*" and not match:
        if standing is not None:
            raise _moved(f"There is a term “{id[:64]}” already.")
        return 0
    if not match:
        raise Refused(
            428,
            "The request does not say which version it changes.",
            next_step="Send the ETag of the term as If-Match, or `If-None-Match: *` for a new one.",
        )
    if standing is None or match not in (tag_of(standing), "*"):
        raise _moved("The term is not at that version any more." if standing else "There is no such term any more.")
    return standing.version


def _moved(what: str) -> Refused:
    return Refused(412, what, next_step="Read the term again and make the change from there.")


async def _checked(services: ApiServices, who: Caller, term: Term) -> None:
    catalog = await kept(services).catalog(who.principal.tenant)
    with _as_problems():
        insist(term, await glossary_of(services, who), catalog)


@contextmanager
def _as_problems() -> Iterator[None]:
    """What the glossary refuses, as a problem of the API."""
    try:
        yield
    except Conflict as error:
        raise Refused(412, error.what, unchanged=error.unchanged, next_step=error.next_step) from error
    except KnowledgeError as error:
        raise Refused(422, error.what, unchanged=error.unchanged, next_step=error.next_step) from error
