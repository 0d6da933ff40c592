"""A server for each test, and sources on it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening
from knowledge.sources.port import Limits
from knowledge.sources.rest.patience import Patience
from knowledge.sources.rest.source import RestSource, rest_source
from tests.knowledge.sources.rest.server import Api, api_server

Open = Callable[..., RestSource]


@pytest.fixture
def api() -> Iterator[Api]:
    with api_server() as running:
        yield running


@pytest.fixture
async def opened(api: Api, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a source for the text of a description; `BASE` in it is the server's address."""
    sources: list[RestSource] = []

    def open_api(text: str, secrets: Mapping[str, str] | None = None, patience: Patience | None = None) -> RestSource:
        path = tmp_path / f"api{len(sources)}.yaml"
        path.write_text(text.replace("BASE", api.address))
        sources.append(rest_source(Opening("shop", f"rest://{path}", given(secrets or {})), patience))
        return sources[-1]

    yield open_api
    for source in sources:
        await source.close()


def given(secrets: Mapping[str, str]) -> Callable[[str], Awaitable[str]]:
    """Looks up secrets among these."""

    async def resolve(reference: str) -> str:
        if reference not in secrets:
            raise SourceUnavailable(f"There is no secret {reference!r}.")
        return secrets[reference]

    return resolve


async def rows(source: RestSource, sql: str) -> list[dict[str, object]]:
    """The rows of a query."""
    batches = [batch async for batch in source.execute(sql, Limits())]
    found: list[dict[str, object]] = pa.Table.from_batches(batches).to_pylist()
    return found
