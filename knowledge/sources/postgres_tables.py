"""Tables, views, columns, keys and comments of a PostgreSQL database, as far as the role may read them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.catalog.types import from_native

Ask = Callable[[str], Awaitable[Sequence[Sequence[object]]]]

COUNTED = 1_000_000
"""Of tables that the server takes to be larger its own count is taken; the others are left to be counted."""

_RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND has_schema_privilege(n.oid, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY n.nspname <> 'public', n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attname, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
       ELSE format_type(a.atttypid, a.atttypmod) END, a.attnotnull, col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema' AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
SELECT k.conrelid, k.contype, t.relname,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, o)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.o),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, o)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.o)
FROM pg_constraint k LEFT JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype IN ('p', 'f') ORDER BY k.conname
"""


async def read_tables(ask: Ask, source: str) -> tuple[Table, ...]:
    """Everything that can be said without looking at values, with the row counts of large tables."""
    columns: dict[object, list[Column]] = defaultdict(list)
    for oid, name, native, filled, comment in await ask(_COLUMNS):
        text, unit = split_unit(str(comment or ""))
        columns[oid].append(Column(str(name), from_native(str(native)), str(native), not filled, text, unit=unit))
    primary, foreign = await _keys(ask)
    tables = []
    for oid, schema, name, kind, tuples, comment in await ask(_RELATIONS):
        place = "" if schema == "public" else str(schema)
        large = kind in ("r", "m", "p") and float(str(tuples)) > COUNTED
        rows = int(float(str(tuples))) if large else None
        keys = tuple(foreign[oid])
        tables.append(
            Table(source, str(name), tuple(columns[oid]), place, primary.get(oid, ()), keys, rows, str(comment or ""))
        )
    return tuple(table for table in tables if table.columns)


async def _keys(ask: Ask) -> tuple[dict[object, tuple[str, ...]], dict[object, list[ForeignKey]]]:
    primary: dict[object, tuple[str, ...]] = {}
    foreign: dict[object, list[ForeignKey]] = defaultdict(list)
    for oid, kind, target, own, other in await ask(_CONSTRAINTS):
        names = tuple(map(str, own)) if isinstance(own, list) else ()
        if kind in ("p", b"p"):
            primary[oid] = names
        else:
            others = tuple(map(str, other)) if isinstance(other, list) else ()
            foreign[oid].append(ForeignKey(names, str(target), others))
    return primary, foreign
