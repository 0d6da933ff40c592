"""A server of Trino's HTTP protocol for tests: statements, pages, cancel, errors, session; DuckDB answers."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

PAGE = 700
WAIT = 0.2
"""Seconds for which the server holds a request back while the query runs, as Trino does."""

_SYSTEM = """
CREATE SCHEMA info;
CREATE VIEW info.schemata AS SELECT schema_name FROM duckdb_schemas() WHERE database_name = 'memory';
CREATE VIEW info.tables AS SELECT schema_name AS table_schema, table_name, 'BASE TABLE' AS table_type
    FROM duckdb_tables() WHERE NOT internal AND table_name <> 'table_comments';
CREATE VIEW info.views AS SELECT schema_name AS table_schema, view_name AS table_name, sql AS view_definition
    FROM duckdb_views() WHERE NOT internal AND schema_name <> 'info';
CREATE VIEW info.columns AS SELECT schema_name AS table_schema, table_name, column_name, column_default, comment,
    column_index AS ordinal_position, CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable,
    CASE data_type WHEN 'TIMESTAMP' THEN 'timestamp(6)' ELSE lower(data_type) END AS data_type
    FROM duckdb_columns() WHERE NOT internal;
CREATE VIEW info.table_comments AS SELECT 'memory' AS catalog_name, schema_name, table_name, comment
    FROM duckdb_tables() WHERE NOT internal;
"""


class Query:
    """One statement; it runs in a thread from when it is posted."""

    def __init__(self, number: int, database: duckdb.DuckDBPyConnection, sql: str) -> None:
        self.id = f"20250101_000000_{number:05d}_quill"
        self.ready = threading.Event()
        self.columns: list[dict[str, Any]] = []
        self.error: dict[str, Any] | None = None
        self.lane = database.cursor()
        threading.Thread(target=self._run, args=(sql,), daemon=True).start()

    def page(self) -> list[list[Any]]:
        """The next rows; empty at the end."""
        return [[_json(value) for value in row] for row in self.lane.fetchmany(PAGE)]

    def _run(self, sql: str) -> None:
        try:
            self.lane.execute(to_duckdb(sql))
            self.columns = [_column(name, str(kind)) for name, kind, *_ in self.lane.description or []]
        except (duckdb.Error, SqlglotError, RecursionError) as error:
            cancelled = isinstance(error, duckdb.InterruptException)
            self.error = {
                "message": f"line 1:1: {str(error).splitlines()[0]}" if str(error) else type(error).__name__,
                "errorCode": 1,
                "errorName": "USER_CANCELED" if cancelled else "SYNTAX_ERROR",
                "errorType": "USER_ERROR",
                "failureInfo": {"type": "test", "message": "", "suppressed": [], "stack": []},
            }
        self.ready.set()


class Trino(ThreadingHTTPServer):
    """Listens on a free port. `statements` are all that were posted, `cancelled` the ids of those deleted."""

    daemon_threads = True

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        database.execute(_SYSTEM)
        self.database = database
        self.statements: list[str] = []
        self.cancelled: list[str] = []
        self.queries: dict[str, Query] = {}
        self.failing = 0
        """So many requests are answered with 503 before the next one is answered rightly."""

        self._moved = threading.Condition()

    def wait(self, happened: Callable[[], bool]) -> bool:
        """Wait until something that the server was asked makes this true; False after ten seconds."""
        with self._moved:
            return self._moved.wait_for(happened, 10)

    def moved(self) -> None:
        """Something was asked."""
        with self._moved:
            self._moved.notify_all()

    @property
    def address(self) -> str:
        """As a source is given it."""
        return f"trino://quillux@127.0.0.1:{self.server_port}/memory/main"


class Handler(BaseHTTPRequestHandler):
    """POST starts, GET fetches the next page, DELETE cancels."""

    server: Trino
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.failing:
            self.server.failing -= 1
            self._send(None, status=503)
            return
        self.server.statements.append(sql)
        if found := re.fullmatch(r"SET SESSION (\w+) = '(.*)'", sql.strip()):
            self._send({"id": "set", "infoUri": "", "stats": _stats("FINISHED"), "updateType": "SET SESSION"}, {
                "X-Trino-Set-Session": f"{found[1]}={found[2]}"
            })  # fmt: skip
            return
        query = Query(len(self.server.statements), self.server.database, sql)
        self.server.queries[query.id] = query
        self.server.moved()
        self._send({"id": query.id, "infoUri": "", "nextUri": self._next(query, 0), "stats": _stats("QUEUED")})

    def do_GET(self) -> None:
        name, token = self.path.split("/")[4:6]
        query = self.server.queries[name]
        answer: dict[str, Any] = {"id": query.id, "infoUri": ""}
        if not query.ready.wait(WAIT):
            self._send({**answer, "nextUri": self._next(query, int(token) + 1), "stats": _stats("RUNNING")})
        elif query.error:
            self._send({**answer, "error": query.error, "stats": _stats("FAILED")})
        else:
            rows = query.page()
            more = {"nextUri": self._next(query, int(token) + 1), "data": rows} if rows else {}
            state = _stats("RUNNING" if rows else "FINISHED")
            self._send({**answer, "columns": query.columns, **more, "stats": state})

    def do_DELETE(self) -> None:
        name = self.path.split("/")[4]
        self.server.cancelled.append(name)
        self.server.queries[name].lane.interrupt()
        self.server.moved()
        self._send(None, status=204)

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _next(self, query: Query, token: int) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/statement/executing/{query.id}/{token}"

    def _send(self, body: Any, headers: dict[str, str] | None = None, status: int = 200) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(text)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def trino_server(database: duckdb.DuckDBPyConnection) -> Iterator[Trino]:
    """A running server over this database."""
    server = Trino(database)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def to_duckdb(sql: str) -> str:
    """A statement in Trino's SQL as DuckDB runs it; system tables are those of this server."""
    if found := re.fullmatch(r"EXECUTE IMMEDIATE '(.*?)'(?: USING (.*))?", sql.strip(), re.DOTALL):
        values = iter(re.findall(r"'(?:[^']|'')*'|\d+", found[2] or ""))
        sql = re.sub(r"\?", lambda _: next(values), found[1].replace("''", "'"))
    (tree,) = sqlglot.parse(sql, read="trino")
    if tree is None:
        raise SqlglotError("mismatched input '<EOF>'")
    for table in tree.find_all(exp.Table):
        if table.db in ("information_schema", "metadata"):
            table.set("catalog", None)
            table.set("db", exp.to_identifier("info"))
    return tree.sql("duckdb")


def _column(name: str, kind: str) -> dict[str, Any]:
    lowered = kind.lower()
    types = {"timestamp": "timestamp(6)", "hugeint": "decimal(38,0)", "int32": "integer"}
    type_ = types.get(lowered, lowered)
    raw, _, numbers = type_.partition("(")
    arguments = [{"kind": "LONG", "value": int(number)} for number in re.findall(r"\d+", numbers)]
    if raw == "varchar" and not arguments:
        arguments = [{"kind": "LONG", "value": 2_147_483_647}]
    return {"name": name, "type": type_, "typeSignature": {"rawType": raw, "arguments": arguments}}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return str(value) if isinstance(value, date | Decimal) else value


def _stats(state: str) -> dict[str, Any]:
    return {"state": state, "queued": state == "QUEUED", "scheduled": True, "nodes": 1}
