"""Whether the process lives, and whether it can do its work."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from web.api.services import Check, Services

router = APIRouter(tags=["Operation"])

LONGEST = 5.0
"""Seconds after which a check counts as failed."""


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class CheckOut(BaseModel):
    """One thing that is needed."""

    name: str
    ok: bool
    detail: str


class Readiness(BaseModel):
    """Whether work can be done: only when every check is good."""

    ready: bool
    checks: list[CheckOut]


@router.get("/health")
async def health(services: Services) -> Health:
    """200 as long as the process lives; restart it when this fails."""
    return Health(version=services.version)


@router.get("/ready", responses={503: {"model": Readiness, "description": "Something that is needed does not work"}})
async def ready(services: Services, response: Response) -> Readiness:
    """200 when the database and a worker are there; send no traffic here while this fails."""
    try:
        async with asyncio.timeout(LONGEST):
            checks = await services.checks()
    except TimeoutError:
        checks = [Check("checks", False, f"no answer within {LONGEST:g} seconds")]
    good = bool(checks) and all(check.ok for check in checks)
    response.status_code = 200 if good else 503
    return Readiness(
        ready=good, checks=[CheckOut(name=check.name, ok=check.ok, detail=check.detail) for check in checks]
    )
