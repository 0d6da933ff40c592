"""What the API needs of the rest of Quillux, given to it by the composition root."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, cast

from fastapi import Depends, Request

from conversation.codec import JsonObject
from conversation.directory import Accept, Directory
from conversation.gates import Gates
from conversation.gates.ceremony import Schemas
from conversation.gates.inbox import Inbox
from conversation.principal import Sender
from conversation.run import Runs
from knowledge.catalog.model import Catalog
from knowledge.glossary import Glossaries
from knowledge.glossary.lineage import Lineage
from knowledge.results import Results

BODY_LIMIT = 256 * 1024
"""Most bytes of one request's body."""

ActivityProgress: TypeAlias = Literal["unknown", "pending", "done"]
"""An activity that was never accepted, one whose turn is still to come or under way, one whose turn is over."""

Changed: TypeAlias = Callable[[str, float], Awaitable[None]]
"""Return when the run of this id may have changed, at the latest after so many seconds."""


async def after(_run: str, seconds: float) -> None:
    """`Changed` without a feed: just the time passes, and the caller looks again."""
    await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one thing that Quillux needs works. `detail` is read by anybody: it names no address and no secret."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GlossaryServices:
    """The glossary, the catalog of a tenant, and the ties between the two and those who ask."""

    glossaries: Glossaries
    catalog: Callable[[str], Awaitable[Catalog]]
    lineage: Callable[[str], Awaitable[Lineage]]


@dataclass(frozen=True, slots=True)
class ApiServices:
    """The ports behind the API.

    `progress` says what became of an activity that was accepted, for the moment before its run begins and for one that
    begins none.
    `verify_token` and `sender_from_cookie` give None for a token or a cookie that is not (or no longer) good.
    `chart_png` renders a Vega-Lite specification, dark or light; it may be slow and is called in a thread.
    `checks` are what readiness depends on: the database and the worker's heartbeat at least.
    `glossary` is what words mean; without one its routes know nothing.
    `public_url` is the address that people use, where a proxy stands before this server. `schemas` check edits.
    """

    accept: Accept
    progress: Callable[[str], Awaitable[ActivityProgress]]
    runs: Runs
    gates: Gates
    inbox: Inbox
    directory: Directory
    results: Results
    verify_token: Callable[[str], Awaitable[Sender | None]]
    sender_from_cookie: Callable[[Request], Awaitable[Sender | None]]
    chart_png: Callable[[JsonObject, bool], bytes]
    checks: Callable[[], Awaitable[Sequence[Check]]]
    changed: Changed = after
    schemas: Schemas | None = None
    glossary: GlossaryServices | None = None
    public_url: str = ""
    version: str = ""


def services_of(request: Request) -> ApiServices:
    """The services of the application that handles this request."""
    return cast(ApiServices, request.app.state.services)


Services: TypeAlias = Annotated[ApiServices, Depends(services_of)]
