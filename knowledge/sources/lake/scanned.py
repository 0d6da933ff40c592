"""An Arrow dataset as DuckDB scans it, without holding up anything else of the process."""

import threading
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.dataset as ds

from knowledge.sources.sdk.channel import Channel

AHEAD = 4


class Scanned(ds.InMemoryDataset):  # type: ignore[misc]  # pyarrow has no types
    """A dataset that DuckDB gives the columns and filters of each scan; `stop` ends all scans at once.

    Arrow's own reader of a dataset keeps Python's lock while it opens files, which stops the whole process for as long
    as an object store does not answer. Here a thread of its own reads ahead, and may be left behind.
    """

    def __init__(self, whole: ds.Dataset) -> None:
        super().__init__(whole.schema.empty_table())
        self._whole = whole
        self._scans: list[Channel[pa.RecordBatch]] = []
        self._guard = threading.Lock()
        self._stopped = False

    def scanner(self, columns: Sequence[str] | None = None, filter: ds.Expression | None = None) -> "_Scan":
        """What DuckDB calls for each stream."""
        source = self._whole.scanner(columns=columns, filter=filter, batch_readahead=AHEAD, fragment_readahead=2)
        channel: Channel[pa.RecordBatch] = Channel(source.to_batches, ahead=AHEAD)
        with self._guard:
            self._scans.append(channel)
            if self._stopped:
                channel.stop()
        return _Scan(source.projected_schema, channel)

    def stop(self) -> None:
        """End all scans; whoever waits for rows is let go."""
        with self._guard:
            self._stopped = True
            for channel in self._scans:
                channel.stop()

    @property
    def failure(self) -> BaseException | None:
        """What reading raised, if it did."""
        return next((channel.failure for channel in self._scans if channel.failure is not None), None)


class _Scan:
    """The part of Arrow's Scanner that DuckDB uses."""

    def __init__(self, schema: pa.Schema, channel: Channel[pa.RecordBatch]) -> None:
        self._schema = schema
        self._channel = channel

    def to_reader(self) -> pa.RecordBatchReader:
        """The rows, once."""
        return pa.RecordBatchReader.from_batches(self._schema, self._rows())

    def _rows(self) -> Iterator[pa.RecordBatch]:
        yield from self._channel
