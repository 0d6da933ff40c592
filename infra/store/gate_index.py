"""Who can act on which open gate, as rows: the inbox reads an index and never the gates that concern somebody else."""

import json
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
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
    hats = (None, *acting_for)
    ways = await _open_ways(
        connection, who, [(subject, hat or who) for hat in hats for subject in subjects_of(hat or who)]
    )
    place = await _place(connection, who.tenant, after)
    found: list[Gate] = []
    while len(found) < limit and (page := await _page(connection, who, ways, place, limit)):
        query = select(col(GateRow.id), col(GateRow.record)).where(col(GateRow.id).in_([id for _, id in page]))
        records = {id: record for id, record in (await connection.execute(query)).all()}
        gates = [decode_as(Gate, records[id]) for _, id in page if id in records]
        found += [gate for gate in gates if any(life.waits_for(gate, who, hat) for hat in hats)]
        place = page[-1]
    return found[:limit]


_ANY = "SELECT 1 FROM gate_decider AS way WHERE way.tenant = :tenant AND way.subject = one.value"
_EACH = {
    "sqlite": "json_each(:asked) AS one",
    "postgresql": "json_array_elements_text(CAST(:asked AS json)) AS one(value)",
}


async def _open_ways(
    connection: AsyncConnection, who: Principal, ways: Sequence[tuple[str, Principal]]
) -> list[tuple[str, Principal]]:
    """Those ways by which anything comes at all: of somebody's thousand groups few decide anything."""
    each = _EACH[connection.dialect.name]
    query = text(f"SELECT one.value FROM {each} WHERE EXISTS ({_ANY})")  # noqa: S608 - both are written here
    values = {"tenant": who.tenant, "asked": json.dumps(sorted({subject for subject, _ in ways}))}
    open_ones = set((await connection.execute(query, values)).scalars())
    return [way for way in ways if way[0] in open_ones]


async def _place(connection: AsyncConnection, tenant: str, after: str) -> tuple[str, str]:
    query = select(col(GateRow.created_at)).where(col(GateRow.id) == after, col(GateRow.tenant) == tenant)
    created = (await connection.execute(query)).scalar_one_or_none() if after else None
    return created or "", after if created else ""


_WAY = """
SELECT created_at, gate FROM (
    SELECT way.created_at, way.gate FROM gate_decider AS way
    WHERE way.tenant = :tenant AND way.subject = :subject_{n}
      AND way.created_at >= :created_at AND (way.created_at > :created_at OR way.gate > :gate)
      AND way.asker NOT IN (:who, :hat_{n})
      AND NOT EXISTS (
          SELECT 1 FROM gate_person AS voter
          WHERE voter.gate = way.gate AND voter.person IN (:who, :hat_{n}) AND voter.voted = way.revision)
    ORDER BY way.created_at, way.gate LIMIT :most
) AS way_{n}"""
"""Gates that come by one subject: not those that this person, or whom they act for, asked for or voted on.

Text, since building this of parts for each of many ways takes longer than the database does."""


async def _page(
    connection: AsyncConnection,
    who: Principal,
    ways: Sequence[tuple[str, Principal]],
    place: tuple[str, str],
    limit: int,
) -> list[tuple[str, str]]:
    """The next gates by age, as (created_at, id), over all the ways in which somebody comes to them."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(ways), TOGETHER):
        some = ways[start : start + TOGETHER]
        query = " UNION ALL ".join(_WAY.format(n=n) for n in range(len(some)))
        values = {"tenant": who.tenant, "who": who.id, "created_at": place[0], "gate": place[1], "most": limit}
        values |= {f"subject_{n}": subject for n, (subject, _) in enumerate(some)}
        values |= {f"hat_{n}": hat.id for n, (_, hat) in enumerate(some)}
        found |= {(created, gate) for created, gate in (await connection.execute(text(query), values)).all()}
    return sorted(found)[:limit]
