"""POST /api/messages: verify, take the activity durably, acknowledge. Answers come later, from the channel."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bots.teams import limits
from bots.teams.channel import TeamsSettings
from bots.teams.events import parse, tenant_of
from bots.teams.hosts import allowed
from bots.teams.references import References, TeamsReference, reference
from bots.teams.tokens import CHANNEL_ID, Forged, KeysUnavailable, Tokens, check_service_url
from conversation.codec import JsonObject
from conversation.directory import Accept
from conversation.errors import QuilluxError
from conversation.principal import ConversationRef

__all__ = ["TeamsSettings", "teams_routes"]
log = logging.getLogger(__name__)
Typing = Callable[[ConversationRef], Awaitable[None]]
_TYPING_AT_ONCE = 20
_KEPT = 10_000


def teams_routes(
    settings: TeamsSettings,
    accept: Accept,
    references: References,
    *,
    typing: Typing | None = None,
    tokens: Tokens | None = None,
) -> list[Route]:
    """The messaging endpoint. `typing` shows that the bot writes, e.g. `TeamsChannel.typing`; it never holds up."""
    verify = tokens or Tokens(settings.app_id, settings.metadata, settings.issuer)
    endpoint = _Endpoint(settings, accept, references, verify, typing)
    return [Route("/api/messages", endpoint.receive, methods=["POST"])]


class _Rejected(Exception):
    """This request goes no further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Endpoint:
    def __init__(
        self, settings: TeamsSettings, accept: Accept, references: References, tokens: Tokens, typing: Typing | None
    ) -> None:
        self._settings = settings
        self._accept = accept
        self._references = references
        self._tokens = tokens
        self._typing = typing
        self._kept: dict[str, TeamsReference] = {}
        self._signs: set[asyncio.Task[None]] = set()

    async def receive(self, request: Request) -> Response:
        """One delivery of the Bot Framework."""
        try:
            activity = await self._verified(request)
        except _Rejected as no:
            log.warning("teams request rejected", extra={"status": no.status, "why": str(no)})
            return JSONResponse({"error": str(no)}, no.status)
        return await self._taken(activity)

    async def _verified(self, request: Request) -> JsonObject:
        try:
            claims = await self._tokens.claims(request.headers.get("authorization", ""))
            activity = await _body(request)
            check_service_url(claims, activity.get("serviceUrl"))
        except Forged as no:
            raise _Rejected(401, f"Not signed by the Bot Framework for this bot: {no}.") from no
        except KeysUnavailable as no:
            raise _Rejected(503, f"The Bot Framework's keys cannot be fetched: {no}.") from no
        if activity.get("channelId") != CHANNEL_ID:
            raise _Rejected(403, "Only the Teams channel of the bot is served.")
        if not allowed(str(activity.get("serviceUrl")), self._settings.service_urls):
            raise _Rejected(403, "The service address is not one of Microsoft's.")
        if self._settings.tenant and tenant_of(activity) not in ("", self._settings.tenant):
            raise _Rejected(403, "This bot serves another organisation.")
        return activity

    async def _taken(self, activity: JsonObject) -> Response:
        invoked = activity.get("type") == "invoke"
        try:
            await self._remember(activity)
            meant = parse(activity)
            if meant is None:
                return _invoke_unknown() if invoked else Response(status_code=200)
            new = await self._accept(meant)
        except QuilluxError as failed:
            log.warning("teams activity not taken", extra={"why": str(failed)})
            return _invoke_failed(failed) if invoked else JSONResponse({"error": str(failed)}, 503)
        self._show_typing(meant.where)
        if not invoked:
            return Response(status_code=200)
        return _invoke_answer("Working on it …" if new else "Already on it.")

    async def _remember(self, activity: JsonObject) -> None:
        """Keep how the conversation is reached; what this process kept before is not written again."""
        found = reference(activity)
        if found is None or self._kept.get(found.where.key) == found:
            return
        await self._references.keep(found)
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[found.where.key] = found

    def _show_typing(self, where: ConversationRef) -> None:
        if self._typing is None or len(self._signs) >= _TYPING_AT_ONCE:
            return
        sign = asyncio.ensure_future(self._typing(where))
        self._signs.add(sign)
        sign.add_done_callback(self._signs.discard)


async def _body(request: Request) -> JsonObject:
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > limits.BODY_BYTES:
            raise _Rejected(413, f"More than {limits.BODY_BYTES} bytes.")
    try:
        activity = json.loads(read)
    except (ValueError, RecursionError) as wrong:
        raise _Rejected(400, "The body is not JSON.") from wrong
    if not isinstance(activity, dict):
        raise _Rejected(400, "The body is not an activity.")
    return activity


def _invoke(body: Mapping[str, Any]) -> Response:
    return JSONResponse(dict(body), 200)


def _invoke_answer(words: str) -> Response:
    return _invoke({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words})


def _invoke_failed(failed: QuilluxError) -> Response:
    error = {"code": "NotTaken", "message": str(failed)}
    return _invoke({"statusCode": 503, "type": "application/vnd.microsoft.error", "value": error})


def _invoke_unknown() -> Response:
    return JSONResponse({"error": "This bot does not know this invoke."}, 501)
