"""A chat service, kept in memory: what was said is its transcript."""

from dataclasses import dataclass, field

from conversation.card import Card
from conversation.channel import MessageRef
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that the channel did: `send` or `update`, and the card that people saw then."""

    deed: str
    message: MessageRef
    card: Card
    only_for: str = ""


@dataclass
class MemoryChannel:
    """The twin of a channel. `gone` holds ids of messages that somebody deleted; `down` refuses everything.

    With `searchable` false its messages cannot be looked up afterwards, as in a service without message metadata.
    """

    name: str = "memory"
    status_after: float = 0.0
    searchable: bool = True
    transcript: list[Shown] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    down: bool = False
    _keys: dict[str, MessageRef] = field(default_factory=dict)

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card, every time anew: that nothing is posted twice is the work of `Delivery`."""
        self._reachable()
        message = MessageRef(where, f"m{len(self.transcript) + 1}")
        self._keys[key] = message
        self.transcript.append(Shown("send", message, card, only_for))
        return message

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place. Raises ChannelRefused when the message is gone."""
        self._reachable()
        if message.id in self.gone:
            raise ChannelRefused("The message is gone, so its card was not updated.")
        self.transcript.append(Shown("update", message, card))

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """The message posted under this key, looked up at the service."""
        message = self._keys.get(key) if self.searchable else None
        return message if message is not None and message.where.key == where.key else None

    def on_screen(self) -> dict[str, Card]:
        """The card that people see now, by message id, oldest message first."""
        return {shown.message.id: shown.card for shown in self.transcript}

    def _reachable(self) -> None:
        if self.down:
            raise ChannelRefused(f"The channel {self.name!r} is down.")
