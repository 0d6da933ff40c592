"""Tables, views, columns, keys and comments of a MySQL or MariaDB database, as far as the user may read them."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.sources.types.mysql import MYSQL

Ask = Callable[[str], Awaitable[Sequence[Sequence[Any]]]]

COUNTED = 1_000_000
"""Of tables that the server takes to be larger its own count is taken; the others are left to be counted."""

_TABLES = """
SELECT t.table_name, t.table_type, t.table_rows, t.table_comment, v.view_definition, v.definer
FROM information_schema.tables t
LEFT JOIN information_schema.views v ON v.table_schema = t.table_schema AND v.table_name = t.table_name
WHERE t.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
ORDER BY t.table_name
"""
_COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, column_comment, privileges
FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
_KEYS = """
SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name,
       referenced_column_name, DATABASE()
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND (constraint_name = 'PRIMARY' OR referenced_table_name IS NOT NULL)
ORDER BY table_name, constraint_name, ordinal_position
"""
_CHECKS = (
    "SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()"
)
_JSON = re.compile(r"\s*json_valid\(`(.+)`\)\s*", re.IGNORECASE)


async def read_tables(ask: Ask, source: str, *, maria: bool) -> tuple[Table, ...]:
    """Everything that can be said without looking at values, with the row counts of large tables."""
    documents = await _documents(ask) if maria else frozenset()
    columns: dict[str, list[Column]] = defaultdict(list)
    for table, name, native, nullable, comment, rights in await ask(_COLUMNS):
        if rights and "select" not in str(rights).lower():
            continue
        kind = "json" if (table, name) in documents else str(native)
        text, unit = split_unit(str(comment or ""))
        columns[table].append(Column(str(name), MYSQL.holds(kind), kind, nullable == "YES", text, unit=unit))
    primary, foreign = await _keys(ask)
    found = []
    for name, kind, rows, comment, definition, definer in await ask(_TABLES):
        view = kind == "VIEW"
        found.append(
            Table(
                source,
                str(name),
                tuple(columns[name]),
                primary_key=tuple(primary[name]),
                keys=tuple(foreign[name]),
                rows=int(rows) if rows and not view and int(rows) > COUNTED else None,
                comment="" if view else str(comment or ""),
                kind="view" if view else "table",
                definition=str(definition or ""),
                owner=str(definer or ""),
            )
        )
    return tuple(table for table in found if table.columns)


async def read_rows(ask: Ask) -> dict[str, int]:
    """Rows by the server's own statistics, by lower-case name."""
    found = await ask("SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {str(name).lower(): int(rows) for name, rows in found if rows is not None}


async def _keys(ask: Ask) -> tuple[dict[str, list[str]], dict[str, list[ForeignKey]]]:
    primary: dict[str, list[str]] = defaultdict(list)
    pairs: dict[tuple[str, str], list[Sequence[Any]]] = defaultdict(list)
    for table, constraint, column, schema, target, other, own in await ask(_KEYS):
        if target is None:
            primary[table].append(str(column))
        else:
            pairs[table, constraint].append((column, target, other, None if schema == own else str(schema)))
    foreign: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, _), parts in pairs.items():
        own_columns, others = tuple(str(part[0]) for part in parts), tuple(str(part[2]) for part in parts)
        foreign[table].append(ForeignKey(own_columns, str(parts[0][1]), others, schema=parts[0][3]))
    return primary, foreign


async def _documents(ask: Ask) -> frozenset[tuple[str, str]]:
    """MariaDB keeps JSON as text under a check that it is JSON."""
    found = [(str(table), _JSON.fullmatch(str(clause))) for table, clause in await ask(_CHECKS)]
    return frozenset((table, match[1].replace("``", "`")) for table, match in found if match)
