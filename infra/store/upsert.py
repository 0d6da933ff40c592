"""Insert a row unless its key is taken: the one statement on which exactly-once rests."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel


async def insert_once(engine: AsyncEngine, table: type[SQLModel], **values: Any) -> bool:
    """Insert; True when this call made the row, False when the primary key stood already."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    # The row itself is asked for: not every driver counts what an insert made.
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*inspect(table).primary_key)
    async with engine.begin() as connection:
        return (await connection.execute(statement)).first() is not None


async def upsert(engine: AsyncEngine, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same fields, overwriting those with the same primary key, in one transaction."""
    if not rows:
        return
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in inspect(table).primary_key]
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    async with engine.begin() as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=changes), [dict(row) for row in rows]
        )


async def replace(engine: AsyncEngine, table: type[SQLModel], **values: Any) -> None:
    """Insert, or overwrite the row with the same primary key."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in inspect(table).primary_key]
    changes = {name: value for name, value in values.items() if name not in keys}
    statement = insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changes)
    async with engine.begin() as connection:
        await connection.execute(statement)
