"""Health, readiness, the description, and how an outer application hands over."""

import re

import httpx
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from conversation.card import Card, Progress, Text
from conversation.principal import ConversationRef
from tests.web.api.world import World
from web.api.app import PATHS, ApiRoute
from web.api.channel import ApiChannel
from web.api.services import Check


async def test_a_process_that_lives_says_so(world: World) -> None:
    answer = await world.client().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": "1.2.3"})


async def test_ready_only_when_every_check_is_good(world: World) -> None:
    assert (await world.client().get("/ready")).status_code == 200
    world.checks = [Check("database", True), Check("worker", False, "last seen 90 s ago")]
    answer = await world.client().get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"][1] == {"name": "worker", "ok": False, "detail": "last seen 90 s ago"}


async def test_no_check_at_all_is_not_ready(world: World) -> None:
    world.checks = []
    assert (await world.client().get("/ready")).status_code == 503


async def test_the_description_works_without_any_other_address(world: World) -> None:
    answer = await world.client().get("/docs")
    assert answer.status_code == 200
    assert not re.findall(r"(?:src|href)=.?https?:", answer.text)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for path in (await world.client().get("/openapi.json")).json()["paths"]:
        assert path in answer.text


async def test_every_operation_and_field_of_the_description_says_what_it_is(world: World) -> None:
    document = (await world.client().get("/openapi.json")).json()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"]
            assert operation["tags"]


def outer(world: World) -> httpx.AsyncClient:
    """An application with the API and something mounted at the root, as Chainlit is."""

    async def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("page")

    root = Starlette()
    root.add_route("/{path:path}", page)
    app = Starlette(routes=[ApiRoute(world.app), Mount("/", root)])
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://ask.example",
        headers={"Authorization": "Bearer token-ada"},
    )


async def test_an_outer_application_hands_its_own_addresses_over(world: World) -> None:
    client = outer(world)
    for path in PATHS:
        answer = await client.get(path)
        assert "x-request-id" in answer.headers, path
    assert (await client.post("/v1/messages", json={"text": "a"})).status_code == 202
    for path in ("/", "/v1", "/v2/x", "/healthy", "/docs/x", "/project/settings"):
        assert (await client.get(path)).text == "page", path


async def test_the_api_as_a_channel_keeps_work_under_way_with_its_run(world: World) -> None:
    where = ConversationRef("api", "acme", "ada", "c1", personal=True)
    channel, run = ApiChannel(world.runs), await world.begin("r1")
    message = await channel.send(where, Card((Progress("Reading", 1, 2),), run=run.id), key="k")
    assert await channel.find(where, "k") == message
    shown = (await world.client("ada").get("/v1/runs/r1")).json()
    assert (shown["state"], shown["text"]) == ("working", "Reading")


async def test_the_api_as_a_channel_pushes_no_other_card(world: World) -> None:
    where = ConversationRef("api", "acme", "ada", "c1", personal=True)
    channel = ApiChannel(world.runs)
    await world.answer("r1")
    message = await channel.send(where, Card((Text("thanks"),), run="r1"), key="k", only_for="ada")
    await channel.update(message, Card((Text("4"),), run="r1"))
    assert (await world.client("ada").get("/v1/runs/r1")).json()["text"].startswith("1,204 orders")
