"""People: those named in the settings, and members of a known workspace where that is allowed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from conversation.codec import decode_as, encode
from conversation.errors import NotAllowed
from conversation.gates import Deciders
from conversation.principal import ConversationRef, Principal, Sender
from infra.settings import Person
from infra.store.tables import PersonPlaceRow, now
from infra.store.upsert import replace


class SqlDirectory:
    """`conversation.directory.Directory`: people from the settings, the places where they were met in the database.

    One installation serves one tenant; a person named with an identity is that person in every channel.
    """

    def __init__(
        self, engine: AsyncEngine, tenant: str = "default", people: Sequence[Person] = (), *, open_access: bool = True
    ) -> None:
        self._engine = engine
        self._tenant = tenant
        self._open = open_access
        self._people: dict[str, Principal] = {}
        self._by_id: dict[str, Principal] = {}
        for person in people:
            principal = Principal(person.id, tenant, person.name or person.id, person.roles, person.groups)
            self._by_id[person.id] = principal
            ours = (f"{channel}:{tenant}:{person.id}" for channel in ("web", "api", "cli"))
            for identity in (*ours, *person.identities):
                self._people[identity] = principal

    async def resolve(self, sender: Sender) -> Principal:
        """Who this is. Raises NotAllowed for somebody who has no access."""
        identity = f"{sender.channel}:{sender.workspace}:{sender.user}"
        known = self._people.get(identity)
        if known is not None:
            return known
        if not self._open:
            raise NotAllowed(
                "You have no access to Quillux yet.",
                next_step=f"Ask your administrator to add the identity {identity}.",
            )
        return Principal(identity, self._tenant, sender.name or sender.user, ("member",))

    async def met(self, who: Principal, where: ConversationRef) -> None:
        """Remember a place in which a person can be reached alone; the latest of each channel counts.

        Nobody watches the API or a command that is over, so they are no place to reach somebody.
        """
        if where.channel in ("api", "cli"):
            return
        await replace(
            self._engine,
            PersonPlaceRow,
            tenant=who.tenant,
            person=who.id,
            channel=where.channel,
            principal=encode(who),
            place=encode(where),
            met_at=now(),
        )

    async def reach(
        self, tenant: str, roles: Sequence[str], *, groups: Sequence[str] = (), users: Sequence[str] = ()
    ) -> Sequence[tuple[Principal, ConversationRef]]:
        """People with one of the roles, groups or ids and the latest place in which each can be reached."""
        wanted = Deciders(tuple(users), tuple(roles), tuple(groups))
        reached: dict[str, tuple[Principal, ConversationRef]] = {}
        for row in await self._met(tenant):
            who = self._now(decode_as(Principal, row.principal))
            if who is not None and wanted.include(who):
                reached.setdefault(who.id, (who, decode_as(ConversationRef, row.place)))
        return list(reached.values())

    async def person(self, tenant: str, id: str) -> Principal | None:
        """Somebody with the rights that they have now; None for somebody who has no access, or was never met."""
        found = {who.id: who for who in await self._everybody(tenant)}
        return found.get(id)

    async def named(self, tenant: str, words: str) -> Sequence[Principal]:
        """Who may be meant by an id, a name or a channel's user id; nobody, one, or several to choose from."""
        wanted = words.removeprefix("@").casefold()
        identities = {
            who.id for identity, who in self._people.items() if identity.rsplit(":", 1)[-1].casefold() == wanted
        }
        return [
            who
            for who in await self._everybody(tenant)
            if who.id in identities or wanted in (who.name.casefold(), who.id.rsplit(":", 1)[-1].casefold())
        ]

    async def _everybody(self, tenant: str) -> list[Principal]:
        """Those of the settings, then those who were met and may still ask."""
        people = {who.id: who for who in self._people.values() if who.tenant == tenant}
        for row in await self._met(tenant):
            who = self._now(decode_as(Principal, row.principal))
            if who is not None:
                people.setdefault(who.id, who)
        return list(people.values())

    async def _met(self, tenant: str) -> Sequence[PersonPlaceRow]:
        """Where people were met, the latest first."""
        query = (
            select(PersonPlaceRow)
            .where(col(PersonPlaceRow.tenant) == tenant)
            .order_by(col(PersonPlaceRow.met_at).desc())
        )
        async with AsyncSession(self._engine) as session:
            return (await session.scalars(query)).all()

    def _now(self, met: Principal) -> Principal | None:
        """The person with the rights of today, whatever they had when they were met."""
        guest = Principal(met.id, met.tenant, met.name, ("member",))
        return self._by_id.get(met.id) or (guest if self._open else None)
