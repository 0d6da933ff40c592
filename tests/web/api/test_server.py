"""The API behind a real server: streams come as they are made, and end with the client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pyarrow as pa
import uvicorn

from conversation.card import Card, Progress
from tests.web.api.world import ANSWER, World
from web.api.app import build
from web.api.services import Changed, after


@asynccontextmanager
async def served(world: World, changed: Changed = after) -> AsyncIterator[httpx.AsyncClient]:
    """A server on a free port, and a client of it."""
    app = build(replace(world.services, changed=changed))
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": "Bearer token-ada"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def test_a_change_reaches_the_client_while_the_stream_is_open() -> None:
    world = World()
    async with served(world) as client:
        taken = (await client.post("/v1/messages", json={"text": "a"})).json()
        async with client.stream("GET", taken["events"]) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            lines = stream.aiter_lines()
            await until(lines, '"submitted"')
            await world.begin(taken["run"])
            await until(lines, '"working"')
            await world.runs.finish(taken["run"], "working", Card((Progress("Reading", 1, 2),)), {})
            await until(lines, "Reading")
            await world.runs.finish(taken["run"], "completed", ANSWER, {})
            await until(lines, '"completed"')
            await until(lines, "event: end")


async def until(lines: AsyncIterator[str], wanted: str) -> None:
    """Read on until a line holds these words."""
    async for line in lines:
        if wanted in line:
            return
    raise AssertionError(f"the stream ended before {wanted}")


async def test_a_client_that_goes_away_ends_the_looking() -> None:
    world = World()
    looked = asyncio.Event()
    ended = asyncio.Event()

    async def changed(_run: str, _seconds: float) -> None:
        looked.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    await world.begin("r1")
    async with served(world, changed) as client:
        async with client.stream("GET", "/v1/runs/r1/events"):
            await asyncio.wait_for(looked.wait(), 10)
        await asyncio.wait_for(ended.wait(), 10)


async def test_fifty_streams_and_a_large_download_do_not_hold_up_health() -> None:
    world = World()
    await world.begin("r1")
    id = await world.results.put("acme", pa.table({"n": list(range(400_000)), "t": ["text"] * 400_000}))
    async with served(world) as client:

        async def follow() -> str:
            return (await client.get("/v1/runs/r1/events")).text

        followers = [asyncio.create_task(follow()) for _ in range(50)]
        download = asyncio.create_task(client.get(f"/v1/results/{id}.csv"))
        assert (await client.get("/health")).status_code == 200
        await world.runs.finish("r1", "completed", ANSWER, {})
        told = await asyncio.gather(*followers)
        assert all("event: end" in text for text in told)
        assert len((await download).text.splitlines()) == 400_001
