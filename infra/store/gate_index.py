"""Who can act on which open gate, as rows: the inbox reads an index and never the gates that concern somebody else."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from conversation.codec import decode_as
from conversation.gates import Gate, life
from conversation.principal import Principal
from infra.store.gate_rows import GateDeciderRow, GatePersonRow, GateRow

TOGETHER = 200
"""Subjects asked for in one statement; SQLite takes 500."""


def subjects(gate: Gate) -> tuple[str, ...]:
    """Who can act on the gate in its current stage; nobody where it is not open."""
    if gate.state != "open":
        return ()
    stage = gate.current
    if stage.electorate and stage.quorum in ("all", "majority"):
        return tuple(dict.fromkeys(f"user:{user}" for user in stage.electorate))
    named = (("user", stage.deciders.users), ("role", stage.deciders.roles), ("group", stage.deciders.groups))
    return tuple(dict.fromkeys(f"{kind}:{name}" for kind, names in named for name in names))


def subjects_of(who: Principal) -> tuple[str, ...]:
    """The subjects to which a person belongs."""
    own = (("user", (who.id,)), ("role", who.roles), ("group", who.groups))
    return tuple(dict.fromkeys(f"{kind}:{name}" for kind, names in own for name in names))


async def index(connection: AsyncConnection, gate: Gate) -> None:
    """Bring the rows of a gate to its state, as a part of the caller's transaction."""
    rows = [
        {
            "tenant": gate.tenant,
            "subject": subject,
            "created_at": gate.created_at,
            "gate": gate.id,
            "asker": "" if gate.self_approval else gate.asked_by.id,
            "revision": gate.revision,
        }
        for subject in subjects(gate)
    ]
    await connection.execute(delete(GateDeciderRow).where(col(GateDeciderRow.gate) == gate.id))
    if rows:
        await connection.execute(insert(GateDeciderRow), rows)


async def mark(connection: AsyncConnection, gate: Gate, person: str, *, seen: int = 0, voted: int = 0) -> None:
    """Remember the newest revision that a person saw or voted on."""
    postgres = connection.dialect.name == "postgresql"
    make = postgresql.insert if postgres else sqlite.insert
    greatest = func.greatest if postgres else func.max
    new = make(GatePersonRow).values(gate=gate.id, person=person, tenant=gate.tenant, seen=seen, voted=voted)
    newest = {
        "seen": greatest(col(GatePersonRow.seen), new.excluded.seen),
        "voted": greatest(col(GatePersonRow.voted), new.excluded.voted),
    }
    await connection.execute(new.on_conflict_do_update(index_elements=["gate", "person"], set_=newest))


async def inbox(
    connection: AsyncConnection, who: Principal, acting_for: Sequence[Principal], limit: int, after: str
) -> list[Gate]:
    """Open gates on which a person can act now, oldest first, past the gate `after`."""
    ways = [(subject, hat) for hat in (None, *acting_for) for subject in subjects_of(hat or who)]
    place = await _place(connection, who.tenant, after)
    found: list[Gate] = []
    while len(found) < limit:
        keys = await _page(connection, who, ways, place, limit)
        if not keys:
            break
        query = select(col(GateRow.id), col(GateRow.record)).where(col(GateRow.id).in_([id for _, id in keys]))
        records = {id: record for id, record in (await connection.execute(query)).all()}
        gates = [decode_as(Gate, records[id]) for _, id in keys if id in records]
        found += [gate for gate in gates if any(life.waits_for(gate, who, hat) for hat in (None, *acting_for))]
        place = keys[-1]
    return found[:limit]


async def _place(connection: AsyncConnection, tenant: str, after: str) -> tuple[str, str]:
    query = select(col(GateRow.created_at)).where(col(GateRow.id) == after, col(GateRow.tenant) == tenant)
    created = (await connection.execute(query)).scalar_one_or_none() if after else None
    return created or "", after if created else ""


async def _page(
    connection: AsyncConnection,
    who: Principal,
    ways: Sequence[tuple[str, Principal | None]],
    place: tuple[str, str],
    limit: int,
) -> list[tuple[str, str]]:
    """The next gates by age, as (created_at, id), over all the ways in which somebody comes to them."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(ways), TOGETHER):
        selects = [_way(who, subject, hat, place, limit) for subject, hat in ways[start : start + TOGETHER]]
        # Each in a subquery of its own: SQLite takes LIMIT only there.
        together = union_all(*(select(one.subquery()) for one in selects))
        found |= {(created, gate) for created, gate in (await connection.execute(together)).all()}
    return sorted(found)[:limit]


def _way(who: Principal, subject: str, hat: Principal | None, place: tuple[str, str], limit: int) -> "Select[str, str]":
    """Gates that come by one subject: not those that this person, or whom they act for, asked for or voted on."""
    created, gate, asker = col(GateDeciderRow.created_at), col(GateDeciderRow.gate), col(GateDeciderRow.asker)
    people = {who.id, (hat or who).id}
    voted = exists().where(
        col(GatePersonRow.gate) == gate,
        col(GatePersonRow.person).in_(people),
        col(GatePersonRow.voted) == col(GateDeciderRow.revision),
    )
    query = select(created, gate).where(
        col(GateDeciderRow.tenant) == who.tenant,
        col(GateDeciderRow.subject) == subject,
        asker.not_in(people),
        ~voted,
        *_past(created, gate, place),
    )
    return query.order_by(created, gate).limit(limit)


def _past(created: "Mapped[str]", gate: "Mapped[str]", place: tuple[str, str]) -> Iterator["ColumnElement[bool]"]:
    if place != ("", ""):
        # The first condition lets the index begin there.
        yield created >= place[0]
        yield or_(created > place[0], and_(created == place[0], gate > place[1]))
