"""People, kept in memory."""

from collections.abc import Mapping, Sequence

from conversation.errors import NotAllowed
from conversation.gates import Deciders
from conversation.principal import ConversationRef, Principal, Sender


class MemoryDirectory:
    """The twin of the stored directory. `people` maps a channel's user id to the person behind it.

    With `everyone` true an unknown sender becomes an analyst of the tenant that is named like the workspace.
    """

    def __init__(self, people: Mapping[str, Principal] | None = None, *, everyone: bool = False) -> None:
        self.people = dict(people or {})
        self._everyone = everyone
        self._places: dict[tuple[str, str], tuple[Principal, ConversationRef]] = {}

    async def resolve(self, sender: Sender) -> Principal:
        """Who this is. Raises NotAllowed for somebody who has no access."""
        known = self.people.get(sender.user)
        if known is not None:
            return known
        if not self._everyone:
            raise NotAllowed("You have no access to Quillux yet.", next_step="Ask your administrator to add you.")
        return Principal(sender.user, sender.workspace, sender.name or sender.user, roles=("analyst",))

    async def met(self, who: Principal, where: ConversationRef) -> None:
        """Remember a place in which a person can be reached alone; the latest counts."""
        self._places[who.tenant, who.id] = (who, where)

    async def reach(
        self, tenant: str, roles: Sequence[str], *, groups: Sequence[str] = (), users: Sequence[str] = ()
    ) -> Sequence[tuple[Principal, ConversationRef]]:
        """People with one of the roles, groups or ids and where each can be reached."""
        wanted = Deciders(tuple(users), tuple(roles), tuple(groups))
        return [
            (who, where) for (home, _), (who, where) in self._places.items() if home == tenant and wanted.include(who)
        ]

    async def person(self, tenant: str, id: str) -> Principal | None:
        """Somebody who is known or was met."""
        return next((who for who in self._everybody(tenant) if who.id == id), None)

    async def named(self, tenant: str, words: str) -> Sequence[Principal]:
        """Who may be meant by an id, a name or a channel's user id."""
        wanted = words.removeprefix("@").casefold()
        users = {who.id for user, who in self.people.items() if user.casefold() == wanted}
        everybody = self._everybody(tenant)
        return [who for who in everybody if who.id in users or wanted in (who.id.casefold(), who.name.casefold())]

    def _everybody(self, tenant: str) -> list[Principal]:
        known = [*self.people.values(), *(who for who, _ in self._places.values())]
        return list({who.id: who for who in reversed(known) if who.tenant == tenant}.values())
