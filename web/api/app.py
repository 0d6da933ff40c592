"""The API as one application, and the route by which a larger application hands requests over to it."""

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from web.api import (
    actions,
    agent_inbox,
    docs,
    gates,
    glossary,
    glossary_changes,
    health,
    messages,
    problems,
    results,
    runs,
)
from web.api.envelope import Envelope
from web.api.problems import Problem
from web.api.services import BODY_LIMIT, ApiServices

PATHS = ("/v1/", "/health", "/ready", "/docs", "/openapi.json")

_DESCRIPTION = """Ask your data over HTTP: the same questions, cards, gates and rights as in a chat.

Sign in with a token from `quillux token` (`Authorization: Bearer ...`); our own pages use the browser's sign-in.
Ids hold `:` and `/`: percent-encode them in addresses, or follow the addresses that responses give.
Every error is a problem (RFC 9457) that says what happened, what was not changed and what to do next."""


def build(services: ApiServices) -> FastAPI:
    """The application. It keeps no state of its own: every replica answers every request."""
    app = FastAPI(
        title="Quillux",
        version=services.version or "0",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would go where the Host header says
        responses={"4XX": {"model": Problem, "description": "The request could not be met"}},
    )
    app.state.services = services
    problems.install(app)
    app.add_middleware(Envelope, limit=BODY_LIMIT)
    for part in (messages, actions, runs, results, gates, agent_inbox, health, docs, glossary, glossary_changes):
        app.include_router(part.router)
    return app


class ApiRoute(BaseRoute):
    """Hands the API's addresses over to it, so that what it guards (sizes, errors, ids) stays its own.

    Append it to the routes of the outer application before whatever is mounted at `/`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for the API's own addresses."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and any(path == own or (own == "/v1/" and path.startswith(own)) for own in PATHS)
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> "NoMatchFound":  # type: ignore[override]
        """No address here has a name outside."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the API answer."""
        await self._app(scope, receive, send)
