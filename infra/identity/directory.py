"""People: those named in the settings, and members of a known workspace where that is allowed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from conversation.codec import decode_as, encode
from conversation.errors import NotAllowed
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
        for person in people:
            principal = Principal(person.id, tenant, person.name or person.id, person.roles, person.groups)
            for identity in (f"web:{tenant}:{person.id}", f"api:{tenant}:{person.id}", *person.identities):
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

        Nobody watches the API, so it is no place to reach somebody.
        """
        if where.channel == "api":
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

    async def reach(self, tenant: str, roles: Sequence[str]) -> Sequence[tuple[Principal, ConversationRef]]:
        """People with one of the roles and the latest place in which each can be reached."""
        query = (
            select(PersonPlaceRow)
            .where(col(PersonPlaceRow.tenant) == tenant)
            .order_by(col(PersonPlaceRow.met_at).desc())
        )
        async with AsyncSession(self._engine) as session:
            rows = (await session.scalars(query)).all()
        reached: dict[str, tuple[Principal, ConversationRef]] = {}
        for row in rows:
            who = decode_as(Principal, row.principal)
            if set(who.roles) & set(roles):
                reached.setdefault(who.id, (who, decode_as(ConversationRef, row.place)))
        return list(reached.values())
