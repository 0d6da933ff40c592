"""Trino: it reads the sources itself, through catalogs of its own. Needs the package `trino`."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch
from knowledge.sources.arrow import unique
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.port import Limits
from knowledge.sources.threads import metered

WINDOW = 5_000
LANES = 4

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_TYPES: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), pa.int64()),
    **dict.fromkeys(("real", "double"), pa.float64()),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "varbinary": pa.binary(),
}


class TrinoEngine:
    """One Trino. `catalogs` says where it sees our sources: by name, `catalog` or `catalog.schema`."""

    dialect = "trino"
    takes_files = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str,
        catalogs: Mapping[str, str],
        name: str = "trino",
        scheme: str = "http",
        password: str = "",
    ) -> None:
        self.name = name
        self._at = (host, port, scheme)
        self._user = user
        self._password = password
        self._catalogs = {source: tuple(place.split(".")) for source, place in catalogs.items()}
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=name)
        self._lanes = asyncio.Semaphore(LANES)

    def written(self, table: Table) -> tuple[str, ...] | None:
        """Catalog, schema and table; a table of another schema than the default is looked for in that one."""
        place = self._catalogs.get(table.source)
        if place is None:
            return None
        schema = table.schema or (place[1] if len(place) > 1 else "public")
        return place[0], schema, table.name

    async def execute(
        self, sql: str, files: Mapping[str, Path], limits: Limits, asker: Asker | None = None
    ) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows; see the port."""
        import trino

        meter = Meter(limits)
        async with self._lanes:
            connection = self._connection(limits)
            cursor = connection.cursor()
            try:
                await metered(meter, self._threads, lambda: cursor.execute(sql), cursor.cancel)
                kinds = [_type(column[1]) for column in cursor.description or []]
                names = unique([column[0] for column in cursor.description or []])
                first = True
                while True:
                    rows = await metered(meter, self._threads, lambda: cursor.fetchmany(WINDOW), cursor.cancel)
                    if not rows and not first:
                        return
                    first = False
                    yield meter.add(_batch(names, kinds, rows))
            except (trino.exceptions.Error, trino.exceptions.HttpError, OSError) as error:
                raise self._explained(error) from error
            finally:
                cursor.close()
                connection.close()

    async def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _connection(self, limits: Limits) -> Any:
        import trino

        host, port, scheme = self._at
        login = trino.auth.BasicAuthentication(self._user, self._password) if self._password else None
        connect: Any = trino.dbapi.connect
        return connect(
            host=host,
            port=port,
            user=self._user,
            http_scheme=scheme,
            auth=login,
            source="quillux",
            max_attempts=2,
            request_timeout=limits.seconds + 5,
            session_properties={"query_max_run_time": f"{max(round(limits.seconds), 1)}s"},
        )

    def _explained(self, error: Exception) -> KnowledgeError:
        import trino

        if isinstance(error, trino.exceptions.TrinoQueryError):
            kind, said = error.error_name or "", (error.message or "").splitlines()[0][:300]
            if kind.startswith("EXCEEDED"):
                return TooMuch(f"The engine “{self.name}” stopped the query: {said}.", next_step=SMALLER)
            return Refused(
                f"The engine “{self.name}” could not run the query: {said}.", next_step="Ask in other words."
            )
        missing = SourceUnavailable(
            f"The engine “{self.name}” could not be reached ({type(error).__name__}).",
            next_step="Check its address, or take it out of the settings to join here.",
        )
        missing.source = self.name
        return missing


def _type(said: str) -> pa.DataType | None:
    lowered = said.lower()
    if found := _DECIMAL.fullmatch(lowered):
        return pa.decimal128(int(found[1]), int(found[2]))
    return _TYPES.get(re.sub(r"\(\d+\)", "", lowered))


def _batch(
    names: Sequence[str], kinds: Sequence[pa.DataType | None], rows: Sequence[Sequence[object]]
) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [
        pa.array(values, kind)
        if kind is not None
        else pa.array([None if value is None else str(value) for value in values], pa.string())
        for values, kind in zip(columns, kinds, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(names))
