"""Frames and Arrow tables in memory, asked like any other source."""

import pandas as pd
import pyarrow as pa
import pytest

from knowledge.catalog.model import DataType
from knowledge.errors import SourceUnavailable
from knowledge.sources.frames import FramesSource
from knowledge.sources.port import Limits


async def rows(source: FramesSource, sql: str) -> list[dict[str, object]]:
    return [row async for batch in source.execute(sql, Limits()) for row in batch.to_pylist()]


async def test_a_frame_and_an_arrow_table_are_joined() -> None:
    orders = pd.DataFrame({"city": ["Oslo", "Lyon", None], "price": [2.5, 4.0, 1.0]})
    cities = pa.table({"city": ["Oslo", "Lyon"], "country": ["Norway", "France"]})
    source = FramesSource("memory", {"orders": orders, "cities": cities})
    found = await rows(source, "SELECT country, price FROM orders JOIN cities USING (city) ORDER BY price")
    assert found == [{"country": "Norway", "price": 2.5}, {"country": "France", "price": 4.0}]
    await source.close()


async def test_an_index_with_a_name_is_a_column_and_a_frame_is_taken_as_it_is_now() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    source = FramesSource("memory", {"t": frame})
    frame["n"] = 9
    (table,) = await source.introspect()
    assert {column.name: column.type for column in table.columns} == {"n": DataType.INTEGER, "key": DataType.TEXT}
    assert await rows(source, "SELECT sum(n) AS s FROM t") == [{"s": 3}]
    await source.close()


def test_what_is_no_frame_is_refused_in_words() -> None:
    with pytest.raises(SourceUnavailable, match="“t” is no frame and no Arrow table, but int"):
        FramesSource("memory", {"t": 7})
