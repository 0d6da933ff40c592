"""Whatever comes in, the answer is one that the description knows, and never a fault."""

import asyncio
import json
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.api.world import BEN, World, gate

# Half pairs of surrogates cannot be sent as UTF-8, but JSON escapes can carry them.
TEXT = st.text(st.characters(codec=None), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda leaf: st.lists(leaf, max_size=4) | st.dictionaries(TEXT, leaf, max_size=4),
    max_leaves=12,
)
NAMES = ("text", "conversation", "id", "verb", "payload", "inputs", "run", "verdict", "reason", "type", "args", "gates")
NEAR = st.fixed_dictionaries({}, optional={name: JSON | TEXT | st.just("approve") for name in NAMES})
ONE = quote(gate().id, safe="")
PATHS = (
    "/v1/messages",
    "/v1/actions",
    f"/v1/gates/{ONE}",
    "/v1/gates/batch",
    f"/v1/agent-inbox/{ONE}",
    "/v1/glossary/revenue",
    "/v1/glossary/revenue/approve",
)
ANSWERS = {200, 202, 204, 400, 401, 403, 404, 405, 409, 413, 422}
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def the_world() -> World:
    """One world for all requests: they must not be able to spoil it for each other either."""
    return World()


def send(method: str, path: str, **kwargs: Any) -> httpx.Response:
    """One request, as Ben."""

    async def once() -> httpx.Response:
        world = the_world()
        await world.answer("r1", who=BEN)
        await world.gates.open(gate())
        return await world.client("ben").request(method, path, **kwargs)

    return asyncio.run(once())


def check(answer: httpx.Response) -> None:
    """The status is a known one, and an error says what to do."""
    assert answer.status_code in ANSWERS, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["what"]
        assert problem["reference"] == answer.headers["x-request-id"]


@THOROUGH
@given(path=st.sampled_from(PATHS), body=JSON | NEAR)
def test_any_json_is_answered(path: str, body: object) -> None:
    check(send("POST", path, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}))


@THOROUGH
@given(path=st.sampled_from(PATHS), body=st.binary(max_size=300), kind=st.sampled_from(["application/json", "text/x"]))
def test_any_bytes_are_answered(path: str, body: bytes, kind: str) -> None:
    check(send("POST", path, content=body, headers={"Content-Type": kind}))


@THOROUGH
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    place=st.sampled_from(
        [
            "/v1/runs/{}",
            "/v1/runs/{}/events",
            "/v1/runs/{}/chart.png",
            "/v1/results/{}",
            "/v1/gates/{}",
            "/v1/agent-inbox/{}",
        ]
    ),
    id=st.binary(min_size=1, max_size=40),
    query=st.binary(max_size=40),
)
def test_any_id_and_query_are_answered(method: str, place: str, id: bytes, query: bytes) -> None:
    check(send(method, f"{place.format(quote(id, safe=''))}?sort={quote(query)}&offset={quote(query)}&limit=1"))


@THOROUGH
@given(
    header=st.sampled_from(["X-Request-ID", "Idempotency-Key", "Last-Event-ID", "Authorization", "Origin", "Cookie"]),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80),
)
def test_any_header_is_answered(header: str, value: str) -> None:
    headers = {header: value.encode("latin-1"), "Content-Type": b"application/json"}
    check(send("POST", "/v1/messages", content=b'{"text": "a"}', headers=headers))
    check(send("GET", "/v1/runs/r1/events", headers=headers))
