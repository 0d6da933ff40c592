"""The copies of a gate's card: one for everybody who may decide, all brought to one state."""

import logging
from collections.abc import Callable, Sequence

from conversation.card import Card
from conversation.channel import Delivery
from conversation.directory import Directory
from conversation.errors import QuilluxError
from conversation.gates import cards
from conversation.gates.able import Able, Reached
from conversation.gates.ceremony import Ceremony
from conversation.gates.model import Gate
from conversation.gates.port import Gates
from conversation.principal import ConversationRef, Principal
from conversation.run import Run

log = logging.getLogger(__name__)


class Copies:
    """Shows a gate to people and keeps what they see true."""

    def __init__(
        self, gates: Gates, delivery: Delivery, directory: Directory, able: Able, now: Callable[[], str], by: Ceremony
    ) -> None:
        self._gates = gates
        self._delivery = delivery
        self._directory = directory
        self._able = able
        self._now = now
        self._ceremony = by

    def card(self, gate: Gate, seen: int = 0) -> Card:
        """The gate's card for somebody who saw it last at revision `seen`."""
        return cards.draw(gate, self.page(gate), seen)

    def page(self, gate: Gate) -> str:
        """The address of its page in the browser; empty where that is not known."""
        return self._ceremony.page(gate) if self._ceremony.address else ""

    async def post(self, gate: Gate, run: Run, key: str) -> None:
        """The first showing: to the asker in place, to whoever may decide where they can be reached."""
        await self._delivery.show(run.tenant, run.where, self.card(gate), key=key)
        await self._delivery.join(run.tenant, key, gate.id)
        await self._spread(gate)

    async def redraw(self, gate: Gate, only: ConversationRef | None = None) -> None:
        """Bring every copy to the gate's present state: each person's own shows what changed since they last looked.

        Whoever decides the stage that waits now, and has no copy yet, gets one. With `only`, no other place is touched.
        """
        looks = {where.key: await self._gates.last_look(gate, who) for who, where in await self._near(gate)}

        def own(where: ConversationRef) -> Card:
            return self.card(gate, looks.get(where.key, 0))

        await self._delivery.converge(gate.tenant, gate.id, own, only)
        if gate.state == "open" and only is None:
            await self._spread(gate)

    async def again(self, gate: Gate, who: Principal, key: str) -> None:
        """One more copy for a person, where they can be reached: something came that they waited for."""
        seen = await self._gates.last_look(gate, who)
        for _, where in await self._directory.reach(gate.tenant, (), users=(who.id,)):
            await self._one(gate, self.card(gate, seen), where, key)

    async def _spread(self, gate: Gate) -> None:
        for _, where in await self._able.of(gate, self._now()):
            if not await self._delivery.shown_in(gate.tenant, gate.id, where):
                await self._one(gate, self.card(gate), where, f"{gate.id}@{where.key}")

    async def _near(self, gate: Gate) -> Sequence[Reached]:
        return await self._able.near(gate, self._now())

    async def _one(self, gate: Gate, card: Card, where: ConversationRef, key: str) -> None:
        """One copy; somebody who can't be reached keeps nobody else from being asked."""
        try:
            await self._delivery.show(gate.tenant, where, card, key=key, topic=gate.id)
        except QuilluxError as unreachable:
            log.warning("copy not shown", extra={"gate": gate.id, "why": str(unreachable)})
