"""Key Vault and Entra, by Microsoft's own clients against a local server of their protocols."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL

from infra.openings import opened
from infra.secrets import Redaction, Secrets
from infra.settings import Secrets as SecretSettings
from infra.settings import SourceSetting
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening
from tests.fixtures.fake_azure import SECRET, FakeAzure
from tests.fixtures.tls import authority
from tests.postgres import PASSWORD, postgres_server, why_not


@pytest.fixture
async def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeAzure]:
    async with FakeAzure(authority(tmp_path)[1]) as made:
        monkeypatch.setenv("IDENTITY_ENDPOINT", made.identity)
        monkeypatch.setenv("IDENTITY_HEADER", "fake")
        yield made


@pytest.fixture
async def resolve(azure: FakeAzure, tmp_path: Path) -> AsyncIterator[Secrets]:
    settings = SecretSettings(azure="managed", azure_domain=azure.domain, azure_ca=str(tmp_path / "ca.pem"), keep=0)
    secrets = Secrets(settings, Redaction())
    yield secrets
    await secrets.close()


async def test_a_vault_gives_its_secret_after_its_challenge(azure: FakeAzure, resolve: Secrets) -> None:
    assert await resolve("azure:127/shop") == SECRET
    assert azure.seen[0] == ("shop", ""), "nothing is sent before the vault says where to sign in"
    assert azure.seen[1][1].startswith("Bearer fake-token-1 for https://0.0.1:")
    assert await resolve("azure:127/shop/v1") == "older-fake"
    assert await resolve(f"azure:https://127.{azure.domain}/secrets/shop") == SECRET
    assert azure.tokens == 1


async def test_a_changed_secret_needs_no_restart(azure: FakeAzure, resolve: Secrets) -> None:
    opening = Opening("shop", "postgresql://ada:${azure:127/shop}@db/shop", resolve)
    await opening.resolved()
    azure.secrets["shop", ""] = "new/fake"
    assert await opening.resolved() == "postgresql://ada:new%2Ffake@db/shop"


@pytest.mark.parametrize(
    ("status", "why"), [(403, "right to get secrets"), (404, "no such secret"), (429, "429"), (500, "500")]
)
async def test_what_a_vault_says_of_an_error_is_not_repeated(
    azure: FakeAzure, resolve: Secrets, status: int, why: str
) -> None:
    azure.status = status
    with pytest.raises(SourceUnavailable, match=why) as told:
        await resolve("azure:127/shop")
    assert "${azure:127/shop}" in told.value.what
    assert SECRET not in str(told.value)


async def test_a_vault_that_asks_for_a_token_of_another_service_gets_none(azure: FakeAzure, resolve: Secrets) -> None:
    azure.resource = "https://management.example"
    with pytest.raises(SourceUnavailable, match="not its own"):
        await resolve("azure:127/shop")
    assert azure.tokens == 0


async def test_a_server_that_no_authority_vouches_for_gets_no_token(azure: FakeAzure) -> None:
    settings = SecretSettings(azure="managed", azure_domain=azure.domain)
    resolve = Secrets(settings, Redaction())
    with pytest.raises(SourceUnavailable, match="could not be reached"):
        await resolve("azure:127/shop")
    assert (azure.seen, azure.tokens) == ([], 0)
    await resolve.close()


@pytest.mark.parametrize(
    "name",
    ["shop", "a/b/c/d", "evil.example/x", "https://evil.example/secrets/x", "http://127.0.0.1/secrets/x", "a/b?c"],
)
async def test_other_places_are_not_asked(azure: FakeAzure, resolve: Secrets, name: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"write azure:VAULT/NAME|no Key Vault of"):
        await resolve(f"azure:{name}")
    assert (azure.seen, azure.tokens) == ([], 0)


async def test_an_entra_token_is_the_password_until_shortly_before_it_ends(azure: FakeAzure, resolve: Secrets) -> None:
    scope = "https://ossrdbms-aad.database.windows.net/.default"
    opening = Opening("shop", f"postgresql://app:${{entra:{scope}}}@db/shop", resolve)
    first = await opening.resolved()
    assert "fake-token-1%20for%20https%3A%2F%2Fossrdbms-aad.database.windows.net" in first
    assert await opening.resolved() == first
    assert azure.tokens == 1


async def test_a_database_takes_the_token_as_password(azure: FakeAzure, resolve: Secrets) -> None:
    if why_not():
        pytest.skip(why_not())
    scope = "https://ossrdbms-aad.database.windows.net/.default"
    with postgres_server() as address:
        token = await resolve(f"entra:{scope}")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE TABLE orders (id int PRIMARY KEY)")
            connection.execute(SQL("CREATE ROLE app LOGIN PASSWORD {}").format(token))
            connection.execute("GRANT SELECT ON orders TO app")
        ours = address.replace(f"quillux:{PASSWORD}", f"app:${{entra:{scope}}}")
        source = opened(SourceSetting(name="shop", address=ours), resolve)
        assert [table.name for table in await source.introspect()] == ["orders"]
        await source.close()


async def test_an_identity_that_is_refused_is_told(
    azure: FakeAzure, resolve: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", azure.identity + "/missing")
    with pytest.raises(SourceUnavailable, match=r"did not accept|could not be reached|status 404"):
        await resolve("entra:https://database.windows.net/.default")
