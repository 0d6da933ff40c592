"""One connection to MySQL or MariaDB: opened read-only, stopped from outside by a second one."""

import re
import socket
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Any

import pyarrow as pa
from pymysql.err import MySQLError
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

from knowledge.errors import Refused, only_reading
from knowledge.sources.behalf import Behalf
from knowledge.sources.mysql_address import Address
from knowledge.sources.mysql_wire import Stream, Wire

CONNECT_SECONDS = 5.0
PATIENCE = 0.5
"""Seconds in which a stopped query should end by itself; then its connection is cut."""

_READS = re.compile(r"[\s(]*(select|with|values|table)\b", re.IGNORECASE)
_SQL_MODE = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
"""Without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, so that the server reads quotes as the guard does."""


class Session:
    """One connection. All methods but `stop` block, and are called from one thread at a time."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._wire = _wire(address, CONNECT_SECONDS)
        self._line: socket.socket | None = None
        self._stream: Stream | None = None
        self._ended = Event()
        self._stopped: float | None = None

    @property
    def maria(self) -> bool:
        """True for MariaDB, which writes some things otherwise."""
        return "mariadb" in self._wire.version.lower()

    @property
    def reusable(self) -> bool:
        """True when nothing is left to read and nobody has stopped it."""
        unread = self._stream is not None and not self._stream.done
        return self._wire.open and not unread and self._stopped is None

    def connect(self, told: Behalf) -> None:
        """Open it, for reading only, with times in UTC, and say who asks."""
        line = socket.create_connection((self._address.host, self._address.port), CONNECT_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._line = line.dup()  # TLS takes the socket itself over
        self._wire.connect(line)
        mode = _SQL_MODE if self.maria else f"ONLY_FULL_GROUP_BY,{_SQL_MODE}"
        self.run(f"SET SESSION sql_mode = '{mode}', time_zone = '+00:00'")
        if told.role:
            self.run(f"SET ROLE {self._wire.escape(told.role)}")
        for name, value in told.variables:
            quoted = name.replace("`", "``")
            self.run(f"SET @`{quoted}` = {self._wire.escape(value)}")
        self.run("SET SESSION TRANSACTION READ ONLY")
        self._wire.wait_for_ever()

    def alive(self) -> bool:
        """Whether it still answers."""
        try:
            self._wire.ping(reconnect=False)
        except (MySQLError, OSError):
            return False
        return True

    def run(self, sql: str) -> None:
        """A statement of our own, without rows."""
        self._wire.query(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        with self._wire.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def start(self, sql: str, seconds: float) -> None:
        """Run one query; `batch` then has its rows. The server keeps the time too."""
        limit = f"max_statement_time = {seconds:.3f}" if self.maria else f"max_execution_time = {seconds * 1000:.0f}"
        self.run(f"SET SESSION {limit}")
        self._stream = self._wire.stream(sql)
        if self._stream is None:
            raise only_reading()

    def batch(self, rows: int, size: int) -> pa.RecordBatch | None:
        """The next record batch; None at the end."""
        return self._stream.batch(rows, size) if self._stream else None

    def stop(self) -> None:
        """End what runs, from any thread and without waiting; called again after a while it cuts the connection."""
        if self._stopped is None:
            self._stopped = monotonic()
            Thread(target=self._kill, daemon=True, name="mysql-stop").start()
        elif self._line and monotonic() - self._stopped > PATIENCE:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it, whatever state it is in."""
        self._ended.set()
        with suppress(OSError):
            self._wire.cut()
            if self._line:
                self._line.close()

    def _kill(self) -> None:
        """Ask until it ends: a request that comes before the query has started has no effect."""
        second = _wire(self._address, PATIENCE)
        with suppress(MySQLError, OSError, ValueError, AttributeError):  # not connected yet, or no longer
            number = self._wire.number
            second.connect()
            for _ in range(5):
                second.query(f"KILL QUERY {number}")
                if self._ended.wait(PATIENCE / 5):
                    break
        with suppress(MySQLError, OSError):
            second.cut()


def refuse_all_but_reading(sql: str) -> None:
    """Raise NotAllowed for what is not one reading query: the transaction keeps writes out, this the rest.

    A comment that the server would run as SQL, and INTO, which writes a file or a variable, are refused too.
    """
    try:
        tokens = tokenize(sql, read="mysql")
    except TokenError as error:
        raise Refused("The query could not be read.", next_step="Ask in other words.") from error
    if not tokens:
        raise Refused("The query is empty.", next_step="Ask in other words.")
    runs_comments = "/*!" in sql or "/*m!" in sql.lower()
    if runs_comments or not _READS.match(sql) or any(token.token_type is TokenType.INTO for token in tokens):
        raise only_reading()


def _wire(address: Address, seconds: float) -> Wire:
    return Wire(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        charset="utf8mb4",
        connect_timeout=seconds,
        read_timeout=seconds,
        autocommit=True,
        defer_connect=True,
        program_name="quillux",
        **address.ssl,
    )
