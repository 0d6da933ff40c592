"""The stored audit log finds every change that was made behind its back, and the database refuses to make one."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import fields, replace
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from conversation.audit import Broken, Entry, Head, Verified, damage
from infra.store.audit import SqlAudit
from infra.store.engine import open_engine
from tests.contracts.stores import migrated, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server

ROWS = 6
Mutation: TypeAlias = Callable[[sqlite3.Connection], Any]
TABLES = ("audit_entry", "audit_head")


async def fill(audit: SqlAudit) -> None:
    for n in range(ROWS):
        await audit.append(
            "acme",
            at=f"2026-03-0{n + 1}",
            actor="ann",
            channel="web",
            what="term.changed",
            subject=f"term:{n}",
            detail={"n": n, "note": "☕"},
        )
    await audit.append("other", at="", actor="eve", channel="", what="x", subject="", detail={})


class Tampered:
    """A log in a file, its triggers gone, brought back after every mutation."""

    def __init__(self, file: Path, audit: SqlAudit) -> None:
        self.audit = audit
        self._database = sqlite3.connect(file)
        for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self._database.execute(f"DROP TRIGGER {name}")
        self._rows = {table: self._database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}

    async def after(self, mutate: Mutation) -> Verified | Broken:
        mutate(self._database)
        self._database.commit()
        found = await self.audit.verify("acme")
        for table, rows in self._rows.items():
            self._database.execute(f"DELETE FROM {table}")
            self._database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        self._database.commit()
        return found

    def close(self) -> None:
        self._database.close()


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Tampered]:
    file = tmp_path / "quillux.sqlite"
    file.write_bytes(migrated().read_bytes())
    engine = open_engine(f"sqlite+aiosqlite:///{file}")
    audit = SqlAudit(engine)
    await fill(audit)
    tampered = Tampered(file, audit)
    assert await tampered.after(lambda _: None) == Verified(await audit.head("acme"))
    yield tampered
    tampered.close()
    await engine.dispose()


def sql(statement: str, *values: object) -> Mutation:
    return lambda database: database.execute(statement, values)


async def test_every_change_of_a_single_field_is_found_in_its_place(log: Tampered) -> None:
    other = {"seq": 99, "tenant": "other", "detail": '{"n": 7}'}
    for name in (field.name for field in fields(Entry)):
        for seq in range(1, ROWS + 1):
            value = other.get(name, "something else")
            found = await log.after(sql(f"UPDATE OR REPLACE audit_entry SET {name} = ? WHERE seq = {seq}", value))
            assert isinstance(found, Broken), (name, seq)
            assert found.seq == seq, (name, seq)


async def test_every_removal_is_found(log: Tampered) -> None:
    for size in (1, 2, 3):
        for gone in combinations(range(1, ROWS + 1), size):
            found = await log.after(sql(f"DELETE FROM audit_entry WHERE seq IN ({','.join(map(str, gone))})"))
            assert isinstance(found, Broken), gone
            tail = gone == tuple(range(ROWS + 1 - size, ROWS + 1))
            assert (found.damage, found.seq) == ("cut off" if tail else "missing", gone[0])


async def test_closing_the_hole_of_a_removal_is_found(log: Tampered) -> None:
    for seq in range(1, ROWS):

        def close_up(database: sqlite3.Connection, seq: int = seq) -> None:
            database.execute(f"DELETE FROM audit_entry WHERE seq = {seq}")
            database.execute("UPDATE audit_entry SET seq = seq - 100 WHERE seq > ? AND tenant = 'acme'", (seq,))
            database.execute("UPDATE audit_entry SET seq = seq + 99 WHERE seq < 0")
            database.execute("UPDATE audit_head SET seq = seq - 1 WHERE tenant = 'acme'")

        found = await log.after(close_up)
        assert isinstance(found, Broken)
        assert (found.damage, found.seq) == ("reordered", seq)


async def test_every_swap_is_found_and_named(log: Tampered) -> None:
    for one, two in combinations(range(1, ROWS + 1), 2):

        def swap(database: sqlite3.Connection, one: int = one, two: int = two) -> None:
            for before, after in ((one, -1), (two, one), (-1, two)):
                database.execute("UPDATE audit_entry SET seq = ? WHERE seq = ? AND tenant = 'acme'", (after, before))

        found = await log.after(swap)
        assert isinstance(found, Broken)
        assert (found.damage, found.seq) == ("reordered", one)


async def test_every_insertion_is_found(log: Tampered) -> None:
    copy = (
        "INSERT INTO audit_entry SELECT tenant, ?, at, actor, acting_for, channel, what, subject, detail, previous, "
        "digest FROM audit_entry WHERE tenant = 'acme' AND seq = ?"
    )
    for at in (*range(1, ROWS + 2), 0, -5):

        def insert(database: sqlite3.Connection, at: int = at) -> None:
            database.execute("UPDATE audit_entry SET seq = seq + 100 WHERE seq >= ? AND tenant = 'acme'", (max(at, 1),))
            database.execute("UPDATE audit_entry SET seq = seq - 99 WHERE seq > 100")
            database.execute(copy, (at, ROWS if at == 1 else 1 if at > 1 else 3))

        assert isinstance(await log.after(insert), Broken), at


async def test_a_tail_that_was_cut_off_is_found_and_so_is_a_head_that_was_put_back(log: Tampered) -> None:
    for kept in range(ROWS):
        found = await log.after(sql(f"DELETE FROM audit_entry WHERE seq > {kept} AND tenant = 'acme'"))
        assert isinstance(found, Broken)
        assert (found.damage, found.seq) == ("cut off", kept + 1)
    for statement in ("seq = seq - 1", "seq = seq + 1", "digest = 'other'", "tenant = 'nobody'"):
        assert isinstance(await log.after(sql(f"UPDATE audit_head SET {statement} WHERE tenant = 'acme'")), Broken)
    assert isinstance(await log.after(sql("DELETE FROM audit_head")), Broken)


async def test_an_entry_with_a_new_digest_of_its_own_is_found_by_the_next_or_the_head(log: Tampered) -> None:
    for entry in list(await log.audit.entries("acme")):
        changed = replace(entry, actor="mallory")
        statement = f"UPDATE audit_entry SET actor = 'mallory', digest = ? WHERE seq = {entry.seq} AND tenant = 'acme'"
        found = await log.after(sql(statement, changed.sum()))
        assert isinstance(found, Broken)
        assert found.seq == min(entry.seq + 1, ROWS)


async def test_a_value_that_was_never_written_is_found_too(log: Tampered) -> None:
    for detail in ('{"n": 1e999}', '{"n": 99999999999999999999}', '{"n": NaN}', '"text"', '{"n": "\\ud800"}'):
        found = await log.after(sql("UPDATE audit_entry SET detail = ? WHERE seq = 2 AND tenant = 'acme'", detail))
        assert isinstance(found, Broken)
        assert found.seq == 2


async def test_a_tampered_log_of_one_tenant_leaves_the_others_whole(log: Tampered) -> None:
    await log.after(sql("UPDATE audit_entry SET actor = 'x' WHERE tenant = 'acme'"))
    assert isinstance(await log.audit.verify("other"), Verified)


async def test_the_entries_alone_verify_as_well(log: Tampered) -> None:
    last = Head()
    for entry in await log.audit.entries("acme"):
        assert damage(last, entry) is None
        last = Head(entry.seq, entry.digest)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_the_database_refuses_to_change_or_remove_what_was_written(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "sqlite":
        file = tmp_path / "quillux.sqlite"
        file.write_bytes(migrated().read_bytes())
        url = f"sqlite+aiosqlite:///{file}"
    else:
        address = request.getfixturevalue("server")
        async with postgres(address):
            url = address.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = open_engine(url)
    await fill(SqlAudit(engine))
    statements = [
        "UPDATE audit_entry SET actor = 'mallory' WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = seq - 1",
        "UPDATE audit_head SET digest = 'other'",
        "UPDATE audit_head SET tenant = 'nobody' WHERE tenant = 'other'",
    ]
    if kind == "postgres":
        statements += ["TRUNCATE audit_entry", "TRUNCATE audit_head"]
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    assert isinstance(await SqlAudit(engine).verify("acme"), Verified)
    await engine.dispose()
