"""The database itself sees who asks: PostgreSQL's row-level security by role, by variables, by the asker's token."""

import asyncio
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from knowledge.asker import Asker
from knowledge.errors import KnowledgeError, NotAllowed, Refused, TooMuch
from knowledge.sources.opening import Identity, Opening
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from tests.knowledge.sources.relational.asking import table
from tests.postgres import PASSWORD

pytestmark = pytest.mark.xdist_group("relational")

ANN = Asker("acme", "ann", roles=("north",), token="ann-token")
BOB = Asker("acme", "bob", roles=("south",), token="bob-token")
HOSTILE = ('x"; RESET ROLE', "x'; RESET ROLE; --", 'ann"; SET ROLE "bob', "x\\'; --", "x\0y", "", "none", "ANN")
ROLE = Identity("role")
VARIABLES = Identity("variables", variables={"app.person": "{person}", "app.roles": "{roles}"})
MINE = "SELECT owner, count(*) AS n FROM orders GROUP BY owner ORDER BY owner"


@pytest.fixture(scope="module")
def guarded(postgres_address: str) -> str:
    """A login that owns nothing, and orders of which each person may see their own."""
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        admin.execute("CREATE ROLE clerk LOGIN NOINHERIT PASSWORD 'clerk-test'")
        for name, token in (("ann", "ann-token"), ("bob", "bob-token")):
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), token))
            admin.execute(sql.SQL("GRANT {} TO clerk").format(sql.Identifier(name)))
        admin.execute("CREATE TABLE orders (id int, owner text)")
        admin.execute(
            "INSERT INTO orders SELECT n, (ARRAY['ann', 'bob', 'bob'])[n % 3 + 1] FROM generate_series(1, 30) n"
        )
        admin.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
        admin.execute("CREATE POLICY own ON orders USING (owner = current_user)")
        admin.execute("CREATE POLICY said ON orders USING (owner = current_setting('app.person', true))")
        admin.execute("GRANT SELECT ON orders TO ann, bob, clerk")
        admin.execute("CREATE TABLE secrets AS SELECT 1 AS n")
    return postgres_address.replace(f"quillux:{PASSWORD}", "clerk:clerk-test")


def opened(address: str, identity: Identity) -> Source:
    return open_source(Opening("orders", address, identity=identity))


@pytest.mark.parametrize("identity", [ROLE, VARIABLES, Identity("token")])
async def test_two_people_see_different_rows_of_one_table(guarded: str, identity: Identity) -> None:
    address = guarded.replace("clerk:clerk-test@", "") if identity.kind == "token" else guarded
    source = opened(address, identity)
    for _ in range(3):
        assert (await table(source, MINE, ANN)).to_pylist() == [{"owner": "ann", "n": 10}]
        assert (await table(source, MINE, BOB)).to_pylist() == [{"owner": "bob", "n": 20}]
    await source.close()


async def test_many_people_at_once_see_their_own_rows_and_nobody_elses(guarded: str) -> None:
    source = opened(guarded, ROLE)
    people = [ANN, BOB] * 15
    found = await asyncio.gather(*(table(source, MINE, person) for person in people))
    assert [rows.column("owner").to_pylist() for rows in found] == [[person.person] for person in people]
    await source.close()


async def test_a_scan_uses_the_login_itself(guarded: str) -> None:
    source = opened(guarded, ROLE)
    await table(source, MINE, ANN)
    assert (await table(source, "SELECT current_user::text AS who")).to_pylist() == [{"who": "clerk"}]
    assert (await table(source, MINE)).num_rows == 0
    await source.close()


@pytest.mark.parametrize("identity", [ROLE, VARIABLES])
async def test_a_connection_keeps_nobodys_name_after_an_error_a_limit_or_a_stop(
    guarded: str, identity: Identity
) -> None:
    source = opened(guarded, identity)
    for _ in range(3):
        with pytest.raises(Refused):
            await table(source, "SELECT 1 / (id - id) FROM orders", ANN)
        with pytest.raises(TooMuch):
            await table(source, "SELECT * FROM orders", ANN, Limits(rows=2))
        with pytest.raises(TooMuch):
            await table(source, "SELECT pg_sleep(5)::text", ANN, Limits(seconds=0.05))
        task = asyncio.create_task(table(source, "SELECT pg_sleep(5)::text", ANN))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(task, 0.1)
        who = "SELECT current_user::text AS who, coalesce(current_setting('app.person', true), '') AS said"
        assert (await table(source, who)).to_pylist() == [{"who": "clerk", "said": ""}]
        assert (await table(source, MINE, BOB)).column("owner").to_pylist() == ["bob"]
    await source.close()


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_a_name_and_nothing_else(guarded: str, name: str) -> None:
    source = opened(guarded, ROLE)
    with pytest.raises((NotAllowed, Refused)):
        await table(source, MINE, Asker("acme", name))
    await source.close()
    source = opened(guarded, VARIABLES)
    assert (await table(source, MINE, Asker("acme", name, roles=(name,)))).num_rows == 0
    await source.close()


async def test_a_role_with_a_hostile_name_that_exists_is_taken_as_it_is(guarded: str, postgres_address: str) -> None:
    name = 'x"; RESET ROLE; --'
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("GRANT {} TO clerk").format(sql.Identifier(name)))
    source = opened(guarded, ROLE)
    who = await table(source, "SELECT current_user::text AS who", Asker("acme", name))
    assert who.to_pylist() == [{"who": name}]
    await source.close()


@pytest.mark.parametrize(
    "sql",
    [
        "RESET ROLE",
        "SET ROLE bob",
        "SET SESSION AUTHORIZATION bob",
        "COMMIT",
        "ROLLBACK; SELECT * FROM orders",
        "SELECT set_config('role', 'bob', true), owner FROM orders",
        "SELECT pg_catalog.\"set_config\"('role', 'bob', false), owner FROM orders",
        "SELECT U&\"set\\005fconfig\"('role', 'bob', false), owner FROM orders",
        "DO $$ BEGIN PERFORM set_config('role', 'bob', false); END $$",
        "(SELECT 1) TO STDOUT; RESET ROLE; COPY (SELECT 1",
    ],
)
async def test_a_query_cannot_become_somebody_else(guarded: str, sql: str) -> None:
    source = opened(guarded, ROLE)
    with pytest.raises(KnowledgeError):
        await table(source, sql, ANN)
    assert (await table(source, MINE, ANN)).column("owner").to_pylist() == ["ann"]
    await source.close()


async def test_an_estimate_is_made_with_the_askers_rights(guarded: str) -> None:
    source = opened(guarded, ROLE)
    assert (await source.estimate("SELECT * FROM orders", ANN)).rows_read is not None
    with pytest.raises(NotAllowed):
        await source.estimate("SELECT * FROM secrets", ANN)
    await source.close()


async def test_what_the_person_may_not_read_is_said(guarded: str) -> None:
    source = opened(guarded, ROLE)
    with pytest.raises(NotAllowed, match="permission denied for table secrets"):
        await table(source, "SELECT * FROM secrets", ANN)
    await source.close()


async def test_a_wrong_or_missing_token_gets_in_nowhere_and_is_not_shown(guarded: str) -> None:
    source = opened(guarded.replace("clerk:clerk-test@", ""), Identity("token"))
    assert (await table(source, MINE, ANN)).num_rows == 1
    with pytest.raises(KnowledgeError) as error:
        await table(source, MINE, Asker("acme", "ann", token="bob-token"))
    assert "bob-token" not in str(error.value) + repr(error.value.__cause__)
    with pytest.raises(NotAllowed, match="sign-in"):
        await table(source, MINE, Asker("acme", "ann"))
    await source.close()


async def test_the_secret_of_the_address_is_looked_up_at_each_connect(guarded: str) -> None:
    asked: list[str] = []

    async def resolve(reference: str) -> str:
        asked.append(reference)
        return "clerk-test" if len(asked) > 1 else "old-and-wrong"

    address = guarded.replace("clerk-test", "${env:CLERK}")
    source = open_source(Opening("orders", address, resolve=resolve))
    with pytest.raises(KnowledgeError):
        await table(source, "SELECT 1 AS n")
    assert (await table(source, "SELECT 1 AS n")).num_rows == 1
    assert asked == ["env:CLERK", "env:CLERK"]
    assert quote("clerk-test") not in repr(source)
    await source.close()
