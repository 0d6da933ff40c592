"""Keys, tokens and passwords: sent where they belong, renewed when they end, shown nowhere."""

import base64

import pytest

from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.sources.rest.patience import Patience
from tests.knowledge.sources.rest.conftest import Open, rows
from tests.knowledge.sources.rest.server import Answered, Api, Asked

TABLE = "base: BASE\ntables:\n  items:\n    path: /items\n    columns: {id: integer}\n"
SECRET = "not-a-secret-7"
SECRETS = {"env:SHOP": SECRET}
SQL = "SELECT id FROM items"


class Clock:
    """A clock that a test sets, and what was waited for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def patience(self) -> Patience:
        return Patience(wait=self.wait, clock=lambda: self.now)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("{kind: key, header: X-Shop, value: '${env:SHOP}'}", "X-Shop", SECRET),
        ("{kind: bearer, token: '${env:SHOP}'}", "Authorization", f"Bearer {SECRET}"),
        (
            "{kind: basic, user: ann, password: '${env:SHOP}'}",
            "Authorization",
            "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode(),
        ),
    ],
)
async def test_a_request_carries_what_lets_it_in(api: Api, opened: Open, auth: str, header: str, value: str) -> None:
    def guarded(asked: Asked) -> Answered:
        return Answered([{"id": 1}]) if asked.headers.get(header) == value else Answered({}, 401)

    api.routes["/items"] = guarded
    assert await rows(opened(f"auth: {auth}\n{TABLE}", SECRETS), SQL) == [{"id": 1}]
    with pytest.raises(SourceUnavailable, match="did not accept the credentials") as error:
        await rows(opened(f"auth: {auth}\n{TABLE}", {"env:SHOP": "hunter2"}), SQL)
    assert "hunter2" not in str(error.value)


async def test_a_key_in_the_query_is_never_shown(api: Api, opened: Open) -> None:
    api.routes["/items"] = lambda asked: Answered([{"id": 1}]) if asked.param("key") == SECRET else Answered({}, 500)
    auth = "auth: {kind: key, query: key, value: '${env:SHOP}'}\n"
    assert await rows(opened(auth + TABLE, SECRETS), SQL) == [{"id": 1}]
    with pytest.raises(SourceUnavailable) as error:
        await rows(opened(auth + TABLE, {"env:SHOP": "hunter2"}), SQL)
    assert "hunter2" not in f"{error.value} {error.value.__cause__!r} {error.value.__context__!r}"


async def test_a_changed_secret_is_used_by_the_next_question(api: Api, opened: Open) -> None:
    api.routes["/items"] = lambda asked: Answered([{"id": len(asked.headers["X-Shop"])}])
    secrets = {"env:SHOP": "one"}
    source = opened(f"auth: {{kind: key, header: X-Shop, value: '${{env:SHOP}}'}}\n{TABLE}", secrets)
    assert await rows(source, SQL) == [{"id": 3}]
    secrets["env:SHOP"] = "three"
    assert await rows(source, SQL) == [{"id": 5}]


OAUTH = (
    "auth: {kind: oauth, token_url: BASE/token, client_id: shop, client_secret: '${env:SHOP}', scope: read}\n" + TABLE
)


class Issuer:
    """Gives tokens that count up, and lets in the latest one only."""

    def __init__(self, api: Api, seconds: int = 3_600) -> None:
        self.issued = 0
        self.seconds = seconds
        api.routes |= {"/token": self.token, "/items": self.items}

    def token(self, asked: Asked) -> Answered:
        right = "Basic " + base64.b64encode(f"shop:{SECRET}".encode()).decode()
        if asked.headers.get("Authorization") != right or "grant_type=client_credentials" not in asked.body:
            return Answered({"error": "invalid_client"}, 400)
        self.issued += 1
        return Answered({"access_token": f"token-{self.issued}", "expires_in": self.seconds})

    def items(self, asked: Asked) -> Answered:
        right = asked.headers.get("Authorization") == f"Bearer token-{self.issued}"
        return Answered([{"id": 1}]) if right else Answered({}, 401)


async def test_a_token_is_fetched_once_and_again_when_it_ends(api: Api, opened: Open) -> None:
    issuer, clock = Issuer(api, seconds=600), Clock()
    source = opened(OAUTH, SECRETS, clock.patience())
    for _ in range(3):
        assert await rows(source, SQL) == [{"id": 1}]
    assert issuer.issued == 1
    clock.now += 580
    assert await rows(source, SQL) == [{"id": 1}]
    assert issuer.issued == 2


async def test_a_token_that_is_turned_away_is_renewed_once(api: Api, opened: Open) -> None:
    issuer = Issuer(api)
    source = opened(OAUTH, SECRETS)
    await rows(source, SQL)
    issuer.issued += 1  # the issuer ended the first one
    assert await rows(source, SQL) == [{"id": 1}]
    api.routes["/items"] = lambda asked: Answered({}, 401)
    api.asked.clear()
    with pytest.raises(SourceUnavailable, match="did not accept the credentials"):
        await rows(source, SQL)
    assert api.paths() == ["/items", "/token", "/items"]


async def test_no_token_is_said_in_words(api: Api, opened: Open) -> None:
    Issuer(api)
    with pytest.raises(SourceUnavailable, match="got no token") as error:
        await rows(opened(OAUTH, {"env:SHOP": "hunter2"}), SQL)
    assert "hunter2" not in str(error.value)
    api.routes["/token"] = lambda asked: Answered({"token": "x"})
    with pytest.raises(SourceUnavailable, match="holds none"):
        await rows(opened(OAUTH, SECRETS), SQL)


async def test_a_secret_that_is_missing_stops_before_any_request(api: Api, opened: Open) -> None:
    with pytest.raises(KnowledgeError, match="env:SHOP"):
        await rows(opened(OAUTH), SQL)
    assert not api.asked
