"""A HashiCorp-compatible server, by its HTTP protocol."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.secrets import Redaction, Secrets
from infra.settings import Secrets as SecretSettings
from knowledge.errors import SourceUnavailable
from tests.fixtures.fake_vault import FakeVault
from tests.fixtures.tls import authority


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def vault() -> AsyncIterator[FakeVault]:
    async with FakeVault() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


def secrets(vault: FakeVault, clock: Clock | None = None, **more: object) -> Secrets:
    given = {"vault": vault.url, "vault_token": "fake-root", **more}
    return Secrets(SecretSettings.model_validate(given), Redaction(), clock=clock or Clock())


def approle(vault: FakeVault, clock: Clock | None = None) -> Secrets:
    return secrets(vault, clock, vault_login="approle", vault_role="shop-role", vault_secret_id="fake-secret-id")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("vault:secret/shop#password", "fake-v2"),
        ("vault:secret/data/shop#password", "fake-v2"),
        ("vault:secret/shop?version=1#password", "fake-v1"),
        ("vault:secret/shop#port", "5432"),
        ("vault:old/shop#password", "fake-v1-store"),
        ("vault:old/shop", "fake-v1-store"),
    ],
)
async def test_both_kinds_of_key_value_stores_are_read(vault: FakeVault, reference: str, value: str) -> None:
    resolve = secrets(vault)
    assert await resolve(reference) == value
    await resolve.close()


async def test_a_whole_path_works_where_the_server_tells_nothing_of_its_stores(vault: FakeVault) -> None:
    vault.tell_mounts = False
    resolve = secrets(vault)
    assert await resolve("vault:secret/data/shop#password") == "fake-v2"
    await resolve.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("secret/shop#missing", "no field “missing”"),
        ("secret/shop", "name one of its fields"),
        ("secret/shop#nested", "no field"),
        ("secret/nothing#x", "nothing there"),
        ("other/nothing#x", "nothing there"),
        ("../sys/seal#x", "write vault:path#field"),
        ("#x", "write vault:path#field"),
    ],
)
async def test_what_is_not_there_is_told(vault: FakeVault, name: str, why: str) -> None:
    resolve = secrets(vault)
    with pytest.raises(SourceUnavailable, match=why):
        await resolve(f"vault:{name}")
    await resolve.close()


async def test_the_namespace_goes_with_every_call(vault: FakeVault) -> None:
    resolve = secrets(vault, vault_namespace="team/data")
    await resolve("vault:secret/shop#password")
    assert vault.namespaces == {"team/data"}
    await resolve.close()


async def test_signing_in_by_approle_and_by_a_service_account(vault: FakeVault, tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("fake-jwt\n")
    pod = secrets(vault, vault_login="kubernetes", vault_role="shop-role", vault_jwt=str(tmp_path / "jwt"))
    for resolve in (approle(vault), pod):
        assert await resolve("vault:secret/shop#password") == "fake-v2"
        await resolve.close()
    assert vault.logins == 2


async def test_a_token_is_renewed_before_it_ends_and_made_anew_where_it_can_not_be(
    vault: FakeVault, clock: Clock
) -> None:
    resolve = approle(vault, clock)
    await resolve("vault:secret/shop#password")
    clock.now += 401
    await resolve("vault:secret/shop#password")
    assert (vault.logins, vault.count("POST auth/token/renew-self")) == (1, 1)
    vault.renewable = False
    clock.now += 401
    await resolve("vault:secret/shop#password")
    assert (vault.logins, vault.count("POST auth/token/renew-self")) == (2, 2)
    await resolve.close()


async def test_a_token_that_was_taken_back_is_replaced(vault: FakeVault, clock: Clock) -> None:
    resolve = approle(vault, clock)
    await resolve("vault:secret/shop#password")
    vault.tokens.clear()
    clock.now += 61
    assert await resolve("vault:secret/shop#password") == "fake-v2"
    assert vault.logins == 2
    await resolve.close()


async def test_user_and_password_made_together_stay_together(vault: FakeVault, clock: Clock) -> None:
    resolve = secrets(vault, clock)

    async def both() -> list[str]:
        names = [f"vault:database/creds/reader#{field}" for field in ("username", "password")]
        return list(await asyncio.gather(*(resolve(name) for name in names)))

    assert await both() == ["user-1", "fake-made-1"]
    clock.now += 300
    assert await both() == ["user-1", "fake-made-1"]
    clock.now += 101
    assert await both() == ["user-1", "fake-made-1"]
    assert vault.count("PUT sys/leases/renew") == 1
    vault.renewable = False
    clock.now += 401
    assert await both() == ["user-2", "fake-made-2"]
    await resolve.close()


async def test_a_secret_is_read_again_when_it_was_kept_long_enough(vault: FakeVault, clock: Clock) -> None:
    resolve = secrets(vault, clock)
    for seconds in (0, 59, 2):
        clock.now += seconds
        await resolve("vault:old/shop#password")
    assert vault.count("GET old/shop") == 2
    await resolve.close()


@pytest.mark.parametrize("status", [307, 400, 403, 429, 500, 503])
async def test_what_the_server_says_of_an_error_is_not_repeated(vault: FakeVault, status: int) -> None:
    vault.status = status
    for resolve in (approle(vault), secrets(vault)):
        with pytest.raises(SourceUnavailable, match=r"\$\{vault:secret/shop#password\}") as told:
            await resolve("vault:secret/shop#password")
        assert "fake-" not in str(told.value)
        await resolve.close()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"data": []}', b'{"data": {}}', b"x" * 2_000_000])
async def test_a_reply_that_is_none_is_told(vault: FakeVault, body: bytes) -> None:
    vault.body = body
    resolve = secrets(vault)
    with pytest.raises(SourceUnavailable, match="could not be looked up"):
        await resolve("vault:secret/shop#password")
    await resolve.close()


async def test_the_server_must_be_one_that_the_authority_signed(tmp_path: Path) -> None:
    pem, context = authority(tmp_path)
    async with FakeVault(context) as vault:
        resolve = secrets(vault, vault_ca=str(pem))
        assert await resolve("vault:secret/shop#password") == "fake-v2"
        await resolve.close()
        vault.calls.clear()
        doubting = secrets(vault)
        with pytest.raises(SourceUnavailable, match="could not be reached"):
            await doubting("vault:secret/shop#password")
        await doubting.close()
        assert vault.calls == []


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "not set"),
        ("vault.example:8200", "not set"),
        ("http://vault.example:8200", "use https"),
        ("http://127.0.0.1.evil.example", "use https"),
    ],
)
async def test_a_token_is_never_sent_in_clear_to_another_machine(address: str, why: str) -> None:
    resolve = Secrets(SecretSettings(vault=address, vault_token=SecretStr("fake-root")), Redaction())
    with pytest.raises(SourceUnavailable, match=why):
        await resolve("vault:secret/shop#password")


async def test_tokens_are_hidden_too(vault: FakeVault) -> None:
    redaction = Redaction()
    settings = SecretSettings(
        vault=vault.url,
        vault_login="approle",
        vault_role="shop-role",
        vault_secret_id=SecretStr("fake-secret-id"),
    )
    resolve = Secrets(settings, redaction)
    await resolve("vault:secret/shop#password")
    assert redaction.text("fake-secret-id fake-token-1 fake-v2") == "… … …"
    await resolve.close()
