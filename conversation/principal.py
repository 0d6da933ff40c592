"""Who speaks, and where."""

from dataclasses import dataclass

from conversation.codec import portable


@portable
@dataclass(frozen=True, slots=True)
class Sender:
    """An identity as a channel states it, before anybody vouched for more than that channel.

    `workspace` is the Slack team, the Microsoft Entra tenant or the web realm; `user` the channel's own user id.
    """

    channel: str
    workspace: str
    user: str
    name: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: resolved once per turn from the channel's identity. `id` is unique within `tenant`."""

    id: str
    tenant: str
    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def entitlement(self) -> str:
        """The key under which answers may be shared: equal for people who may see the same data."""
        return "|".join((self.tenant, ",".join(sorted(self.roles)), ",".join(sorted(self.groups))))


@portable
@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Where: channel + workspace + space + thread. `personal` is true where only one person and the bot can read."""

    channel: str
    workspace: str
    space: str
    thread: str = ""
    personal: bool = False

    @property
    def key(self) -> str:
        """One string for this place; turns with the same key run one at a time."""
        return "/".join(part.replace("/", "%2F") for part in (self.channel, self.workspace, self.space, self.thread))
