"""Rows of MySQL's protocol as they lie on the wire: cut into cells here, turned into Arrow a column at a time.

A driver that makes a Python value of every cell takes several times as long; see `bench/fetch.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from pymysql.connections import Connection, MySQLResult
from pymysql.constants import COMMAND
from pymysql.err import OperationalError, raise_mysql_exception

from knowledge.errors import TooMuch
from knowledge.sources.arrow import unique
from knowledge.sources.mysql_cells import column_of
from knowledge.sources.types.mysql import native_of

READ = 256 * 1024
LONGEST_ROW = 0xFFFFFF

_NULL, _TWO, _THREE = 251, 252, 253
_ERROR, _END = 0xFF, 0xFE


class Wire(Connection):
    """A connection whose answers can be taken as Arrow."""

    _rfile: Any
    server_version: str
    server_thread_id: tuple[int]
    _execute_command: Callable[[int, bytes], None]
    _force_close: Callable[[], None]

    @property
    def version(self) -> str:
        """What the server calls itself, such as 10.11.6-MariaDB."""
        return str(self.server_version)

    @property
    def number(self) -> int:
        """The server's number for this connection."""
        return int(self.server_thread_id[0])

    def cut(self) -> None:
        """Close the line without a word."""
        self._force_close()

    def wait_for_ever(self) -> None:
        """From now on answers may take any time: limits are kept by who calls."""
        self._read_timeout = None

    def stream(self, sql: str) -> "Stream | None":
        """Run one statement; None when it has no rows to give."""
        self._execute_command(COMMAND.COM_QUERY, sql.encode())
        result: Any = MySQLResult(self)
        result.init_unbuffered_query()
        if result.field_count == 0:
            return None
        result.unbuffered_active = False  # its rows are read below, not by it
        natives = [
            native_of(field.type_code, field.flags, field.length, field.scale, field.charsetnr)
            for field in result.fields
        ]
        return Stream(self._rfile.read1, [field.name for field in result.fields], natives)


class Stream:
    """What is left to read of one answer. `done` when its end was read."""

    def __init__(self, read: Callable[[int], bytes], names: Sequence[str], natives: Sequence[str]) -> None:
        self._read = read
        self._names = unique(names)
        self._natives = natives
        self._buffer = b""
        self._at = 0
        self._schema: pa.Schema | None = None
        self.done = False

    def batch(self, rows: int, size: int) -> pa.RecordBatch | None:
        """The next rows, until there are so many or so many bytes of them; None at the end, but not before any."""
        if self.done and self._schema is not None:
            return None
        cells = self._cells(rows, size)
        if not cells[0] and self._schema is not None:
            return None
        known = self._schema.types if self._schema else [None] * len(self._natives)
        columns = [column_of(*column) for column in zip(cells, self._natives, known, strict=True)]
        batch = pa.RecordBatch.from_arrays(columns, names=self._names)
        self._schema = batch.schema
        return batch

    def _cells(self, rows: int, size: int) -> list[list[bytes | None]]:
        cells: list[list[bytes | None]] = [[] for _ in self._natives]
        add = [column.append for column in cells]
        while rows > 0 and size > 0 and self._row_there():
            before = self._at
            rows -= self._cut(add, rows)
            size -= self._at - before
        return cells

    def _cut(self, add: list[Callable[[bytes | None], None]], most: int) -> int:
        """Cut the rows that are wholly in the buffer into their cells; how many there were.

        This loop is where the time goes: no calls in it but those that keep a cell.
        """
        buffer, at, end, rows = self._buffer, self._at, len(self._buffer), 0
        while rows < most and at + 4 < end:
            behind = at + 4 + (buffer[at] | buffer[at + 1] << 8 | buffer[at + 2] << 16)
            if behind > end or buffer[at + 4] >= _END:
                break
            at += 4
            for append in add:
                size = buffer[at]
                at += 1
                if size < _NULL:
                    append(buffer[at : (at := at + size)])
                elif size == _NULL:
                    append(None)
                else:
                    first, at = _long(buffer, at, size)
                    append(buffer[first:at])
            rows += 1
        self._at = at
        return rows

    def _row_there(self) -> bool:
        """Wait until the next row is wholly in the buffer; False at the end. Raises what the server sends instead."""
        if self.done:
            return False
        self._need(4)
        length = int.from_bytes(self._buffer[self._at : self._at + 3], "little")
        if length == LONGEST_ROW:
            raise TooMuch("The answer has a row of more than 16 MB.", next_step="Ask for fewer columns.")
        self._need(4 + length)
        head = self._buffer[self._at + 4]
        if head < _END:
            return True
        self.done = True
        if head == _ERROR:
            raise_mysql_exception(self._buffer[self._at + 4 : self._at + 4 + length])
        return False

    def _need(self, size: int) -> None:
        """At least so many bytes behind `_at`."""
        while len(self._buffer) - self._at < size:
            more = self._read(READ)
            if not more:
                raise OperationalError(2013, "Lost connection to MySQL server during query")
            self._buffer = self._buffer[self._at :] + more
            self._at = 0


def _long(buffer: bytes, at: int, mark: int) -> tuple[int, int]:
    """Where a cell of more than 250 bytes begins and ends."""
    width = 2 if mark == _TWO else 3 if mark == _THREE else 8
    first = at + width
    return first, first + int.from_bytes(buffer[at:first], "little")
