"""One table of a reader, as DuckDB scans it: an Arrow stream that is made anew each time it is asked for."""

import threading
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from knowledge.errors import SourceUnavailable
from knowledge.sources.sdk.channel import Channel
from knowledge.sources.sdk.pushdown import Wanted
from knowledge.sources.sdk.reader import Reader


class Scan:
    """A table read as far as a query wants it. DuckDB may ask for several streams of it; `stop` ends them all."""

    def __init__(self, reader: Reader, table: str, schema: pa.Schema, wanted: Wanted) -> None:
        self._reader = reader
        self.table = table
        self._wanted = wanted
        self.schema = pa.schema([schema.field(name) for name in wanted.columns])
        self._open: list[Channel[pa.RecordBatch]] = []
        self._guard = threading.Lock()
        self._stopped = False

    @property
    def failure(self) -> BaseException | None:
        """What the reader raised, if it did."""
        return next((channel.failure for channel in self._open if channel.failure is not None), None)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from their beginning, in the schema that was promised."""
        wanted = self._wanted
        channel = Channel(lambda: self._reader.read(self.table, wanted.columns, wanted.filters, wanted.limit))
        with self._guard:
            self._open.append(channel)
            if self._stopped:
                channel.stop()
        for batch in channel:
            yield self._promised(batch)

    def first(self, rows: int) -> pa.Table:
        """So many rows from the beginning, as a table."""
        found: list[pa.RecordBatch] = []
        count = 0
        for batch in self.batches():
            found.append(batch)
            count += batch.num_rows
            if count >= rows:
                break
        return pa.Table.from_batches(found, self.schema).slice(0, rows)

    def stop(self) -> None:
        """End all streams; those who wait for rows are let go."""
        with self._guard:
            self._stopped = True
            for channel in self._open:
                channel.stop()

    def __arrow_c_schema__(self) -> Any:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return pa.RecordBatchReader.from_batches(self.schema, self.batches()).__arrow_c_stream__()

    def _promised(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        missing = [name for name in self.schema.names if name not in batch.schema.names]
        if missing:
            raise SourceUnavailable(f"The table “{self.table}” was read without its column “{missing[0]}”.")
        return batch.select(self.schema.names).cast(self.schema)
