"""Values of Python drivers as Arrow."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest

from knowledge.sources.collect import as_table
from knowledge.sources.sdk.rows import batch_of

NOON = datetime(2025, 3, 1, 12, 0, 0, 5)


@pytest.mark.parametrize(
    ("values", "kind", "came"),
    [
        ([1, None, 3], pa.int64(), [1, None, 3]),
        ([2**70, 1], pa.float64(), [float(2**70), 1.0]),
        ([True, None], pa.bool_(), [True, None]),
        ([1, 0.5], pa.float64(), [1.0, 0.5]),
        ([Decimal("1.50"), 2], pa.decimal128(38, 2), [Decimal("1.50"), Decimal("2.00")]),
        ([Decimal("NaN"), Decimal(1)], pa.float64(), None),
        ([date(2025, 1, 2), None], pa.date32(), [date(2025, 1, 2), None]),
        ([NOON], pa.timestamp("us"), [NOON]),
        ([NOON.replace(tzinfo=UTC)], pa.timestamp("us", "UTC"), [NOON.replace(tzinfo=UTC)]),
        ([NOON, NOON.replace(tzinfo=UTC)], pa.string(), [str(NOON), str(NOON.replace(tzinfo=UTC))]),
        ([time(9, 30)], pa.time64("us"), [time(9, 30)]),
        ([timedelta(days=2)], pa.duration("us"), [timedelta(days=2)]),
        ([b"a\0"], pa.binary(), [b"a\0"]),
        ([UUID(int=5)], pa.string(), [str(UUID(int=5))]),
        ([{"a": [1, None]}, [b"\xff"]], pa.string(), ['{"a": [1, null]}', '["ff"]']),
        ([None, None], pa.null(), [None, None]),
        ([1, "x"], pa.string(), ["1", "x"]),
    ],
)
def test_a_value_keeps_its_type(values: list[object], kind: pa.DataType, came: list[object] | None) -> None:
    batch = batch_of(["v"], [(value,) for value in values])
    assert batch.schema.field("v").type == kind
    assert came is None or batch.column(0).to_pylist() == came


async def test_a_column_is_widened_when_a_later_value_does_not_fit() -> None:
    first = batch_of(["a", "b", "c"], [(1, Decimal("1.5"), None)])
    second = batch_of(["a", "b", "c"], [(2.5, Decimal("2.25"), "x")], first.schema)
    table = await as_table([first, second])
    assert table.to_pylist() == [{"a": 1.0, "b": 1.5, "c": None}, {"a": 2.5, "b": 2.25, "c": "x"}]


def test_a_later_batch_of_fewer_digits_keeps_the_schema() -> None:
    first = batch_of(["a"], [(Decimal("1.25"),)])
    assert batch_of(["a"], [(Decimal(3),)], first.schema).schema == first.schema
    assert batch_of(["a"], [(None,)], first.schema).schema == first.schema
    assert batch_of(["a"], [], first.schema).schema == first.schema
