"""The YAML of an API: every mistake names its key and line; secrets in it are refused."""

import re
from pathlib import Path

import pytest

from knowledge.catalog.model import DataType
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening
from knowledge.sources.registry import open_source
from knowledge.sources.rest.described_yaml import described
from tests.knowledge.sources.rest.conftest import Open, rows
from tests.knowledge.sources.rest.server import Answered, Api

TABLES = "tables:\n  items:\n    path: /items\n"
BASE = "base: https://api.example.com\n"
README = Path("knowledge/sources/rest/README.md")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("- a", "must be a mapping"),
        (TABLES, "has no key “base”"),
        (BASE, "has no key “tables”"),
        (BASE + "tables: {}", "“tables” (line 2) names no table"),
        ("base: ftp://x\n" + TABLES, "“base” (line 1) must be an http or https address"),
        ("base: https://x?y=1\n" + TABLES, "“base” (line 1) must be an address without"),
        (BASE + "table: {}\n" + TABLES, "“table” (line 2) is not known here; known are base"),
        (BASE + BASE + TABLES, "“base” (line 2) is given twice"),
        (BASE + TABLES + "    colums: {}\n", "“tables.items.colums” (line 5) is not known"),
        (BASE + TABLES + "    columns: {a: strange}\n", "“tables.items.columns.a” (line 5) must be one of text"),
        (BASE + TABLES + "    columns: {a: {from: b}}\n", "has no key “type”"),
        (BASE + TABLES + "    columns: {a: text}\n    key: b\n", "“tables.items.key” (line 6) names “b”"),
        (BASE + TABLES + "    pages: {kind: cursor, param: a}\n", "has no key “next”"),
        (BASE + TABLES + "    pages: {kind: pages}\n", "must be one of page, offset"),
        (BASE + TABLES + "    columns: {a: text}\n    filters: {b: {'=': b}}\n", "is no column"),
        (BASE + TABLES + "    filters: {b: {'<>': b}}\n", "“tables.items.filters.b.<>” (line 5) is not known"),
        (BASE + "limits: {pages: many}\n" + TABLES, "“limits.pages” (line 2) must be a number"),
        (BASE + "limits: {parallel: 9999}\n" + TABLES, "must be between"),
        (BASE + "auth: {kind: magic}\n" + TABLES, "“auth.kind” (line 2) must be one of"),
        (BASE + "auth: {kind: key, value: '${env:A}'}\n" + TABLES, "either a header or a query"),
        (BASE + "tables: {items: {path: items}}\n", "must begin with one /"),
        (BASE + "tables: {items: {path: /../admin}}\n", "must begin with one /"),
        (BASE + "tables: {'it; DROP': {path: /items}}\n", "is no name of a table"),
        (BASE + 'headers: {X-A: "a\\r\\nb: c"}\n' + TABLES, "is no header"),
        ("a: &x [1]\nb: *x\n", "alias"),
        ("a: [", "is no YAML"),
        ("a: !!python/object/apply:os.system [echo]\n" + BASE + TABLES, "is not known"),
        ("x: " + "[" * 100 + "]" * 100, "nested too deeply"),
        ("#" * 300_000, "is larger than"),
    ],
)
def test_a_mistake_names_its_key_and_line(text: str, says: str) -> None:
    with pytest.raises(SourceUnavailable, match=re.escape(says)) as error:
        described(text)
    assert error.value.next_step


@pytest.mark.parametrize(
    "line",
    [
        "auth: {kind: bearer, token: hunter2}",
        "auth: {kind: basic, user: ann, password: hunter2}",
        "auth: {kind: key, header: X-Key, value: hunter2}",
        "auth: {kind: oauth, token_url: 'https://x/token', client_id: a, client_secret: hunter2}",
        "headers: {Authorization: Bearer hunter2hunter2}",
        "headers: {X-Api-Key: hunter2}",
        "headers: {X-Odd: ghp_hunter2hunter2hunter2hunter2}",
        "headers: {X-Odd: hunter2hunter2hunter2hunter2hunter2}",
    ],
)
def test_a_secret_in_plain_text_is_refused_with_the_right_way(line: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"\(line 2\).*plain text") as error:
        described(f"{BASE}{line}\n{TABLES}")
    assert "${env:NAME}" in error.value.next_step
    assert "hunter2" not in str(error.value)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(SourceUnavailable) as error:
        described("base: https://ann:hunter2@api.example.com\n" + TABLES)
    assert "hunter2" not in str(error.value)


def test_a_column_may_be_called_token() -> None:
    api = described(BASE + TABLES + "    columns: {token: text, password: {type: text, from: a.b}}\n")
    assert [column.name for column in api.tables["items"].columns] == ["token", "password"]


async def test_columns_are_inferred_from_the_first_page(api: Api, opened: Open) -> None:
    api.routes["/items"] = lambda asked: Answered(
        [
            {"id": 1, "price": 2, "day": "2026-01-01", "tags": ["a"], "ok": True, "a.b": "x", "odd": 1},
            {"id": 2, "price": 2.5, "day": None, "tags": {}, "ok": None, "at": "2026-01-01T10:00:00Z", "odd": "y"},
        ]
    )
    source = opened("base: BASE\n" + TABLES)
    (table,) = await source.introspect()
    assert {column.name: column.type for column in table.columns} == {
        "id": DataType.INTEGER,
        "price": DataType.NUMBER,
        "day": DataType.DATE,
        "tags": DataType.TEXT,
        "ok": DataType.BOOLEAN,
        "a.b": DataType.TEXT,
        "odd": DataType.TEXT,
        "at": DataType.TIMESTAMP,
    }
    assert await rows(source, 'SELECT "a.b" AS x, tags FROM items ORDER BY id') == [
        {"x": "x", "tags": '["a"]'},
        {"x": None, "tags": "{}"},
    ]


async def test_a_table_that_is_one_reply_stands_where_its_tag_says(api: Api, opened: Open) -> None:
    tag = ['"1"']
    api.routes["/items"] = lambda asked: Answered([{"id": 1}], headers={"ETag": tag[0]} if tag[0] else {})
    source = opened("base: BASE\n" + TABLES)
    (table,) = await source.introspect()
    assert await source.position(table) == '"1"'
    tag[0] = ""
    assert await source.position(table) == ""


async def test_a_description_that_is_missing_is_said_at_the_first_question() -> None:
    source = open_source(Opening("shop", "rest:///nowhere/api.yaml"))
    with pytest.raises(SourceUnavailable, match=r"api\.yaml"):
        await source.introspect()
    await source.close()


async def test_the_example_of_the_readme_works(api: Api, opened: Open) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    orders = [{"id": 7, "placed_at": "2026-02-01T10:00:00Z", "customer": {"city": "Oslo"}, "total": "12.50"}]
    api.routes["/v1/orders"] = lambda asked: Answered(
        {"data": {"items": orders if asked.headers.get("Authorization") == "Bearer not-a-secret" else []}, "next": None}
    )
    api.routes["/v1/currencies"] = lambda asked: Answered([{"code": "EUR", "rate": 1.0}])
    source = opened(example.replace("https://api.example.com", "BASE"), {"env:SHOP_TOKEN": "not-a-secret"})
    tables = {table.name: table for table in await source.introspect()}
    assert tables["orders"].primary_key == ("order_id",)
    assert (tables["orders"].by_name["total"].comment, tables["orders"].by_name["total"].unit) == ("Order value", "EUR")
    found = await rows(source, "SELECT city, total FROM orders WHERE placed >= '2026-01-01'")
    assert found == [{"city": "Oslo", "total": 12.5}]
    assert api.asked[-1].param("since") == "2026-01-01T00:00:00Z"
