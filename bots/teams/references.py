"""What must be remembered of a conversation, so that a card can be sent there later and from another process."""

from dataclasses import dataclass
from typing import Protocol

from bots.teams.events import CHANNEL, kind_of, sender, where
from conversation.codec import JsonObject, portable
from conversation.principal import ConversationRef


@portable
@dataclass(frozen=True, slots=True)
class TeamsReference:
    """Where a conversation is reached: `kind` is personal, groupChat or channel, `service_url` the connector's address.

    `bot` is our id in it (`28:...`); `person` the `Sender.user` on the other side of a personal conversation.
    """

    where: ConversationRef
    service_url: str
    bot: str
    kind: str
    person: str = ""


class References(Protocol):
    """Where references are kept: one for each workspace and space, the latest wins."""

    async def keep(self, reference: TeamsReference) -> None:
        """Remember how a conversation is reached. Called for each activity, so writes only what changed."""

    async def find(self, where: ConversationRef) -> TeamsReference | None:
        """The reference of this workspace and space; the thread does not matter."""

    async def personal(self, workspace: str, person: str) -> TeamsReference | None:
        """The personal conversation with this person (a `Sender.user`)."""


def reference(activity: JsonObject) -> TeamsReference | None:
    """The reference in an activity, None where it names no place or no bot."""
    place = where(activity)
    bot, url = activity.get("recipient"), activity.get("serviceUrl")
    id = bot.get("id") if isinstance(bot, dict) else None
    if place is None or not isinstance(url, str) or not isinstance(id, str):
        return None
    speaker = sender(activity)
    person = speaker.user if speaker is not None and place.personal else ""
    space = ConversationRef(CHANNEL, place.workspace, place.space, "", place.personal)
    return TeamsReference(space, url, id, kind_of(activity), person)
