"""Sends cards to Teams and updates them in place, from any process: all it needs is stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from botbuilder.schema import (
    Activity,
    ActivityTypes,
    Attachment,
    ChannelAccount,
    ConversationParameters,
)

from bots.teams import limits
from bots.teams.connector import Connector, Refused
from bots.teams.credentials import CredentialKind, credential
from bots.teams.events import CHANNEL
from bots.teams.layout import ChartUrl, no_chart
from bots.teams.references import References, TeamsReference
from bots.teams.render import attachment
from bots.teams.text import clean, one_line
from bots.teams.tokens import ISSUER, METADATA
from conversation.card import Card
from conversation.channel import MessageRef
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """The bot's registration. `tenant` is the Entra tenant of a single-tenant bot, empty for multi-tenant.

    `service_urls` are connector addresses to trust besides Microsoft's; `metadata` and `issuer` differ in
    national clouds.
    """

    app_id: str
    tenant: str = ""
    credential: CredentialKind = "secret"
    secret: str = field(default="", repr=False)
    certificate: str = ""
    service_urls: tuple[str, ...] = ()
    metadata: str = METADATA
    issuer: str = ISSUER


def teams_channel(settings: TeamsSettings, references: References, chart_url: ChartUrl = no_chart) -> "TeamsChannel":
    """The channel of a bot's registration."""
    known = credential(
        settings.credential, settings.app_id, settings.tenant, settings.secret, certificate=settings.certificate
    )
    return TeamsChannel(Connector(known, settings.service_urls), references, chart_url)


class TeamsChannel:
    """Microsoft Teams. Cannot look up its own messages, so work is told at once and the answer is an update."""

    name = CHANNEL
    status_after = 0.0

    def __init__(self, connector: Connector, references: References, chart_url: ChartUrl = no_chart) -> None:
        self._connector = connector
        self._references = references
        self._chart_url = chart_url

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card; for one person alone in their personal conversation, made where there is none yet."""
        known = await self._reference(where)
        if only_for and known.person != only_for:
            known = await self._alone_with(only_for, known)
            where = known.where
        activity = await self._activity(card, known)
        if known.kind == "channel" and not where.thread:
            return await self._new_thread(known, activity)

        async def post(says: Activity) -> Any:
            return await self._connector.call(
                known.service_url, lambda to: to.send_to_conversation(_address(where), says)
            )

        made = await _delivered(post, activity, "The card could not be posted in Teams.")
        return MessageRef(where, made.id or "")

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place. Raises ChannelRefused when the message is gone."""
        known = await self._reference(message.where)
        activity = await self._activity(card, known)
        activity.id = message.id

        async def put(says: Activity) -> Any:
            return await self._connector.call(
                known.service_url,
                lambda to: to.update_activity(_address(message.where), message.id, says),
                twice=True,
            )

        await _delivered(put, activity, "The card could not be updated in Teams.")

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """None: Teams keeps no name of ours with a message, and bots cannot read conversations."""
        return None

    async def typing(self, where: ConversationRef) -> None:
        """Show that the bot is writing, for a few seconds; of no importance, so tried once and never an error."""
        try:
            known = await self._reference(where)
            sign = Activity(type=ActivityTypes.typing, from_property=ChannelAccount(id=known.bot))
            await self._connector.call(
                known.service_url, lambda to: to.send_to_conversation(_address(where), sign), tries=1
            )
        except (Refused, ChannelRefused) as unseen:
            log.debug("typing not shown", extra={"why": str(unseen)})

    async def aclose(self) -> None:
        """Close connections."""
        await self._connector.close()

    async def _reference(self, where: ConversationRef) -> TeamsReference:
        known = await self._references.find(where)
        if known is None:
            raise ChannelRefused(
                "Teams has not told yet how this conversation is reached.",
                unchanged="Nothing was posted.",
                next_step="Write to the bot there once, then try again.",
            )
        return known

    async def _activity(self, card: Card, known: TeamsReference) -> Activity:
        drawn = await asyncio.to_thread(attachment, card, self._chart_url)
        return Activity(
            type=ActivityTypes.message,
            from_property=ChannelAccount(id=known.bot),
            summary=one_line(card.fallback_text, limits.SUMMARY_CHARS),
            attachments=[Attachment(content_type=drawn["contentType"], content=drawn["content"])],
        )

    async def _alone_with(self, person: str, known: TeamsReference) -> TeamsReference:
        tenant = known.where.workspace
        alone = await self._references.personal(tenant, person)
        if alone is not None:
            return alone
        wanted = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=known.bot),
            members=[ChannelAccount(id=person)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        made = await self._conversation(known, wanted, "The personal conversation could not be opened.")
        alone = replace(
            known, where=ConversationRef(CHANNEL, tenant, made.id, "", True), kind="personal", person=person
        )
        await self._references.keep(alone)
        return alone

    async def _new_thread(self, known: TeamsReference, activity: Activity) -> MessageRef:
        wanted = ConversationParameters(
            is_group=True,
            bot=ChannelAccount(id=known.bot),
            tenant_id=known.where.workspace,
            channel_data={"channel": {"id": known.where.space}, "tenant": {"id": known.where.workspace}},
            activity=activity,
        )
        made = await self._conversation(known, wanted, "The card could not be posted in the channel.")
        return MessageRef(replace(known.where, thread=made.activity_id or ""), made.activity_id or "")

    async def _conversation(self, known: TeamsReference, wanted: ConversationParameters, failed: str) -> Any:
        try:
            return await self._connector.call(known.service_url, lambda to: to.create_conversation(wanted))
        except Refused as no:
            raise _explained(no, failed) from no


async def _delivered(post: Callable[[Activity], Awaitable[Any]], activity: Activity, failed: str) -> Any:
    """Post an activity; one that Teams finds wrong or too large goes as plain words. Raises ChannelRefused."""
    try:
        try:
            return await post(activity)
        except Refused as no:
            if no.status not in (400, 413):
                raise
            log.warning("card refused by Teams, sent as words", extra={"why": str(no)})
            return await post(_words(activity))
    except Refused as no:
        raise _explained(no, failed) from no


def _words(activity: Activity) -> Activity:
    words = activity.attachments[0].content["fallbackText"]
    return Activity(
        type=ActivityTypes.message,
        id=activity.id,
        from_property=activity.from_property,
        text=clean(words, limits.FALLBACK_CHARS),
        text_format="plain",
    )


def _address(where: ConversationRef) -> str:
    return f"{where.space};messageid={where.thread}" if where.thread else where.space


_NEXT = {
    401: "Check teams.app_id, teams.tenant and the secret or identity; see manifests/teams.md.",
    403: "The bot is not a member there, or was blocked: install the app there again.",
    404: "The conversation or message is gone, or the bot was removed: write to the bot there again.",
    429: "Teams asks for fewer messages: try again in a minute.",
}


def _explained(no: Refused, failed: str) -> ChannelRefused:
    next_step = _NEXT.get(no.status, "Teams has a fault of its own: try again in a few minutes.")
    return ChannelRefused(f"{failed} Teams answered {no}.", unchanged="Nothing was posted.", next_step=next_step)
