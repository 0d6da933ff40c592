"""Slack's Web API: one client a workspace, patient with rate limits, and errors in words that say what to do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.presses import dig, words
from bots.slack.settings import SlackSettings
from conversation.codec import Json
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef

LONGEST_WAIT = 60
TRIES_WHEN_LIMITED = 5
_PAGES = 5
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)
FAILURES = (SlackClientError, *UNREACHABLE)

_NEXT_STEP = {
    "not_in_channel": "Invite the bot to the channel (/invite), then ask again.",
    "channel_not_found": "Invite the bot to the channel (/invite), then ask again.",
    "is_archived": "The channel is archived; ask in another one.",
    "restricted_action": "A workspace rule forbids the bot to post here; ask an administrator of Slack.",
    "invalid_auth": "The operator must set a valid bot token.",
    "not_authed": "The operator must set a valid bot token.",
    "account_inactive": "The app was removed from the workspace; the operator must install it again.",
    "token_revoked": "The app was removed from the workspace; the operator must install it again.",
    "missing_scope": "The operator must install the app again with the scopes of its manifest.",
    "ratelimited": "Slack asks us to slow down; try again in a minute.",
    "message_not_found": "The message was deleted; ask again.",
    "cant_update_message": "The message belongs to somebody else; ask again.",
    "user_not_in_channel": "The person is not in this channel; ask in a direct message.",
}


class Clients:
    """Web API clients that share one connection pool for each event loop."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    def to(self, workspace: str) -> AsyncWebClient:
        """A client for a workspace. Raises ChannelRefused where the app is not installed."""
        token = self._settings.token(workspace)
        if not token:
            raise ChannelRefused(
                f"Quillux has no bot token for the Slack workspace {workspace}.",
                next_step="The operator must install the app there and set its token.",
            )
        handlers: list[AsyncRetryHandler] = [_RateLimited(TRIES_WHEN_LIMITED), _Disconnected(2)]
        return AsyncWebClient(
            token=token, base_url=self._settings.api_url, session=self._session(), retry_handlers=handlers
        )

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = self._sessions[loop] = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return session


class _RateLimited(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack says, up to a minute."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        waits = [value for name, value in response.headers.items() if name.lower() == "retry-after"]
        wait = waits[0][0] if waits and isinstance(waits[0], list) else waits[0] if waits else "1"
        return str(wait).isdigit() and int(str(wait)) <= LONGEST_WAIT


class _Disconnected(AsyncConnectionErrorRetryHandler):
    """Tries again after a broken connection, except where a post may have arrived: that is looked up first."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if request.url.endswith(("chat.postMessage", "chat.postEphemeral")):
            return False
        return await super()._can_retry_async(state=state, request=request, response=response, error=error)


async def history(
    client: AsyncWebClient, where: ConversationRef, *, oldest: str = "", metadata: bool = False
) -> AsyncIterator[Json]:
    """Messages of a thread, or the latest of a space: at most a thousand."""
    page: dict[str, Any] = {"channel": where.space, "limit": 200, "include_all_metadata": metadata}
    page |= {"oldest": oldest} if oldest else {}
    for _ in range(_PAGES):
        if where.thread:
            answer = await client.conversations_replies(ts=where.thread, **page)
        else:
            answer = await client.conversations_history(**page)
        data: Json = answer.data if isinstance(answer.data, dict) else {}
        messages = dig(data, "messages")
        for message in messages if isinstance(messages, list) else []:
            yield message
        page["cursor"] = words(data, "response_metadata", "next_cursor")
        if not page["cursor"]:
            return


def code_of(error: Exception) -> str:
    """Slack's word for an error, e.g. `invalid_blocks`; empty for an error of the network."""
    if isinstance(error, SlackApiError):
        data = error.response.data if hasattr(error.response, "data") else error.response
        return str(data.get("error", "")) if isinstance(data, dict) else ""
    return ""


def refused(error: Exception, doing: str) -> ChannelRefused:
    """The error that reaches people: what Slack refused, and who must do what."""
    code = code_of(error)
    if not code:
        return ChannelRefused(f"Slack could not be reached, so {doing}.", next_step="Try again in a minute.")
    step = _NEXT_STEP.get(code, "Try again; if it stays, the operator finds Slack's answer in the log.")
    return ChannelRefused(f"Slack answered “{code}”, so {doing}.", next_step=step)
