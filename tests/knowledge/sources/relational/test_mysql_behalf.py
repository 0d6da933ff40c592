"""The database itself sees who asks: MariaDB by role, by variables that views read, and by the asker's token."""

import asyncio

import pytest

from knowledge.asker import Asker
from knowledge.errors import KnowledgeError, NotAllowed, Refused, TooMuch
from knowledge.sources.opening import Identity, Opening
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from tests.knowledge.sources.relational.asking import say, table
from tests.mariadb import PASSWORD

pytestmark = pytest.mark.xdist_group("relational")

ANN = Asker("acme", "ann", token="ann-token")
BOB = Asker("acme", "bob", token="bob-token")
ROLE = Identity("role")
VARIABLES = Identity("variables", variables={"person": "{person}", "odd ` name": "{tenant}"})
MINE = "SELECT owner, count(*) AS n FROM mine GROUP BY owner"


@pytest.fixture(scope="module")
def guarded(mariadb_address: str) -> str:
    say(
        mariadb_address,
        "CREATE TABLE orders (id int, owner varchar(40))",
        "INSERT INTO orders SELECT seq, if(seq % 3 = 0, 'ann', 'bob') FROM seq_1_to_30",
        "CREATE FUNCTION person() RETURNS varchar(128) CHARSET utf8mb4 NO SQL RETURN @person",
        "CREATE SQL SECURITY DEFINER VIEW mine AS SELECT * FROM orders "
        "WHERE owner = coalesce(person(), substring_index(user(), '@', 1))",
        "CREATE USER clerk@'127.0.0.1' IDENTIFIED BY 'clerk-test'",
        "GRANT SELECT ON shop.mine TO clerk@'127.0.0.1'",
    )
    for name in ("ann", "bob"):
        say(
            mariadb_address,
            f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{name}-token'",
            f"GRANT SELECT ON shop.mine TO {name}@'127.0.0.1'",
            f"CREATE ROLE {name}_role",
            f"CREATE VIEW of_{name} AS SELECT * FROM orders WHERE owner = '{name}'",
            f"GRANT SELECT ON shop.of_{name} TO {name}_role",
            f"GRANT {name}_role TO clerk@'127.0.0.1'",
        )
    return mariadb_address.replace(f"quillux:{PASSWORD}", "clerk:clerk-test")


def opened(address: str, identity: Identity) -> Source:
    return open_source(Opening("orders", address, identity=identity))


@pytest.mark.parametrize("identity", [VARIABLES, Identity("token")])
async def test_two_people_see_different_rows_of_one_view(guarded: str, identity: Identity) -> None:
    source = opened(guarded.replace("clerk:clerk-test@", "") if identity.kind == "token" else guarded, identity)
    for _ in range(3):
        assert (await table(source, MINE, ANN)).to_pylist() == [{"owner": "ann", "n": 10}]
        assert (await table(source, MINE, BOB)).to_pylist() == [{"owner": "bob", "n": 20}]
    await source.close()


async def test_a_role_opens_what_it_may_read_and_nothing_else(guarded: str) -> None:
    source = opened(guarded, Identity("role", role="{person}_role"))
    assert (await table(source, "SELECT count(*) AS n FROM of_ann", ANN)).to_pylist() == [{"n": 10}]
    with pytest.raises(NotAllowed):
        await table(source, "SELECT count(*) AS n FROM of_bob", ANN)
    with pytest.raises(NotAllowed):
        await table(source, "SELECT count(*) AS n FROM of_ann")
    assert (await table(source, "SELECT count(*) AS n FROM of_bob", BOB)).to_pylist() == [{"n": 20}]
    await source.close()


async def test_a_connection_keeps_nobodys_name_after_an_error_a_limit_or_a_stop(guarded: str) -> None:
    source = opened(guarded, VARIABLES)
    for _ in range(2):
        with pytest.raises(Refused):
            await table(source, "SELECT nothing FROM mine", ANN)
        with pytest.raises(TooMuch):
            await table(source, "SELECT * FROM mine", ANN, Limits(rows=2))
        task = asyncio.create_task(table(source, "SELECT sleep(5)", ANN))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(task, 0.1)
        assert (await table(source, "SELECT @person AS p, current_user() AS u")).to_pylist() == [
            {"p": None, "u": "clerk@127.0.0.1"}
        ]
        assert (await table(source, MINE, BOB)).column("owner").to_pylist() == ["bob"]
    await source.close()


@pytest.mark.parametrize("name", ["x'; SET ROLE ann_role; --", "x\\'; --", "x`y", "none", "", 'ann" OR 1=1'])
async def test_a_hostile_name_is_a_name_and_nothing_else(guarded: str, name: str) -> None:
    source = opened(guarded, VARIABLES)
    assert (await table(source, MINE, Asker("acme", name))).num_rows == 0
    assert (await table(source, "SELECT @person AS p", Asker("acme", name))).to_pylist() == [{"p": name}]
    await source.close()
    source = opened(guarded, ROLE)
    with pytest.raises(KnowledgeError):
        await table(source, "SELECT * FROM of_ann", Asker("acme", name))
    await source.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SET ROLE bob_role",
        "SET @person = 'bob'",
        "SELECT 'bob' INTO @person",
        "SELECT owner FROM mine INTO OUTFILE '/tmp/quillux-stolen'",
        "SELECT 1 /*! INTO @person */",
        "SELECT 1 /*M! INTO @person */",
        "SELECT 1; SET @person = 'bob'",
        "DO 1",
        "CALL nothing()",
        "SET SESSION TRANSACTION READ WRITE",
        "HANDLER orders OPEN",
    ],
)
async def test_a_query_cannot_become_somebody_else_or_write(guarded: str, sql: str) -> None:
    source = opened(guarded, VARIABLES)
    with pytest.raises(Refused):
        await table(source, sql, ANN)
    assert (await table(source, MINE, ANN)).column("owner").to_pylist() == ["ann"]
    await source.close()


async def test_a_wrong_or_missing_token_gets_in_nowhere_and_is_not_shown(guarded: str) -> None:
    source = opened(guarded.replace("clerk:clerk-test@", ""), Identity("token"))
    with pytest.raises(KnowledgeError) as error:
        await table(source, MINE, Asker("acme", "ann", token="bob-token"))
    assert "bob-token" not in str(error.value) + repr(error.value.__cause__)
    with pytest.raises(NotAllowed, match="sign-in"):
        await table(source, MINE, Asker("acme", "ann"))
    await source.close()
