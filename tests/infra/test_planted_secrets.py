"""Secrets are planted where operators put them, and searched for wherever something of a turn is left or shown."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlglot

from infra.bootstrap import answering
from infra.catalogs import StoredCatalogs
from infra.openings import opening
from infra.secrets import Secrets
from infra.settings import Secrets as SecretSettings
from infra.settings import Settings, SourceSetting
from infra.stores import open_stores, prepare
from infra.telemetry.logs import configure
from knowledge.asker import Asker
from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.federation import Request
from tests.postgres import PASSWORD, postgres_server, why_not

WRONG = 'planted-wr0ng "fake"/@'
ADA = Asker("default", "ada", ("member",), token="planted-token-fake")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if why_not():
        pytest.skip(why_not())
    with postgres_server() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE TABLE orders (id int PRIMARY KEY, amount int)")
            connection.execute("INSERT INTO orders SELECT n, n FROM generate_series(1, 10) n")
        yield address


@contextmanager
def logging_all() -> Iterator[None]:
    """The product's own logging, at its noisiest, for a while."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure("json", "debug")
    try:
        yield
    finally:
        root.handlers, root.level = handlers, level


async def turn(settings: Settings, resolve: Secrets) -> tuple[int, list[str]]:
    """Scan, ask twice, then fail to sign in; the rows of the answers, and all that was said."""
    said: list[str] = []
    stores = open_stores(settings)
    catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources, resolve, settings.breaker)
    request = Request(sqlglot.parse_one("SELECT id FROM orders", read="postgres"), "shop", ADA)
    with answering(settings, catalogs) as engine:
        answers = [await engine.run(request) for _ in range(2)]
    said += [repr(answers), repr(request), repr(settings), repr(catalogs.source("default", "shop"))]
    await catalogs.close()
    await stores.engine.dispose()
    return sum(answer.table.num_rows for answer in answers), said


async def refused(settings: Settings, resolve: Secrets) -> list[str]:
    """What is said of a sign-in that fails, to people and in the log."""
    said = []
    stores = open_stores(settings)
    catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources, resolve, settings.breaker)
    source = catalogs.source("default", "shop")
    for work in (source.introspect, lambda: source.estimate("SELECT 1", ADA), lambda: catalogs.scan("shop")):
        try:
            await work()
        except KnowledgeError as error:
            said += [str(error), error.what, error.next_step, repr(error), repr(error.__dict__)]
            logging.getLogger("test").exception("failed", extra={"why": str(error), "error": error})
    await catalogs.close()
    await stores.engine.dispose()
    return said


async def test_a_secret_is_in_no_log_error_catalog_or_file(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = postgres.replace(PASSWORD, "${env:PLANTED}")
    settings = Settings(
        data=tmp_path / "data",
        sources=(SourceSetting(name="shop", address=address, options={"note": PASSWORD}),),
        secrets=SecretSettings(keep=0),
    )
    resolve = Secrets(settings.secrets)
    with logging_all():
        prepare(settings)
        monkeypatch.setenv("PLANTED", PASSWORD)
        rows, said = await turn(settings, resolve)
        monkeypatch.setenv("PLANTED", WRONG)
        said += await refused(settings, resolve)
        said += [repr(opening(settings.sources[0], resolve)), repr(resolve), repr(ADA)]
        try:
            await resolve("env:NOT_SET_ANYWHERE")
        except SourceUnavailable as error:
            said += traceback.format_exception(error)
    written = capsys.readouterr()
    assert rows == 20
    assert "could not be reached" in "".join(said)
    for secret in (PASSWORD, "wr0ng", ADA.token):
        assert secret not in written.err + written.out
        assert not [text for text in said if secret in text]
        holding = [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
        assert holding == []
