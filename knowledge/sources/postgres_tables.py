"""Tables, views, columns, keys and comments of a PostgreSQL database, as far as the role may read them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.sources.types.postgres import POSTGRES

Ask = Callable[[str], Awaitable[Sequence[Sequence[Any]]]]

COUNTED = 1_000_000
"""Of tables that the server takes to be larger its own count is taken; the others are left to be counted."""

_RELATIONS = """
SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::float8,
       obj_description(c.oid, 'pg_class'), pg_get_userbyid(c.relowner)::text,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY n.nspname <> 'public', n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid::int8, a.attname::text,
       CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
       ELSE format_type(a.atttypid, a.atttypmod) END, a.attnotnull, col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema' AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
SELECT k.conrelid::int8, k.contype::text, t.relname::text, n.nspname::text, o.nspname::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, o)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.o),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, o)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.o)
FROM pg_constraint k JOIN pg_namespace o ON o.oid = k.connamespace
LEFT JOIN pg_class t ON t.oid = k.confrelid LEFT JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype IN ('p', 'f') ORDER BY k.conname
"""


async def read_tables(ask: Ask, source: str) -> tuple[Table, ...]:
    """Everything that can be said without looking at values, with the row counts of large tables."""
    columns: dict[int, list[Column]] = defaultdict(list)
    for oid, name, native, filled, comment in await ask(_COLUMNS):
        text, unit = split_unit(comment or "")
        columns[oid].append(Column(name, POSTGRES.holds(native), native, not filled, text, unit=unit))
    primary, foreign = await _keys(ask)
    tables = []
    for oid, schema, name, kind, tuples, comment, owner, definition in await ask(_RELATIONS):
        tables.append(
            Table(
                source,
                name,
                tuple(columns[oid]),
                "" if schema == "public" else schema,
                primary.get(oid, ()),
                tuple(foreign[oid]),
                int(tuples) if kind in ("r", "m", "p") and tuples > COUNTED else None,
                comment or "",
                kind="view" if kind in ("v", "m") else "table",
                definition=definition or "",
                owner=owner,
            )
        )
    return tuple(table for table in tables if table.columns)


async def _keys(ask: Ask) -> tuple[dict[int, tuple[str, ...]], dict[int, list[ForeignKey]]]:
    primary: dict[int, tuple[str, ...]] = {}
    foreign: dict[int, list[ForeignKey]] = defaultdict(list)
    for oid, kind, target, schema, home, own, other in await ask(_CONSTRAINTS):
        if kind == "p":
            primary[oid] = tuple(own)
        else:
            elsewhere = None if schema == home else "" if schema == "public" else schema
            foreign[oid].append(ForeignKey(tuple(own), target, tuple(other), schema=elsewhere))
    return primary, foreign
