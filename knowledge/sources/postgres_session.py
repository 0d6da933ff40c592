"""One connection to PostgreSQL by ADBC: a read-only transaction, rows by COPY as Arrow, cancelled from outside."""

import re
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

import adbc_driver_manager as adbc
import adbc_driver_postgresql  # type: ignore[import-untyped]
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader
from psycopg import sql as text
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

from knowledge.errors import Refused, only_reading
from knowledge.sources.behalf import Behalf
from knowledge.sources.postgres_cells import plain_batch
from knowledge.sources.types.postgres import asked_as, type_name

BATCH_BYTES = 4 * 1024 * 1024

_HINT = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
_COPY = adbc_driver_postgresql.StatementOptions.USE_COPY.value
_READS = re.compile(r"[\s(]*(select|with|values|table)\b", re.IGNORECASE)
_NOBODY = Behalf()


class Session:
    """One connection. All methods but `stop` and `close` block, and are called from one thread at a time."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._busy = Lock()
        self._alive = Lock()  # held while a statement is cancelled, and while it is freed
        self._database: Any = None
        self._connection: Any = None
        self._statement: Any = None
        self._reader: Any = None
        self._schema: pa.Schema | None = None
        self._described: pa.Schema | None = None
        self._stopping: Thread | None = None
        self._lost = False
        self._begun = False

    @property
    def reusable(self) -> bool:
        """True outside a transaction, when nobody has stopped it."""
        return not (self._lost or self._begun or self._stopping or self._statement)

    @property
    def stopped(self) -> bool:
        """True when its last query was ended from outside, or it is closed."""
        return self._lost

    def connect(self) -> None:
        """Open it."""
        with self._busy:
            self._database = adbc_driver_postgresql.connect(self._conninfo)
            self._connection = adbc.AdbcConnection(self._database)

    def alive(self) -> bool:
        """Whether it still answers; whatever was set in its session is undone."""
        try:
            self._run("DISCARD ALL")
        except adbc.Error:
            return False
        return True

    def begin(self, seconds: float, told: Behalf = _NOBODY) -> None:
        """Begin to read within a time that the server keeps, on behalf of somebody; all of it ends with `finish`."""
        self._begun = True
        said = [f"SET LOCAL statement_timeout = {max(round(seconds * 1000), 1)}"]
        if told.role:
            said.append(f"SET LOCAL ROLE {text.Identifier(told.role).as_string(None)}")
        for name, value in told.variables:
            pair = f"{text.quote(name)}, {text.quote(value)}"
            said.append(f"SELECT pg_catalog.set_config({pair}, true)")
        self._run("; ".join(["BEGIN READ ONLY", *said]))

    def finish(self) -> None:
        """End the transaction, and with it all that was set for it."""
        self._release()
        self._run("ROLLBACK")
        self._begun = False

    def start(self, sql: str, *, copy: bool = True) -> None:
        """Run one query; `batch` then has its rows. What has no columns is refused before it runs."""
        with self._busy:
            statement = self._statement = adbc.AdbcStatement(self._connection)
            statement.set_options(**{_HINT: str(BATCH_BYTES), _COPY: "true" if copy else "false"})
            statement.set_sql_query(sql)
            self._described = None
            if copy:
                form = statement.execute_schema()
                self._described = pa.Schema._import_from_c(form.address)
                if not len(self._described):
                    raise only_reading()
                statement.set_sql_query(readable(sql, self._described))
            handle, _ = statement.execute_query()
            self._reader = AdbcRecordBatchReader._import_from_c(handle.address)

    def batch(self) -> pa.RecordBatch | None:
        """The next rows; None at the end, but a batch with the schema comes before."""
        with self._busy:
            if self._reader is None:
                return None
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                if self._schema is not None:
                    return None
                batch = pa.RecordBatch.from_pylist([], schema=self._reader.schema)
            plain = plain_batch(batch, self._described or batch.schema, self._schema)
            self._schema = plain.schema
            return plain

    def rows(self, sql: str, *, copy: bool = True) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        try:
            self.start(sql, copy=copy)
            batches = iter(self.batch, None)
            return [row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]
        finally:
            self._release()

    def stop(self) -> None:
        """End what runs, from any thread and without waiting; the connection is of no use afterwards."""
        self._lost = True
        if self._statement is not None and not (self._stopping and self._stopping.is_alive()):
            self._stopping = Thread(target=self._cancel, daemon=True, name="postgres-stop")
            self._stopping.start()

    def close(self) -> None:
        """Close it; where a call still hangs on it, when that has ended."""
        self._lost = True
        if self._stopping or self._busy.locked():
            Thread(target=self._close, daemon=True, name="postgres-close").start()
        else:
            self._close()

    def _close(self) -> None:
        self._release()
        with self._busy, suppress(adbc.Error):
            for part in (self._connection, self._database):
                if part is not None:
                    part.close()

    def _release(self) -> None:
        with self._busy, self._alive, suppress(adbc.Error, OSError):
            reader, statement = self._reader, self._statement
            self._reader = self._statement = self._schema = None
            if reader is not None:
                reader.close()
            if statement is not None:
                statement.close()

    def _run(self, sql: str) -> None:
        with self._busy:
            statement = adbc.AdbcStatement(self._connection)
            try:
                statement.set_sql_query(sql)
                statement.execute_update()
            finally:
                statement.close()

    def _cancel(self) -> None:
        with self._alive, suppress(adbc.Error):
            if self._statement is not None:
                self._statement.cancel()


def readable(sql: str, described: pa.Schema) -> str:
    """The query with each column whose binary form is not understood here asked as text, by the server itself."""
    wanted = [asked_as(field.type, type_name(field)) for field in described]
    if not any(wanted):
        return sql
    names = [f"c{at}" for at in range(len(wanted))]
    columns = ", ".join(f"q.{name}::{kind}" if kind else f"q.{name}" for name, kind in zip(names, wanted, strict=True))
    return f"SELECT {columns} FROM ({sql}) AS q({', '.join(names)})"  # noqa: S608  the query is one query: it was described


def refuse_all_but_reading(sql: str) -> str:
    """The query without a semicolon at its end. Raises NotAllowed for what is not one reading query.

    The transaction keeps writes out; this, statements about transactions and roles, and the function that sets either.
    """
    try:
        tokens = tokenize(sql, read="postgres")
    except TokenError as error:
        raise Refused("The query could not be read.", next_step="Ask in other words.") from error
    if not tokens:
        raise Refused("The query is empty.", next_step="Ask in other words.")
    named = {token.text.lower() for token in tokens if token.token_type is not TokenType.STRING}
    if not _READS.match(sql) or "set_config" in named or 'u&"' in sql.lower():
        raise only_reading()
    return sql.rstrip().rstrip(";")
