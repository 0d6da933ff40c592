"""Gates in the database: `conversation.gates.life` decides, a locked row makes it happen once."""

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import Any, Unpack

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from conversation.codec import decode_as, encode
from conversation.gates import Claim, Conflict, Decision, Gate, GateState, Lost, Ready, Terms, life, trail
from conversation.gates.tally import seat
from conversation.principal import Principal
from infra.store.audit import write
from infra.store.gate_index import inbox, index, mark
from infra.store.gate_rows import GatePersonRow, GateRow
from infra.store.tables import now

MOST = 200


class SqlGates:
    """`conversation.gates.Gates` on SQLModel tables.

    Every change takes the row's lock with an UPDATE first, which SQLite and PostgreSQL both know: whoever comes second
    waits and then sees what the first one did.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open(self, gate: Gate, *, channel: str = "") -> Gate:
        """Record a gate; opening the same id again gives the first record."""
        gate = changed(gate, created_at=gate.created_at or now())
        make = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        once = make(GateRow).values(id=gate.id, **_columns(gate)).on_conflict_do_nothing().returning(col(GateRow.id))
        async with self._engine.begin() as connection:
            fresh = (await connection.execute(once)).first() is not None
            if fresh:
                await index(connection, gate)
                await write(connection, gate.tenant, trail.opened(gate, channel))
        return gate if fresh else (await self.get(gate.tenant, gate.id) or gate)

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""
        query = select(col(GateRow.record)).where(col(GateRow.id) == id, col(GateRow.tenant) == tenant)
        async with self._engine.connect() as connection:
            record = (await connection.execute(query)).scalar_one_or_none()
        return decode_as(Gate, record) if record is not None else None

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Gates of a tenant that are open or paused, oldest first; of one run where `run` is given."""
        query = select(col(GateRow.record)).where(
            col(GateRow.tenant) == tenant, col(GateRow.state).in_(("open", "paused"))
        )
        if run:
            query = query.where(col(GateRow.run) == run)
        async with self._engine.connect() as connection:
            records = (await connection.execute(query.order_by(col(GateRow.created_at)).limit(MOST))).scalars().all()
        return [decode_as(Gate, record) for record in records]

    async def claim(self, gate: Gate, decision: Decision, *, giver: Principal | None = None) -> Claim:
        """Count the decision if the gate is open and still as this person saw it; exactly one claim of it is `Won`."""
        decision = changed(decision, at=decision.at or now())
        standing = await self.get(gate.tenant, gate.id)
        if standing is not None and standing.state != "open":
            return life.count(standing, gate, decision, giver)  # no lock for a press that comes late
        async with self._engine.begin() as connection:
            standing, recorded = await _locked(connection, gate)
            if recorded != standing.digest:
                return Lost(standing, "revised", "What would run has changed since it was asked for.")
            claim = life.count(standing, gate, decision, giver)
            if isinstance(claim, Lost) or claim.gate == standing:
                await connection.rollback()
                return claim
            await _keep(connection, claim.gate)
            vote = claim.gate.votes[-1]
            if (claim.gate.state, claim.gate.stage, claim.gate.revision) != (
                standing.state,
                standing.stage,
                standing.revision,
            ):
                await index(connection, claim.gate)
            if vote.stage >= 0:
                for person in {vote.by.id, seat(vote)}:
                    await mark(connection, claim.gate, person, voted=vote.revision)
            await write(connection, gate.tenant, *trail.voted(standing, claim.gate))
            return claim

    async def move(self, gate: Gate, to: GateState, *, by: str, at: str, reason: str = "", channel: str = "") -> Gate:
        """Pause, reopen, supersede or cancel."""
        async with self._engine.begin() as connection:
            standing, _ = await _locked(connection, gate)
            after = life.move(standing, gate, to)
            if after == standing:
                await connection.rollback()
                return standing
            await _keep(connection, after)
            await index(connection, after)
            note = trail.moved(after, by=by, at=at, reason=reason, channel=channel)
            await write(connection, gate.tenant, note)
            return after

    async def amend(
        self, gate: Gate, *, by: str, at: str, note: str, channel: str = "", **changes: Unpack[Terms]
    ) -> Gate:
        """Change the terms of an open or paused gate."""
        async with self._engine.begin() as connection:
            standing, _ = await _locked(connection, gate)
            after = life.amend(standing, gate, changes)
            await _keep(connection, after)
            await index(connection, after)
            said = trail.amended(standing, after, by=by, at=at, note=note, channel=channel)
            await write(connection, gate.tenant, said)
            return after

    async def inbox(
        self, who: Principal, *, at: str, limit: int = 50, after: str = "", acting_for: Sequence[Principal] = ()
    ) -> Sequence[Gate]:
        """Open gates on which this person can act now, oldest first."""
        async with self._engine.connect() as connection:
            return await inbox(connection, who, acting_for, limit, after)

    async def due(self, at: str, limit: int = MOST) -> Sequence[Gate]:
        """Open gates of all tenants with a reminder, escalation or expiry that has come, the longest due first."""
        come = col(GateRow.next_at)
        query = select(col(GateRow.record)).where(come > "", come <= life.instant(at)).order_by(come).limit(limit)
        async with self._engine.connect() as connection:
            return [decode_as(Gate, record) for record in (await connection.execute(query)).scalars()]

    async def looked(self, gate: Gate, who: Principal, revision: int) -> None:
        """Remember that this person saw this revision."""
        async with self._engine.begin() as connection:
            await mark(connection, gate, who.id, seen=revision)

    async def last_look(self, gate: Gate, who: Principal) -> int:
        """The newest revision that this person saw; 0 when they saw none."""
        query = select(col(GatePersonRow.seen)).where(
            col(GatePersonRow.gate) == gate.id,
            col(GatePersonRow.person) == who.id,
            col(GatePersonRow.tenant) == gate.tenant,
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0

    async def ready(self, gate: Gate, *, policy: str, target_version: str, activity: str = "") -> Ready | Conflict:
        """Check what was approved against what is, and mark the effect as begun, once."""
        async with self._engine.begin() as connection:
            standing, recorded = await _locked(connection, gate)
            if recorded != standing.digest:
                return Conflict(standing, "action", recorded, standing.digest)
            found = life.begin(standing, gate, policy=policy, target_version=target_version, activity=activity)
            if isinstance(found, Conflict):
                await write(connection, gate.tenant, trail.clashed(found, now()))
            elif not found.again:
                await _keep(connection, found.gate)
                await write(connection, gate.tenant, trail.begun(found.gate, now()))
            return found


async def _locked(connection: AsyncConnection, gate: Gate) -> tuple[Gate, str]:
    """The gate as it stands, locked until the transaction ends, and the digest that was recorded with it.

    Raises LookupError for one that is not recorded.
    """
    lock = (
        update(GateRow)
        .where(col(GateRow.id) == gate.id, col(GateRow.tenant) == gate.tenant)
        .values(version=GateRow.version + 1)
        .returning(col(GateRow.record), col(GateRow.digest))
    )
    found = (await connection.execute(lock)).first()
    if found is None:
        raise LookupError(f"no gate {gate.id!r} is recorded for this tenant")
    return decode_as(Gate, found[0]), found[1]


async def _keep(connection: AsyncConnection, gate: Gate) -> None:
    await connection.execute(update(GateRow).where(col(GateRow.id) == gate.id).values(**_columns(gate)))


def _columns(gate: Gate) -> dict[str, Any]:
    return {
        "tenant": gate.tenant,
        "run": gate.run,
        "record": encode(gate),
        "digest": gate.digest,
        "state": gate.state,
        "stage": gate.stage,
        "revision": gate.revision,
        "votes": len(gate.votes),
        "next_at": life.next_time(gate),
        "created_at": gate.created_at,
    }
