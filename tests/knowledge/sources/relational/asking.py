"""What the tests of relational sources ask with."""

from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pymysql

from knowledge.asker import Asker
from knowledge.sources.collect import as_table
from knowledge.sources.port import Limits, Source


async def table(source: Source, sql: str, asker: Asker | None = None, limits: Limits | None = None) -> pa.Table:
    """All rows of a query, in one type a column."""
    return await as_table([batch async for batch in source.execute(sql, limits or Limits(), asker)])


async def cell(source: Source, sql: str) -> tuple[pa.DataType, Any]:
    """Type and value of the one cell that `SELECT sql AS x` gives, as the source itself gives it."""
    (batch,) = [batch async for batch in source.execute(f"SELECT {sql} AS x", Limits())]
    return batch.schema.field("x").type, batch.column(0)[0].as_py()


def say(address: str, *statements: str) -> None:
    """Run statements on a MariaDB server."""
    at = urlsplit(address)
    with closing(
        pymysql.connect(
            host=str(at.hostname),
            port=at.port or 3306,
            user=unquote(at.username or ""),
            password=unquote(at.password or ""),
            database=at.path[1:],
            autocommit=True,
        )
    ) as database:
        for statement in statements:
            database.cursor().execute(statement)
