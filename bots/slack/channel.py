"""Slack as a channel: posts a card, updates it in place, and puts charts and files into its thread."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.attachments import ChartPng, ReadFile, attach
from bots.slack.client import UNREACHABLE, Clients, code_of, history, refused
from bots.slack.presses import words
from bots.slack.render import notification, render, render_plain
from bots.slack.settings import SlackSettings
from conversation.card import Card
from conversation.channel import MessageRef
from conversation.codec import Json, JsonObject
from conversation.principal import ConversationRef

log = logging.getLogger(__name__)

EVENT_TYPE = "quillux_post"
_ONLY = "only:"
_CONTENT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"})
"""Answers that a plainer card may avoid."""

_Call: TypeAlias = Callable[..., Awaitable[object]]


class SlackChannel:
    """Sends and updates cards. Holds connections only: everything else is in Slack or in the message's reference."""

    name = "slack"
    status_after = 0.7
    """A shorter answer comes as one post; a post that a crash left unrecorded is found again by its key."""

    def __init__(
        self, settings: SlackSettings, *, chart_png: ChartPng | None = None, read_file: ReadFile | None = None
    ) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self._chart_png = chart_png
        self._read_file = read_file

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card once, or adopt the post that a broken connection hid. Raises ChannelRefused."""
        if only_for:
            return await self._whisper(where, card, only_for)
        client = self._clients.to(where.workspace)
        try:
            message = await self._post(client, where, card, key)
        except UNREACHABLE as unclear:
            log.warning("post looked up after a broken connection", extra={"key": key, "why": repr(unclear)})
            message = await self._post_again(client, where, card, key)
        await attach(client, message, card, self._chart_png, self._read_file)
        return message

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place; one that only one person saw is shown to them anew. Raises ChannelRefused."""
        if message.id.startswith(_ONLY):
            await self._whisper(message.where, card, message.id.split(":")[1])
            return
        client = self._clients.to(message.where.workspace)
        try:
            await self._plainer(card, client.chat_update, channel=message.where.space, ts=message.id)
        except (SlackApiError, *UNREACHABLE) as error:
            raise refused(error, "the card was not updated") from error
        await attach(client, message, card, self._chart_png, self._read_file)

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """The message that was posted here under a key: looked up in the latest of the thread, or of the space.

        Raises ChannelRefused where Slack does not say.
        """
        client = self._clients.to(where.workspace)
        try:
            space = await _space(client, where)
            return await _find(client, replace(where, space=space), key)
        except (SlackApiError, *UNREACHABLE) as error:
            raise refused(error, "it is not known whether the card was posted") from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._clients.aclose()

    async def _post(self, client: AsyncWebClient, where: ConversationRef, card: Card, key: str) -> MessageRef:
        try:
            answer = await self._plainer(
                card,
                client.chat_postMessage,
                channel=where.space,
                thread_ts=where.thread or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                mrkdwn=False,
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise refused(error, "the card was not posted") from error
        return MessageRef(replace(where, space=words(answer, "channel") or where.space), words(answer, "ts"))

    async def _post_again(self, client: AsyncWebClient, where: ConversationRef, card: Card, key: str) -> MessageRef:
        found = await self.find(where, key)
        if found is not None:
            return found
        try:
            return await self._post(client, where, card, key)
        except UNREACHABLE as error:
            raise refused(error, "the card was not posted") from error

    async def _whisper(self, where: ConversationRef, card: Card, user: str) -> MessageRef:
        """An ephemeral message. Slack keeps none, so it can neither be found nor changed: it is shown again."""
        client = self._clients.to(where.workspace)
        try:
            answer = await self._plainer(
                card,
                client.chat_postEphemeral,
                channel=where.space,
                user=user,
                thread_ts=where.thread or None,
                link_names=False,
            )
        except (SlackApiError, *UNREACHABLE) as error:
            raise refused(error, "the card was not shown") from error
        return MessageRef(where, f"{_ONLY}{user}:{words(answer, 'message_ts')}")

    async def _plainer(self, card: Card, call: _Call, **arguments: object) -> Json:
        """Call with the card; where Slack refuses its form, with a plainer one, and at last with its words alone."""
        forms: list[JsonObject] = [render(card), render_plain(card), {"text": notification(card), "blocks": []}]
        if self._settings.table_block:
            forms.insert(0, render(card, table_block=True))
        for payload in forms[:-1]:
            try:
                return _data(await call(**arguments, **payload))
            except SlackApiError as error:
                if code_of(error) not in _CONTENT:
                    raise
                log.warning("card degraded", extra={"why": code_of(error), "detail": str(error.response)[:1_000]})
        return _data(await call(**arguments, **forms[-1]))


async def _find(client: AsyncWebClient, where: ConversationRef, key: str) -> MessageRef | None:
    async for message in history(client, where, metadata=True):
        ours = words(message, "metadata", "event_type") == EVENT_TYPE
        if ours and words(message, "metadata", "event_payload", "key") == key:
            return MessageRef(where, words(message, "ts"))
    return None


async def _space(client: AsyncWebClient, where: ConversationRef) -> str:
    """The id of the direct message where `where` names a person."""
    if not where.space.startswith(("U", "W")):
        return where.space
    return words(_data(await client.conversations_open(users=where.space)), "channel", "id")


def _data(answer: object) -> Json:
    data = getattr(answer, "data", None)
    return data if isinstance(data, dict) else {}
