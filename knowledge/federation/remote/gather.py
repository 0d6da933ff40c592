"""Runs a query over several sources in an engine elsewhere."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from time import perf_counter
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.errors import Refused
from knowledge.federation.plan import Fetch, Plan
from knowledge.federation.port import Request, Sources
from knowledge.federation.remote.port import JoinEngine
from knowledge.federation.together import together
from knowledge.federation.typed import typed
from knowledge.receipt import Step
from knowledge.sources.arrow import unique
from knowledge.sources.meter import Meter
from knowledge.sources.port import Limits


class RemoteGathering:
    """One run there. `sql` is the tree in the engine's dialect: over its own tables, or over files handed to it."""

    def __init__(
        self, sql: str, plan: Plan, request: Request, sources: Sources, engine: JoinEngine, most: Limits
    ) -> None:
        self.steps: list[Step] = []
        self.missing: list[str] = []
        self._sql = sql
        self._plan = plan
        self._request = request
        self._sources = sources
        self._engine = engine
        self._most = most

    async def batches(self) -> AsyncGenerator[pa.RecordBatch, None]:
        """The rows of the answer, in the request's limits."""
        with tempfile.TemporaryDirectory(prefix="quillux-handed-") as folder:
            files: dict[str, Path] = {}
            if self._engine.takes_files:
                files = {fetch.name: Path(folder) / f"{fetch.name}.parquet" for fetch in self._plan.fetches}
                handed = await together([self._hand_over(fetch, files[fetch.name]) for fetch in self._plan.fetches])
                self.steps.extend(handed)
            began, rows, size = perf_counter(), 0, 0
            stream = self._engine.execute(self._sql, files, self._request.limits, self._request.asker)
            async with aclosing(cast(AsyncGenerator[pa.RecordBatch, None], stream)) as batches:
                async for batch in batches:
                    rows, size = rows + batch.num_rows, size + batch.nbytes
                    yield batch.rename_columns(unique(self._plan.names))
            spent = (perf_counter() - began) * 1000
            tables = () if files else tuple(dict.fromkeys(name for f in self._plan.fetches for name in f.tables))
            place, note = self._engine.name, "too much to be joined here"
            self.steps.append(Step(place, self._sql, tables, rows, spent, place, bytes=size, note=note))

    async def _hand_over(self, fetch: Fetch, file: Path) -> Step:
        """The rows of a fetch as a Parquet file."""
        began, rows, size, meter = perf_counter(), 0, 0, Meter(self._most)
        source = self._sources.source(self._request.asker.tenant, fetch.source)
        stream = source.execute(fetch.sql(), self._most, self._request.asker)
        writer: pq.ParquetWriter | None = None
        try:
            async with aclosing(cast(AsyncGenerator[pa.RecordBatch, None], stream)) as batches:
                async for came in batches:
                    batch = meter.add(_named(typed(came, fetch.fields), fetch))
                    rows, size = rows + batch.num_rows, size + batch.nbytes
                    writer = writer or pq.ParquetWriter(file, batch.schema)
                    await asyncio.to_thread(writer.write_batch, _fitting(batch, writer.schema))
        finally:
            if writer is not None:
                writer.close()
        spent = (perf_counter() - began) * 1000
        sql, note = fetch.sql(pretty=True), f"handed to {self._engine.name}"
        return Step(fetch.source, sql, fetch.tables, rows, spent, "", fetch.rows, size, note)


def _named(batch: pa.RecordBatch, fetch: Fetch) -> pa.RecordBatch:
    return batch.rename_columns([field.name for field in fetch.fields])


def _fitting(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A column whose type was found out later must fit the file that was begun."""
    if batch.schema.equals(schema):
        return batch
    try:
        return batch.cast(schema)
    except pa.ArrowInvalid as error:
        raise Refused("A column holds values of several types, which can't be handed over.") from error
