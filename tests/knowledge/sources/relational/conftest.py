"""One server of each kind for the tests of a folder."""

from collections.abc import Iterator

import pytest

from tests import mariadb, postgres


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    if reason := postgres.why_not():
        pytest.skip(reason)
    with postgres.postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def mariadb_address() -> Iterator[str]:
    if reason := mariadb.why_not():
        pytest.skip(reason)
    with mariadb.mariadb_server() as address:
        yield address
