"""Read the glossary: what words mean here, in versions. Members see what is approved, experts and admins all."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from conversation.review import ROLES
from knowledge.glossary import Glossary, Kind, Status, Term
from knowledge.glossary.checking import check
from knowledge.glossary.diff import diff
from knowledge.glossary.files import to_yaml
from knowledge.glossary.past import blame
from knowledge.glossary.ties import spoken
from web.api.glossary_wire import (
    BlameOut,
    ChangeOut,
    LineageOut,
    TermOut,
    TermsOut,
    affected_out,
    blame_out,
    change_out,
    term_out,
)
from web.api.identity import Caller, Signed
from web.api.problems import Refused, not_found
from web.api.services import ApiServices, GlossaryServices, Services

router = APIRouter(tags=["Glossary"])

Limit = Annotated[int, Query(ge=1, le=500)]
Search = Annotated[str, Query(max_length=200, description="Only terms one of whose words holds this.")]


@router.get("/v1/glossary", response_model=TermsOut, responses={304: {"description": "Nothing changed since"}})
async def terms(
    request: Request,
    response: Response,
    services: Services,
    who: Signed,
    status: Status | None = None,
    kind: Kind | None = None,
    q: Search = "",
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Limit = 100,
) -> TermsOut | Response:
    """The terms that you may see, by id. `ETag` stays while nothing changes."""
    glossary = await glossary_of(services, who)
    tag = f'"{glossary.version}-{"all" if knows(who) else "approved"}"'
    if _has(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    found = [term for term in glossary.terms if term.id > after and _wanted(term, status, kind, q)]
    shown = [term_out(term) for term in found[:limit]]
    return TermsOut(terms=shown, version=glossary.version, next=shown[-1].id if len(found) > limit else "")


@router.get("/v1/glossary.yaml", response_class=PlainTextResponse)
async def as_yaml(services: Services, who: Signed) -> PlainTextResponse:
    """The terms that you may see as YAML for git, as `quillux glossary export` writes it."""
    text = to_yaml((await glossary_of(services, who)).terms)
    return PlainTextResponse(text, media_type="application/yaml")


@router.get("/v1/glossary.ttl", response_class=PlainTextResponse)
async def as_turtle(services: Services, who: Signed) -> PlainTextResponse:
    """The terms that you may see as SKOS in Turtle."""
    from knowledge.glossary.interchange.skos import to_turtle

    return PlainTextResponse(to_turtle((await glossary_of(services, who)).terms), media_type="text/turtle")


@router.get("/v1/glossary/{id}", response_model=TermOut, responses={304: {"description": "It is that version still"}})
async def one(id: str, request: Request, response: Response, services: Services, who: Signed) -> TermOut | Response:
    """A term, with its version as `ETag`; experts see what is wrong with it too."""
    term = await seen(services, who, id)
    tag = tag_of(term)
    if _has(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    if not knows(who):
        return term_out(term)
    catalog = await kept(services).catalog(who.principal.tenant)
    return term_out(term, check(term, await glossary_of(services, who), catalog))


@router.get("/v1/glossary/{id}/history")
async def history(id: str, services: Services, who: Signed, limit: Limit = 100) -> list[TermOut]:
    """The versions of a term, the latest first. For experts and admins."""
    return [term_out(version) for version in (await versions(services, who, id))[:limit]]


@router.get("/v1/glossary/{id}/blame")
async def blamed(id: str, services: Services, who: Signed) -> list[BlameOut]:
    """Who gave each field its present value, when and why. For experts and admins."""
    return [blame_out(each) for each in blame(await versions(services, who, id))]


@router.get("/v1/glossary/{id}/diff")
async def differences(
    id: str,
    services: Services,
    who: Signed,
    since: Annotated[int, Query(alias="from", ge=0, description="0 is before the first version.")],
    to: Annotated[int, Query(ge=1)],
) -> list[ChangeOut]:
    """How two versions of a term differ, field by field. For experts and admins."""
    by_number = {version.version: version for version in await versions(services, who, id)}
    if to not in by_number or (since and since not in by_number):
        raise not_found("version")
    return [change_out(each) for each in diff(by_number.get(since), by_number[to])]


@router.get("/v1/glossary/{id}/lineage")
async def lineage(id: str, services: Services, who: Signed) -> LineageOut:
    """What a term is made of, and what is made with it: questions of all people too. For experts and admins."""
    expert(who)
    term = await seen(services, who, id)
    trace = (await kept(services).lineage(who.principal.tenant)).of(term)
    return LineageOut(
        tables=list(trace.tables),
        columns=list(trace.columns),
        made_of=affected_out(trace.made_of),
        used_by=affected_out(trace.used_by),
    )


def knows(who: Caller) -> bool:
    """Whether somebody sees drafts and may change terms."""
    return bool(set(ROLES) & set(who.principal.roles))


def expert(who: Caller) -> None:
    """Raises Refused (403) for anybody but experts and admins."""
    if not knows(who):
        raise Refused(403, "This is for experts and admins.", next_step="Ask one of them.")


def tag_of(term: Term) -> str:
    """The entity tag of a term: its version."""
    return f'"{term.version}"'


async def glossary_of(services: ApiServices, who: Caller) -> Glossary:
    """The glossary as this person sees it."""
    whole = await kept(services).glossaries.of(who.principal.tenant)
    if knows(who):
        return whole
    return Glossary(tuple(term for term in whole.terms if term.status == "approved"), whole.version)


async def seen(services: ApiServices, who: Caller, id: str) -> Term:
    """A term that this person may see. Raises Refused (404)."""
    term = (await glossary_of(services, who)).get(id)
    if term is None:
        raise not_found("term")
    return term


async def versions(services: ApiServices, who: Caller, id: str) -> tuple[Term, ...]:
    """Every version of a term, the latest first. Raises Refused (403, 404)."""
    expert(who)
    found = tuple(await kept(services).glossaries.history(who.principal.tenant, id))
    if not found:
        raise not_found("term")
    return found


def kept(services: ApiServices) -> GlossaryServices:
    """The ports of the glossary. Raises Refused (404) where none is kept."""
    if services.glossary is None:
        raise Refused(404, "No glossary is kept here.")
    return services.glossary


def _has(request: Request, tag: str) -> bool:
    sent = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return tag in sent or "*" in sent


def _wanted(term: Term, status: Status | None, kind: Kind | None, search: str) -> bool:
    if (status and term.status != status) or (kind and term.kind != kind):
        return False
    return not search or any(spoken(search) in spoken(word) for word in term.words)
