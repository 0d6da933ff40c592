"""Rows and downloads."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, time
from decimal import Decimal
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.web.api.world import World
from web.api.downloads import disposition, file_name

TABLE = pa.table(
    {
        "region": ["Nord", "Süd", None, "=1+1"],
        "orders": [3, 1, 2, None],
        "share": [0.5, float("nan"), float("inf"), -1.5],
        "day": [date(2026, 1, n) for n in (3, 1, 2, 4)],
    }
)


async def test_a_page_has_columns_rows_and_the_total(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    page = (await world.client("ada").get(f"/v1/results/{id}?offset=1&limit=2")).json()
    assert page["total"] == 4
    assert [(column["name"], column["kind"]) for column in page["columns"]] == [
        ("region", "text"),
        ("orders", "integer"),
        ("share", "number"),
        ("day", "date"),
    ]
    assert page["rows"] == [["Süd", 1, None, "2026-01-01"], [None, 2, None, "2026-01-02"]]


async def test_rows_are_sorted_with_the_empty_ones_last(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    client = world.client("ada")
    up = (await client.get(f"/v1/results/{id}?sort=orders")).json()["rows"]
    down = (await client.get(f"/v1/results/{id}?sort=orders&desc=true&limit=2")).json()["rows"]
    assert [row[1] for row in up] == [1, 2, 3, None]
    assert [row[1] for row in down] == [3, 2]


async def test_pages_beyond_the_end_are_empty(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    for query in ("offset=4", "offset=1000000&sort=day", "offset=1099511627776"):
        assert (await world.client("ada").get(f"/v1/results/{id}?{query}")).json()["rows"] == []


@pytest.mark.parametrize("query", ["sort=nothing", "limit=0", "limit=1001", "offset=-1", "offset=x", "desc=maybe"])
async def test_a_page_that_can_not_be_made_is_refused(world: World, query: str) -> None:
    id = await world.results.put("acme", TABLE)
    assert (await world.client("ada").get(f"/v1/results/{id}?{query}")).status_code == 422


async def test_a_column_of_lists_can_not_be_sorted_but_read(world: World) -> None:
    id = await world.results.put("acme", pa.table({"tags": [["a", "ü"], None]}))
    client = world.client("ada")
    assert (await client.get(f"/v1/results/{id}")).json()["rows"] == [['["a", "ü"]'], [None]]
    assert (await client.get(f"/v1/results/{id}?sort=tags")).status_code == 422


async def test_values_that_json_does_not_have_are_text_or_empty(world: World) -> None:
    table = pa.table(
        {
            "big": pa.array([2**60], pa.int64()),
            "money": pa.array([Decimal("12.50")]),
            "at": pa.array([datetime(2026, 1, 2, 3, 4, tzinfo=UTC)]),
            "clock": pa.array([time(3, 4)]),
            "bytes": pa.array([b"\x00\xff"]),
        }
    )
    id = await world.results.put("acme", table)
    page = (await world.client("ada").get(f"/v1/results/{id}")).json()
    assert page["rows"] == [["1152921504606846976", 12.5, "2026-01-02 03:04:00+00:00", "03:04:00", "AP8="]]


async def test_two_columns_of_one_name_keep_their_values(world: World) -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["n", "n"])
    id = await world.results.put("acme", table)
    client = world.client("ada")
    assert (await client.get(f"/v1/results/{id}?sort=n")).json()["rows"] == [[1, 2]]
    assert (await client.get(f"/v1/results/{id}.csv?bom=false")).text == "n,n\r\n1,2\r\n"
    assert pq.read_table(io.BytesIO((await client.get(f"/v1/results/{id}.parquet")).content)).column_names == [
        "n",
        "n_2",
    ]


async def test_a_column_knows_its_unit_by_its_metadata(world: World) -> None:
    field = pa.field("revenue", pa.float64(), metadata={"kind": "money", "unit": "EUR"})
    id = await world.results.put("acme", pa.table([pa.array([1.5])], schema=pa.schema([field])))
    (column,) = (await world.client("ada").get(f"/v1/results/{id}")).json()["columns"]
    assert column == {"name": "revenue", "kind": "money", "unit": "EUR"}


@pytest.mark.parametrize("ending", ["", ".csv", ".parquet", ".xlsx"])
async def test_a_result_of_another_tenant_is_not_found(world: World, ending: str) -> None:
    id = await world.results.put("other", TABLE)
    for wanted in (id, "unknown", "..", "%2e%2e%2fetc%2fpasswd", "a%00b"):
        assert (await world.client("ada").get(f"/v1/results/{wanted}{ending}")).status_code == 404


async def test_csv_comes_with_a_byte_order_mark_and_no_formula(world: World) -> None:
    table = pa.table(
        {"=cmd": ["=1+1", "+49", "-5", "@x", "\tx", "＝1", "fine", None], "n": [-1, 2, None, 4, 5, 6, 7, 8]}
    )
    id = await world.results.put("acme", table)
    answer = await world.client("ada").get(f"/v1/results/{id}.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["'=cmd", "'=1+1", "'+49", "'-5", "'@x", "'\tx", "'＝1", "fine", ""]
    assert [row[1] for row in rows] == ["n", "-1", "2", "", "4", "5", "6", "7", "8"]


async def test_a_large_csv_is_whole(world: World) -> None:
    id = await world.results.put("acme", pa.table({"n": list(range(12_345))}))
    answer = await world.client("ada").get(f"/v1/results/{id}.csv?bom=false")
    assert answer.text.split() == ["n", *map(str, range(12_345))]


async def test_an_empty_result_downloads_with_its_heading(world: World) -> None:
    id = await world.results.put("acme", TABLE.slice(0, 0))
    client = world.client("ada")
    assert (await client.get(f"/v1/results/{id}.csv?bom=false")).text == "region,orders,share,day\r\n"
    assert pq.read_table(io.BytesIO((await client.get(f"/v1/results/{id}.parquet")).content)).num_rows == 0
    assert (await client.get(f"/v1/results/{id}.xlsx")).status_code == 200


async def test_parquet_is_the_result_itself(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    answer = await world.client("ada").get(f"/v1/results/{id}.parquet")
    kept = pq.read_table(io.BytesIO(answer.content))
    assert kept.schema == TABLE.schema
    assert kept.column("region").to_pylist() == TABLE.column("region").to_pylist()


async def test_a_workbook_holds_text_as_text_and_dates_as_dates(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    answer = await world.client("ada").get(f"/v1/results/{id}.xlsx")
    package = zipfile.ZipFile(io.BytesIO(answer.content))
    for name in package.namelist():
        ElementTree.fromstring(package.read(name))
    sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    cells = [list(row) for row in sheet.findall(".//m:row", space)]
    assert ["".join(cell.itertext()) for cell in cells[4]] == ["=1+1", "", "-1.5", "46026"]
    assert not sheet.findall(".//m:f", space)


async def test_an_unknown_format_is_refused(world: World) -> None:
    id = await world.results.put("acme", TABLE)
    assert (await world.client("ada").get(f"/v1/results/{id}.exe")).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "safe"),
    [
        ("Umsatz Q2", "Umsatz-Q2.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ('a"; filename="b.exe', "a-filename-b.exe.csv"),
        ("a\r\nSet-Cookie: x", "a-Set-Cookie-x.csv"),
        ("売上", "result.csv"),
        ("...", "result.csv"),
        ("x" * 300, "x" * 80 + ".csv"),
    ],
)
def test_file_names_are_safe(wanted: str, safe: str) -> None:
    assert file_name(wanted, "csv") == safe
    header = disposition(wanted, "csv")
    assert header.isascii()
    assert header.isprintable()


def test_a_file_name_keeps_its_letters_in_utf_8() -> None:
    assert disposition("Umsatz für Süd/Nord", "csv").endswith("filename*=UTF-8''Umsatz%20f%C3%BCr%20S%C3%BCd-Nord.csv")
