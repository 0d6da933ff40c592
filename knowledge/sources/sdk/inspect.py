"""Tables of any database that SQLAlchemy knows, by its inspector."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.catalog.types import from_native

T = TypeVar("T")


def read_tables(
    connection: sa.Connection, source: str, schemas: Sequence[str], system: Sequence[str] = ()
) -> tuple[Table, ...]:
    """Tables and views of these schemas; of the default one (written without its name) if none are given, `*` for all.

    What a dialect can't tell (keys, comments) is left empty; a table or view that can't be described is left out.
    """
    inspector = sa.inspect(connection)
    name = connection.dialect.denormalize_name if connection.dialect.requires_name_normalize else str
    found = []
    for schema in _schemas(inspector, schemas, system):
        for kind, names in _names(inspector, schema):
            described = (_table(inspector, source, schema, table, kind, name) for table in names)
            found += [table for table in described if table is not None]
    return tuple(found)


def _schemas(inspector: sa.Inspector, wanted: Sequence[str], system: Sequence[str]) -> Sequence[str | None]:
    if not wanted:
        return (None,)
    if "*" not in wanted:
        return wanted
    return [schema for schema in inspector.get_schema_names() if schema.lower() not in system]


def _names(inspector: sa.Inspector, schema: str | None) -> Sequence[tuple[str, Sequence[str]]]:
    views = set(_told(lambda: inspector.get_view_names(schema)) or ())
    tables = [table for table in inspector.get_table_names(schema) if table not in views]
    return (("table", sorted(tables)), ("view", sorted(views)))


def _table(
    inspector: sa.Inspector, source: str, schema: str | None, table: str, kind: str, name: Callable[[str], str]
) -> Table | None:
    columns = _told(lambda: inspector.get_columns(table, schema)) or []
    if not columns:
        return None
    key: Any = _told(lambda: inspector.get_pk_constraint(table, schema)) or {}
    comment: Any = _told(lambda: inspector.get_table_comment(table, schema)) or {}
    keys = _told(lambda: inspector.get_foreign_keys(table, schema)) or []
    return Table(
        source,
        name(table),
        tuple(_column(inspector, column, name) for column in columns),
        schema=name(schema) if schema else "",
        primary_key=tuple(name(part) for part in key.get("constrained_columns") or ()),
        keys=tuple(_key(each, schema, name) for each in keys if each["constrained_columns"]),
        comment=comment.get("text") or "",
        kind=kind,
        definition=(_told(lambda: inspector.get_view_definition(table, schema)) or "") if kind == "view" else "",
    )


def _column(inspector: sa.Inspector, column: Any, name: Callable[[str], str]) -> Column:
    native = _told(lambda: str(column["type"].compile(inspector.dialect))) or type(column["type"]).__name__
    comment, unit = split_unit(column.get("comment") or "")
    nullable = bool(column.get("nullable", True))
    return Column(name(column["name"]), from_native(native), native, nullable, comment=comment, unit=unit)


def _key(key: Any, schema: str | None, name: Callable[[str], str]) -> ForeignKey:
    there = key.get("referred_schema")
    return ForeignKey(
        tuple(name(part) for part in key["constrained_columns"]),
        name(key["referred_table"]),
        tuple(name(part) for part in key["referred_columns"]),
        schema=name(there) if there and there != schema else None,
    )


def _told(ask: Callable[[], T]) -> T | None:
    """What the inspector says; None where the dialect can't say, or the database will not."""
    try:
        return ask()
    except (SQLAlchemyError, NotImplementedError, AttributeError):
        return None
