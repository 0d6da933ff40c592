"""An API described by a short YAML as a source: DuckDB asks the questions in this process."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening, Resolve, filled
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.rest.described import Api
from knowledge.sources.rest.described_yaml import described
from knowledge.sources.rest.entry import Credentials
from knowledge.sources.rest.patience import Patience
from knowledge.sources.rest.reader import RestReader
from knowledge.sources.sdk.leave import leaving
from knowledge.sources.sdk.tabular import TabularSource


class RestSource(TabularSource):
    """Tables of an API. Its secrets are looked up at each question, so that a changed one needs no restart."""

    def __init__(
        self, name: str, describe: Callable[[], Api], resolve: Resolve, patience: Patience | None = None
    ) -> None:
        self._resolve = resolve
        self._rest = RestReader(name, describe, patience or Patience())
        super().__init__(name, self._rest)

    async def introspect(self) -> tuple[Table, ...]:
        """Tables with their columns; see the port."""
        await self._enter()
        return await super().introspect()

    async def profile(self, table: Table) -> Table:
        """See the port."""
        await self._enter()
        return await super().profile(table)

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """See the port."""
        await self._enter()
        return await super().sample(table, rows)

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """See the port."""
        await self._enter()
        return await super().estimate(sql, asker)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """See the port."""
        await self._enter()
        async with aclosing(cast(Any, super().execute(sql, limits, asker))) as batches:
            async for batch in batches:
                yield batch

    async def position(self, table: Table) -> str:
        """The ETag or date that the API gives; see `knowledge.sources.changes`."""
        await self._enter()
        return await leaving(lambda: self._rest.tag(table.name))

    async def close(self) -> None:
        """End its connections and threads."""
        await super().close()
        self._rest.close()

    async def _enter(self) -> None:
        api = await leaving(lambda: self._rest.api)
        auth = api.auth
        headers = [(name, await filled(text, self._resolve, quoted=False)) for name, text in api.headers.items()]
        self._rest.credentials = Credentials(
            await filled(auth.secret, self._resolve, quoted=False),
            await filled(auth.user, self._resolve, quoted=False),
            tuple(headers),
        )


def rest_source(opening: Opening, patience: Patience | None = None) -> RestSource:
    """`rest:///path/api.yaml`, which is read at the first use."""
    path = Path(unquote(opening.address.removeprefix("rest://"))).expanduser()

    def describe() -> Api:
        try:
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise SourceUnavailable(
                f"The description of the API “{opening.name}” could not be read: {path.name}.",
                next_step="Give rest:///path/api.yaml; check it with `quillux source test`.",
            ) from error
        return described(text)

    return RestSource(opening.name, describe, opening.resolve, patience)
