"""Tables, views, keys and comments of a DuckDB database, from its own system tables."""

from collections import defaultdict

import duckdb

from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.catalog.types import from_native
from knowledge.sources.sdk.duck import quoted

_DEFAULT = "main"
_TABLES = """
SELECT schema_name, table_name, comment, 'table', '' FROM duckdb_tables()
WHERE NOT internal AND NOT temporary AND database_name = current_database()
UNION ALL
SELECT schema_name, view_name, comment, 'view', sql FROM duckdb_views()
WHERE NOT internal AND NOT temporary AND database_name = current_database()
ORDER BY 1, 2
"""
_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()
WHERE NOT internal AND database_name = current_database() ORDER BY schema_name, table_name, column_index
"""
_KEYS = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints() WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
"""

Place = tuple[str, str]


def read_tables(lane: duckdb.DuckDBPyConnection, source: str) -> tuple[Table, ...]:
    """All that a query may name; a table of the schema `main` has no schema here. Views are not counted."""
    columns: dict[Place, list[Column]] = defaultdict(list)
    for schema, table, name, native, nullable, comment in lane.execute(_COLUMNS).fetchall():
        text, unit = split_unit(comment or "")
        columns[schema, table].append(Column(name, from_native(native), native, bool(nullable), text, unit=unit))
    primary, foreign = _keys(lane)
    found = []
    for schema, name, comment, kind, definition in lane.execute(_TABLES).fetchall():
        place = (schema, name)
        if not columns[place]:
            continue
        table = Table(
            source, name, tuple(columns[place]), "" if schema == _DEFAULT else schema,
            primary.get(place, ()), tuple(foreign[place]), _rows(lane, place) if kind == "table" else None,
            comment or "", kind, definition,
        )  # fmt: skip
        found.append(table)
    return tuple(found)


def _keys(lane: duckdb.DuckDBPyConnection) -> tuple[dict[Place, tuple[str, ...]], dict[Place, list[ForeignKey]]]:
    primary: dict[Place, tuple[str, ...]] = {}
    foreign: dict[Place, list[ForeignKey]] = defaultdict(list)
    for schema, table, kind, names, target, target_names in lane.execute(_KEYS).fetchall():
        if kind == "PRIMARY KEY":
            primary[schema, table] = tuple(names)
        else:
            foreign[schema, table].append(ForeignKey(tuple(names), target, tuple(target_names)))
    return primary, foreign


def _rows(lane: duckdb.DuckDBPyConnection, place: Place) -> int:
    name = ".".join(quoted(part) for part in place)
    (rows,) = lane.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)  # noqa: S608
    return int(rows)
