"""Insert a row unless its key is taken: the one statement on which exactly-once rests."""

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


async def replace(engine: AsyncEngine, table: type[SQLModel], **values: Any) -> None:
    """Insert, or overwrite the row with the same primary key."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in inspect(table).primary_key]
    changes = {name: value for name, value in values.items() if name not in keys}
    statement = insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changes)
    async with engine.begin() as connection:
        await connection.execute(statement)
