"""Read runs: the answer as a card and as text, its chart as a picture, and every change as it comes."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from conversation.card import Chart, elements
from web.api.identity import Caller, Signed
from web.api.problems import not_found
from web.api.services import ApiServices, Services
from web.api.watch import Seen, look, watch
from web.api.wire import RunOut, RunsOut, run_out

router = APIRouter(tags=["Runs"])

HEARTBEAT = 15
"""Seconds between two comments that keep a quiet stream open through proxies."""


@router.get("/v1/runs")
async def recent(services: Services, who: Signed, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> RunsOut:
    """Your latest runs, from every channel, newest first."""
    runs = await services.runs.recent(who.principal.tenant, who.principal.id, limit)
    return RunsOut(runs=[run_out(Seen(run.id, run)) for run in runs])


@router.get(
    "/v1/runs/{id:path}/events",
    response_class=EventSourceResponse,
    responses={204: {"description": "The run was over at `Last-Event-ID` already: do not connect again."}},
)
async def events(
    id: str, services: Services, who: Signed, last_event_id: Annotated[str, Header(max_length=200)] = ""
) -> Response:
    """A stream of the run (server-sent events): `run` with the whole run on every change, then `end`.

    Reconnecting with `Last-Event-ID` sends what is new since then.
    """
    seen = await look(services, who, id)
    if seen.finished and _version(seen) == last_event_id:
        return Response(status_code=204)
    return EventSourceResponse(_stream(services, who, id, last_event_id), ping=HEARTBEAT, sep="\n")


@router.get("/v1/runs/{id:path}/chart.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def chart(
    id: str, services: Services, who: Signed, theme: Annotated[Literal["light", "dark"], Query()] = "light"
) -> Response:
    """The chart of the run's card as a picture."""
    seen = await look(services, who, id)
    card = seen.run.card if seen.run is not None else None
    charts = [part for part in elements(card) if isinstance(part, Chart)] if card is not None else []
    if not charts:
        raise not_found("chart")
    png = await asyncio.to_thread(services.chart_png, charts[0].spec, theme == "dark")
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=300"})


@router.get("/v1/runs/{id:path}")
async def one(id: str, services: Services, who: Signed) -> RunOut:
    """The run as it stands. Its id is percent-encoded in the address."""
    return run_out(await look(services, who, id))


async def _stream(services: ApiServices, who: Caller, id: str, known: str) -> AsyncIterator[ServerSentEvent]:
    async for seen in watch(services, who, id):
        version = _version(seen)
        if version != known:
            known = version
            yield ServerSentEvent(run_out(seen).model_dump_json(), event="run", id=version, retry=1_000, sep="\n")
    yield ServerSentEvent("{}", event="end", id=known, sep="\n")


def _version(seen: Seen) -> str:
    """A name for what the asker sees now; equal as long as neither state nor card change."""
    shown = run_out(seen).model_dump(include={"state", "card"})
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:20]
