"""From a reference to a secret, and nothing of it in what is shown."""

import asyncio
import os
from pathlib import Path

import pytest

from infra.secrets import Redaction, Secrets
from infra.secrets.stores import Found, NotFound
from infra.settings import Secrets as SecretSettings
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening

PASSWORD = "hunter2-fake"


class Counting:
    """A store that counts, and answers when it is let."""

    def __init__(self, seconds: float | None = None) -> None:
        self.asked = 0
        self.let = asyncio.Event()
        self.let.set()
        self._seconds = seconds

    async def __call__(self, name: str) -> Found:
        self.asked += 1
        number = self.asked
        await self.let.wait()
        if name == "missing":
            raise NotFound("there is no such thing")
        return Found(f"{PASSWORD}-{number}", self._seconds)


class Clock:
    """Stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_variable_is_looked_up_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = Secrets(SecretSettings(keep=0), Redaction())
    opening = Opening("shop", "postgresql://ada:${env:SHOP_PASSWORD}@db/shop", resolve)
    monkeypatch.setenv("SHOP_PASSWORD", "p@ss/word")
    assert await opening.resolved() == "postgresql://ada:p%40ss%2Fword@db/shop"
    monkeypatch.setenv("SHOP_PASSWORD", "changed")
    assert await opening.resolved() == "postgresql://ada:changed@db/shop"


async def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(SourceUnavailable, match=r"\$\{env:NOT_SET_ANYWHERE\}.*not set"):
        await Secrets(redaction=Redaction())("env:NOT_SET_ANYWHERE")


async def test_an_unknown_store_is_named_with_those_there_are() -> None:
    with pytest.raises(SourceUnavailable, match="no store “cloud”; there are azure, entra, env, file, keyring, vault"):
        await Secrets(redaction=Redaction())("cloud:x")


def secret_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"hunter2-fake\n", b"hunter2-fake\r\n", b"hunter2-fake"])
async def test_the_newline_at_the_end_of_a_file_is_no_part_of_the_secret(tmp_path: Path, content: bytes) -> None:
    assert await Secrets(redaction=Redaction())(f"file:{secret_file(tmp_path, content)}") == PASSWORD


async def test_other_newlines_and_spaces_of_a_file_are_kept(tmp_path: Path) -> None:
    path = secret_file(tmp_path, b" a b\n\n")
    assert await Secrets(redaction=Redaction())(f"file:{path}") == " a b\n"


async def test_a_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = secret_file(tmp_path, b"hunter2-fake", 0o644)
    with pytest.raises(SourceUnavailable, match="everybody on this machine may read") as refused:
        await Secrets(redaction=Redaction())(f"file:{path}")
    assert PASSWORD not in str(refused.value)


async def test_the_operator_may_allow_files_that_everybody_may_read(tmp_path: Path) -> None:
    path = secret_file(tmp_path, b"hunter2-fake", 0o444)
    assert await Secrets(SecretSettings(open_files=True), Redaction())(f"file:{path}") == PASSWORD
    path.chmod(0o646)
    with pytest.raises(SourceUnavailable, match="may write"):
        await Secrets(SecretSettings(open_files=True), Redaction())(f"file:{path}")


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\n", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 70_000, "larger")]
)
async def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(SourceUnavailable, match=why):
        await Secrets(redaction=Redaction())(f"file:{secret_file(tmp_path, content)}")


async def test_a_pipe_a_folder_and_a_missing_file_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing", Path("relative"), Path("/a\0b")):
        with pytest.raises(SourceUnavailable, match="could not be looked up"):
            await Secrets(redaction=Redaction())(f"file:{path}")


async def test_a_secret_is_remembered_for_a_while() -> None:
    store, clock = Counting(), Clock()
    resolve = Secrets(SecretSettings(keep=60), Redaction(), stores={"some": store}, clock=clock)
    assert [await resolve("some:x") for _ in range(3)] == [f"{PASSWORD}-1"] * 3
    clock.now = 61
    assert await resolve("some:x") == f"{PASSWORD}-2"


async def test_a_store_may_say_that_a_secret_is_good_for_less() -> None:
    store, clock = Counting(seconds=5), Clock()
    resolve = Secrets(SecretSettings(keep=60), Redaction(), stores={"some": store}, clock=clock)
    await resolve("some:x")
    clock.now = 6
    await resolve("some:x")
    assert store.asked == 2


async def test_look_ups_at_once_ask_the_store_once() -> None:
    store = Counting()
    store.let.clear()
    resolve = Secrets(redaction=Redaction(), stores={"some": store})
    waiting = [asyncio.create_task(resolve("some:x")) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    store.let.set()
    assert {await task for task in waiting[1:]} == {f"{PASSWORD}-1"}
    assert store.asked == 1


async def test_a_failure_is_not_remembered() -> None:
    store = Counting()
    resolve = Secrets(redaction=Redaction(), stores={"some": store})
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="no such thing"):
            await resolve("some:missing")
    assert store.asked == 2


async def test_a_store_that_hangs_is_given_up() -> None:
    store = Counting()
    store.let.clear()
    with pytest.raises(SourceUnavailable, match=r"longer than 0\.01 seconds"):
        await Secrets(SecretSettings(seconds=0.01), Redaction(), stores={"some": store})("some:x")


async def test_nothing_that_is_printed_shows_a_secret() -> None:
    redaction = Redaction()
    resolve = Secrets(redaction=redaction, stores={"some": Counting()})
    found = await resolve("some:x")
    shown = repr((resolve, redaction, Found(found), vars(resolve)))
    assert PASSWORD not in shown
