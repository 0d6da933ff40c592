"""The API as a channel: its cards are fetched, not pushed, so posting one mostly has nothing to do."""

from conversation.card import Card, Progress
from conversation.channel import MessageRef
from conversation.principal import ConversationRef
from conversation.run import Runs
from web.api.identity import CHANNEL


class ApiChannel:
    """A channel without a screen: the card in the stored run is the truth, and every client reads that.

    Only a card of work under way is not there otherwise, so it is kept with its run. `status_after` leaves quick
    answers without one.
    """

    status_after = 0.3

    def __init__(self, runs: Runs, name: str = CHANNEL) -> None:
        self.name = name
        self._runs = runs

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Name the post by its key."""
        await self._keep(card)
        return MessageRef(where, key)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Nothing stands anywhere that could be replaced but the run's card."""
        await self._keep(card)

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """Every post is found, since making it again would do nothing."""
        return MessageRef(where, key)

    async def _keep(self, card: Card) -> None:
        if card.run and any(isinstance(element, Progress) for element in card.body):
            await self._runs.finish(card.run, "working", card, {})
