"""A source of the settings is opened with all that they say of it."""

import socket
from pathlib import Path

import pytest

from infra.openings import opened, opening
from infra.settings import Breaker, SourceIdentity, SourceSetting
from knowledge.asker import Asker
from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.opening import Identity, no_secrets
from knowledge.sources.port import Limits

ADA = Asker("acme", "ada")


def test_everything_that_is_set_is_in_the_opening() -> None:
    identity = SourceIdentity(kind="variables", variables={"app.who": "{person}"})
    setting = SourceSetting(name="shop", address="shop.db", options={"schema": "sales"}, identity=identity)
    made = opening(setting, no_secrets)
    assert (made.name, made.address, made.options) == ("shop", "shop.db", {"schema": "sales"})
    assert made.identity == Identity("variables", variables={"app.who": "{person}"})


def test_what_may_hold_a_password_is_not_shown() -> None:
    setting = SourceSetting(name="shop", address="postgresql://a:hunter2@h/d", options={"key": "hunter2"})
    assert "hunter2" not in repr((setting, opening(setting, no_secrets)))


async def test_a_source_has_limits_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("n\n" + "\n".join(map(str, range(100))))
    source = opened(SourceSetting(name="n", address=str(tmp_path / "n.csv"), rows=10), no_secrets)
    with pytest.raises(TooMuch, match="more than 10 rows"):
        [_ async for _ in source.execute("SELECT * FROM n", Limits(), ADA)]
    found = [batch async for batch in source.execute("SELECT * FROM n LIMIT 10", Limits(), ADA)]
    assert sum(batch.num_rows for batch in found) == 10
    await source.close()


async def test_a_server_that_is_not_there_is_soon_left_alone() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"postgresql://ada@127.0.0.1:{nobody.getsockname()[1]}/shop"
        source = opened(SourceSetting(name="shop", address=address), no_secrets, Breaker(failures=2))
        for _ in range(2):
            with pytest.raises(SourceUnavailable, match="could not be reached: "):
                await source.introspect()
        with pytest.raises(SourceUnavailable, match=r"could not be reached for 1 s; it is tried again in \d s"):
            await source.introspect()
        await source.close()
