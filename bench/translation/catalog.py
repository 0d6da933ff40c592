"""A catalog of one SQLite file: tables, columns, keys and sampled values."""

import sqlite3
from pathlib import Path

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table

SAMPLES = 1_000


def catalog_of(path: Path) -> Catalog:
    """The catalog of a file as the single source `db`."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table' order by rowid")]
    tables = tuple(_table(connection, name) for name in names if not name.startswith("sqlite_"))
    connection.close()
    return Catalog(tables, {"db": "sqlite"})


def _table(connection: sqlite3.Connection, name: str) -> Table:
    info = connection.execute(f'pragma table_info("{name}")').fetchall()
    columns = tuple(_column(connection, name, row[1], row[2]) for row in info)
    key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
    return Table("db", name, columns, primary_key=key, keys=_keys(connection, name))


def _keys(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    found: dict[int, list[tuple[str, str, str]]] = {}
    for row in connection.execute(f'pragma foreign_key_list("{name}")'):
        target = row[4] or next((c[1] for c in connection.execute(f'pragma table_info("{row[2]}")') if c[5]), row[3])
        found.setdefault(row[0], []).append((row[3], row[2], target))
    return tuple(
        ForeignKey(tuple(p[0] for p in pairs), pairs[0][1], tuple(p[2] for p in pairs)) for pairs in found.values()
    )


def _column(connection: sqlite3.Connection, table: str, name: str, native: str) -> Column:
    quoted = '"' + name.replace('"', '""') + '"'
    rows = connection.execute(
        f'select {quoted}, count(*) from "{table}" where {quoted} is not null group by 1 order by 2 desc, 1 limit {SAMPLES}'
    ).fetchall()
    distinct = connection.execute(f'select count(distinct {quoted}) from "{table}"').fetchone()[0]
    values = tuple(str(row[0]) for row in rows)
    return Column(name, _type(native, [row[0] for row in rows]), native, values=values, distinct=distinct)


def _type(native: str, values: list[object]) -> DataType:
    native = native.lower()
    for words, kind in (
        (("bool",), DataType.BOOLEAN),
        (("timestamp", "datetime"), DataType.TIMESTAMP),
        (("date",), DataType.DATE),
        (("int", "year"), DataType.INTEGER),
        (("real", "float", "doub", "num", "dec"), DataType.NUMBER),
    ):
        if any(word in native for word in words):
            return kind
    if values and all(isinstance(value, int | float) for value in values):
        return DataType.NUMBER
    return DataType.TEXT
