"""Serves Slack: verifies a request, accepts it durably, acknowledges it. Nothing slow stands before the answer.

Bolt reads the request and keeps the Socket Mode connection; its authorization (a call of Slack for each event) is not
needed, because the answer comes later, from `SlackChannel`.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bots.slack import limits
from bots.slack.client import FAILURES, Clients, code_of
from bots.slack.events import Threads, opened_home, parse, unsure
from bots.slack.render import render_home
from bots.slack.settings import SlackSettings
from bots.slack.text import escaped
from conversation.activity import Activity, Message
from conversation.card import Card
from conversation.codec import JsonObject
from conversation.directory import Accept
from conversation.errors import OperatorError, QuilluxError
from conversation.principal import Sender

log = logging.getLogger(__name__)

Home: TypeAlias = Callable[[Sender, str], Awaitable[Card]]
"""The card of a person's Home tab in a workspace. May be slow; runs after the acknowledgement."""


_HOMES_AT_ONCE = 100


class SlackApp:
    """The Slack side of the server: `routes` for HTTP, `start` and `stop` for Socket Mode."""

    def __init__(self, settings: SlackSettings, accept: Accept, home: Home, threads: Threads) -> None:
        _complete(settings)
        self._settings = settings
        self._accept = accept
        self._home = home
        self._threads = threads
        self._clients = Clients(settings)
        self._verifier = SignatureVerifier(settings.signing_secret or "unused in Socket Mode")
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: AsyncSocketModeHandler | None = None
        self._bolt = AsyncApp(
            name="quillux",
            signing_secret=settings.signing_secret or "unused in Socket Mode",
            client=AsyncWebClient(base_url=settings.api_url),
            before_authorize=self._take,
            request_verification_enabled=False,  # done by `_genuine`, before anything is parsed
            authorize=_nobody,
        )

    @property
    def routes(self) -> list[Route]:
        """One address for events, interactions and commands; none in Socket Mode."""
        return [] if self._settings.socket_mode else [Route(self._settings.path, self._serve, methods=["POST"])]

    async def start(self) -> None:
        """Connect in Socket Mode; nothing to do for HTTP."""
        if self._settings.socket_mode and self._socket is None:
            self._socket = AsyncSocketModeHandler(self._bolt, self._settings.app_token)
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Disconnect, and let Home tabs that are being drawn come to an end."""
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
            self._socket = None
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._clients.aclose()

    async def _serve(self, request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return PlainTextResponse("The body is too large.", 413)
        if not self._genuine(body, request):
            return PlainTextResponse("The signature is missing, wrong or too old.", 401)
        try:
            asked = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        except (ValueError, RecursionError, AttributeError, TypeError, LookupError):
            return PlainTextResponse("The body could not be read.", 400)
        answer = await self._bolt.async_dispatch(asked)
        return Response(answer.body, answer.status, answer.first_headers_without_set_cookie())

    def _genuine(self, body: bytes, request: Request) -> bool:
        """Whether Slack signed this in the last five minutes."""
        timestamp, signature = (
            request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature")
        )
        if len(timestamp) > 12 or not timestamp.isdigit() or not signature.isascii():
            return False
        try:
            return bool(self._verifier.is_valid(body=body, timestamp=timestamp, signature=signature))
        except (UnicodeDecodeError, ValueError):
            return False

    async def _take(self, body: JsonObject) -> BoltResponse:
        """Take one payload of any kind. What is not for us is acknowledged too, or Slack would send it again."""
        if body.get("type") == "url_verification":
            return BoltResponse(status=200, body=json.dumps({"challenge": body.get("challenge")}))
        opener = opened_home(body)
        if opener is not None:
            self._draw_home(opener)
            return BoltResponse(status=200, body="")
        bot = self._settings.bot_user
        thread = unsure(body, bot=bot)
        known = thread is not None and await self._threads.known(thread)
        activity = parse(body, bot=bot, known=known)
        if activity is not None:
            await self._accept(activity)
        return BoltResponse(status=200, body=_heard(activity) if "command" in body else "")

    def _draw_home(self, opener: Sender) -> None:
        if len(self._tasks) >= _HOMES_AT_ONCE:
            log.warning("home tab not drawn", extra={"why": "too many at once"})
            return
        task = asyncio.create_task(self._publish_home(opener))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish_home(self, opener: Sender) -> None:
        try:
            card = await self._home(opener, opener.workspace)
            client = self._clients.to(opener.workspace)
            try:
                await client.views_publish(user_id=opener.user, view=render_home(card))
            except SlackApiError as refusal:
                log.warning("home tab degraded", extra={"why": code_of(refusal)})
                await client.views_publish(user_id=opener.user, view=render_home(card, plainly=True))
        except (*FAILURES, QuilluxError) as error:
            log.warning("home tab not drawn", extra={"why": str(error)})


def _complete(settings: SlackSettings) -> None:
    """Raises OperatorError for a setting without which no event could arrive."""
    if settings.socket_mode and not settings.app_token:
        raise OperatorError(
            "Slack's Socket Mode needs an app-level token.", next_step="Set slack.app_token (xapp-...) or mode = http."
        )
    if not settings.socket_mode and not settings.signing_secret:
        raise OperatorError(
            "Slack's events cannot be verified without the signing secret.", next_step="Set slack.signing_secret."
        )


def slack_routes(settings: SlackSettings, accept: Accept, home: Home, threads: Threads) -> list[Route]:
    """The routes of a Slack app that is served over HTTP only."""
    return SlackApp(settings, accept, home, threads).routes


def _heard(activity: Activity | None) -> dict[str, str]:
    """What the person sees at once below a command: the bot may not be in the channel, and then nothing would come."""
    asked = activity.text if isinstance(activity, Message) else ""
    text = f"The answer to “{asked}” is posted here. If nothing comes, invite me first: /invite"
    return {"response_type": "ephemeral", "text": escaped(text, limits.SECTION_TEXT)}


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is larger than a webhook may be; never more than that in memory."""
    if not request.headers.get("content-length", "0").isdigit():
        return None
    if int(request.headers.get("content-length", "0")) > limits.BODY_BYTES:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limits.BODY_BYTES:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)


async def _nobody() -> AuthorizeResult:
    """Bolt wants to know whom it works for; `_take` answers before it asks."""
    return AuthorizeResult(enterprise_id=None, team_id=None)
