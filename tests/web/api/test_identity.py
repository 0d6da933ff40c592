"""Who may call, and how it is known."""

from dataclasses import replace

import pytest
from structlog.contextvars import get_contextvars

from tests.web.api.world import World

OURS = {"Origin": "http://ask.example"}
SIGNED = ["/v1/runs", "/v1/runs/r1", "/v1/runs/r1/events", "/v1/runs/r1/chart.png", "/v1/results/x", "/v1/gates"]


@pytest.mark.parametrize("path", SIGNED)
async def test_nobody_reads_without_signing_in(world: World, path: str) -> None:
    answer = await world.client().get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "quillux token" in answer.json()["next_step"]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/actions", "/v1/gates/g1"])
async def test_nobody_writes_without_signing_in(world: World, path: str) -> None:
    answer = await world.client().post(path, json={"text": "a"})
    assert answer.status_code == 401
    assert not world.taken


async def test_a_bad_token_is_refused_even_beside_a_good_cookie(world: World) -> None:
    answer = await world.client(cookie="ada").get("/v1/runs", headers={"Authorization": "Bearer stale"})
    assert answer.status_code == 401
    assert answer.json()["what"] == "The token is not valid, or no longer."


async def test_somebody_without_access_is_told_whom_to_ask(world: World) -> None:
    answer = await world.client("zoe").get("/v1/runs")
    assert answer.status_code == 403
    assert answer.json()["next_step"] == "Ask your administrator to add you."


async def test_a_browser_reads_and_writes_from_our_own_pages(world: World) -> None:
    client = world.client(cookie="ada")
    assert (await client.get("/v1/runs")).status_code == 200
    assert (await client.post("/v1/messages", json={"text": "a"}, headers=OURS)).status_code == 202
    proxied = {"Origin": "https://ask.example", "Host": "internal:8000"}
    assert (await client.post("/v1/messages", json={"text": "b"}, headers=proxied)).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://ask.example.evil.example"},
        {"Origin": "http://ask.example:81"},
        {"Origin": "http://ask.example", "Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://ask.example/"},
    ],
)
async def test_another_site_can_not_use_the_browsers_sign_in(world: World, headers: dict[str, str]) -> None:
    answer = await world.client(cookie="ada").post("/v1/messages", json={"text": "a"}, headers=headers)
    assert answer.status_code == 403
    assert not world.taken


async def test_a_form_of_another_site_is_not_read_as_json(world: World) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await world.client("ada").post(
            "/v1/messages", content=b'{"text": "a"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 422
    assert not world.taken


async def test_the_request_id_of_the_client_comes_back_and_is_the_reference(world: World) -> None:
    answer = await world.client().get("/v1/runs", headers={"X-Request-ID": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.json()["reference"] == "abc-1"


@pytest.mark.parametrize("hostile", ["a b", "x" * 65, "a\tb", "<script>"])
async def test_an_odd_request_id_is_replaced(world: World, hostile: str) -> None:
    answer = await world.client().get("/health", headers={"X-Request-ID": hostile})
    assert answer.headers["x-request-id"] != hostile
    assert len(answer.headers["x-request-id"]) == 32


async def test_lines_in_the_log_carry_request_and_tenant(world: World) -> None:
    bound: list[dict[str, object]] = []

    def drawing(_spec: object, _dark: bool) -> bytes:
        bound.append(get_contextvars())
        return b"PNG"

    await world.answer("r1")
    world.app.state.services = replace(world.services, chart_png=drawing)
    await world.client("ada").get("/v1/runs/r1/chart.png", headers={"X-Request-ID": "abc-1"})
    assert bound == [{"request": "abc-1", "tenant": "acme"}]
    assert "request" not in get_contextvars()


async def test_unknown_addresses_and_methods_are_problems_too(world: World) -> None:
    missing = await world.client("ada").get("/v1/nothing")
    wrong = await world.client("ada").delete("/v1/messages")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    for answer in (missing, wrong):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["next_step"]


async def test_a_fault_shows_nothing_of_its_inside(world: World) -> None:
    def broken(_spec: object, _dark: bool) -> bytes:
        raise RuntimeError("secret path /srv/x")

    await world.answer("r1")
    world.app.state.services = replace(world.services, chart_png=broken)
    answer = await world.client("ada").get("/v1/runs/r1/chart.png")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["reference"] == answer.headers["x-request-id"]
