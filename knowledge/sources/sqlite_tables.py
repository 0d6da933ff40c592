"""Tables, views, columns, keys and comments of a SQLite file."""

import re
import sqlite3
from collections import defaultdict

from knowledge.catalog.comments import from_ddl, split_unit
from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.catalog.types import from_native

COUNTED = 20_000_000
"""A table whose row ids go beyond is taken to have that many rows; others are counted."""


def read_tables(database: sqlite3.Connection, source: str) -> tuple[Table, ...]:
    """Everything that can be said without looking at values, with the row counts of tables."""
    found = database.execute(
        "SELECT name, sql, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' AND sql IS NOT NULL AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
    ).fetchall()
    return tuple(table for name, sql, kind in found if (table := _table(database, source, name, sql, kind)))


def _table(database: sqlite3.Connection, source: str, name: str, sql: str, kind: str) -> Table | None:
    try:
        described = database.execute(
            'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1', (name,)
        )
        details = described.fetchall()
        rows = _rows(database, name, kind)
    except sqlite3.OperationalError:  # a view on a table that is gone
        return None
    comment, comments = from_ddl(sql)
    columns = tuple(_column(item, comments.get(item[0].lower(), "")) for item in details)
    keyed = tuple(item[0] for item in sorted(details, key=lambda item: item[3]) if item[3])
    definition = sql if kind == "view" else ""
    return Table(
        source, name, columns, "", keyed, _keys(database, name), rows, comment, kind=kind, definition=definition
    )


def _column(details: tuple[str, str, int, int], comment: str) -> Column:
    name, native, filled, primary = details
    text, unit = split_unit(comment)
    kind = from_native(native) if native else DataType.TEXT
    if kind is DataType.INTEGER and re.match(r"(is|has|was|can)_", name.lower()):
        kind = DataType.BOOLEAN
    return Column(name, kind, native, not (filled or primary), text, unit=unit)


def _keys(database: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    pairs: dict[int, list[tuple[str, str, str | None]]] = defaultdict(list)
    for id_, target, own, other in database.execute(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq', (name,)
    ):
        pairs[id_].append((target, own, other))
    keys = []
    for columns in pairs.values():
        target = columns[0][0]
        others = [other for _, _, other in columns if other] or _primary(database, target)
        if len(others) == len(columns):
            keys.append(ForeignKey(tuple(own for _, own, _ in columns), target, tuple(others)))
    return tuple(sorted(keys, key=lambda key: key.columns))


def _primary(database: sqlite3.Connection, table: str) -> list[str]:
    """A key may name its target table only; it then means that table's primary key."""
    return [row[0] for row in database.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (table,))]


def _rows(database: sqlite3.Connection, name: str, kind: str) -> int | None:
    """Rows of a table; None for a view, which may take any time to count."""
    if kind != "table":
        return None
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        (highest,) = database.execute(f"SELECT max(rowid) FROM {quoted}").fetchone()  # noqa: S608
        if highest and highest > COUNTED:
            return int(highest)
    except sqlite3.OperationalError:  # WITHOUT ROWID
        pass
    (rows,) = database.execute(f"SELECT count(*) FROM (SELECT 1 FROM {quoted} LIMIT {COUNTED})").fetchone()  # noqa: S608
    return int(rows)
