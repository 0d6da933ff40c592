"""The catalog: stored and loaded, types and comments read, keys inferred."""

import pytest

from knowledge.catalog.codec import dumps, loads
from knowledge.catalog.comments import from_ddl, split_unit
from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.catalog.naming import singular
from knowledge.catalog.types import from_native, from_text

CATALOG = Catalog(
    (
        Table(
            "shop",
            "orders",
            (
                Column("id", DataType.INTEGER, "INT", False),
                Column("näme", DataType.TEXT, values=("a", "b"), distinct=2),
            ),
            primary_key=("id",),
            keys=(ForeignKey(("id",), "x", ("id",), declared=False, evidence="same name"),),
            rows=3,
        ),
    ),
    {"shop": "sqlite"},
)


def test_a_stored_catalog_is_the_same_catalog() -> None:
    loaded = loads(dumps(CATALOG))
    assert loaded == CATALOG
    assert loaded.version == CATALOG.version


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": 9}', '{"format": 1, "tables": [1], "dialects": {}}']
)
def test_other_text_is_no_catalog(text: str) -> None:
    with pytest.raises(ValueError, match=r"catalog|JSON|Expecting"):
        loads(text)


@pytest.mark.parametrize(
    ("native", "kind"),
    [
        ("INTEGER", DataType.INTEGER), ("bigint", DataType.INTEGER), ("int4", DataType.INTEGER),
        ("UBIGINT", DataType.INTEGER), ("int(11) unsigned", DataType.INTEGER), ("unsigned big int", DataType.INTEGER),
        ("DECIMAL(10,2)", DataType.NUMBER), ("double precision", DataType.NUMBER), ("REAL", DataType.NUMBER),
        ("VARCHAR(20)", DataType.TEXT), ("character varying", DataType.TEXT), ("uuid", DataType.TEXT),
        ("timestamp with time zone", DataType.TIMESTAMP), ("DATETIME", DataType.TIMESTAMP), ("date", DataType.DATE),
        ("time without time zone", DataType.TIME), ("BOOLEAN", DataType.BOOLEAN), ("jsonb", DataType.JSON),
        ("bytea", DataType.BINARY), ("BLOB", DataType.BINARY), ("integer[]", DataType.OTHER),
        ("STRUCT(a INTEGER)", DataType.OTHER), ("interval", DataType.OTHER), ("point", DataType.OTHER),
    ],
)  # fmt: skip
def test_a_declared_type_is_understood(native: str, kind: DataType) -> None:
    assert from_native(native) is kind


def test_iso_text_is_a_date_only_when_all_of_it_is() -> None:
    assert from_text(["2025-01-31", "2024-02-29"]) is DataType.DATE
    assert from_text(["2025-01-31 10:00", "2025-01-31T10:00:00.5Z", "2025-01-31"]) is DataType.TIMESTAMP
    assert from_text(["2025-01-31", "unknown"]) is None
    assert from_text(["2025-13-01"]) is None
    assert from_text([]) is None


def test_comments_are_read_from_the_create_statement() -> None:
    lines = [
        "CREATE TABLE t ( -- All of it",
        "id INT, -- The key",
        "\"odd name\" TEXT DEFAULT 'a-b', -- Odd [kg]",
        "x INT)",
    ]
    sql = "\n".join(lines)
    assert from_ddl(sql) == ("All of it", {"id": "The key", "odd name": "Odd [kg]"})
    assert split_unit("Odd [kg]") == ("Odd", "kg")
    assert split_unit("No unit") == ("No unit", "")


@pytest.mark.parametrize(
    ("many", "one"),
    [("orders", "order"), ("categories", "category"), ("addresses", "address"), ("boxes", "box"), ("glass", "glass")],
)
def test_a_table_name_has_a_singular(many: str, one: str) -> None:
    assert singular(many) == one
