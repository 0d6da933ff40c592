"""CSV as people save it: byte order marks, semicolons, Latin-1, ragged rows."""

from pathlib import Path

import pytest

from knowledge.errors import SourceUnavailable
from tests.knowledge.sources.files.asking import names, opened, rows


async def first(path: Path, sql: str) -> list[dict[str, object]]:
    async with opened(path) as source:
        return await rows(source, sql)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"\xef\xbb\xbfcity;n\nK\xc3\xb6ln;1\n", {"city": "Köln", "n": 1}),
        ("city;n\nKöln;1\n".encode("latin-1"), {"city": "Köln", "n": 1}),
        ("city,n\nKöln,1\n".encode("utf-16"), {"city": "Köln", "n": 1}),
        ("city;n\nKöln;1,5\nBonn;12,25\n".encode(), {"city": "Köln", "n": 1.5}),
        (b"city|n\r\nBonn|1\r\n", {"city": "Bonn", "n": 1}),
        (b'city,n\n"Bonn, am\nRhein",1\n', {"city": "Bonn, am\nRhein", "n": 1}),
    ],
)
async def test_a_file_is_read_as_it_was_saved(tmp_path: Path, raw: bytes, found: dict[str, object]) -> None:
    (tmp_path / "x.csv").write_bytes(raw)
    assert (await first(tmp_path / "x.csv", "SELECT * FROM x"))[0] == found


async def test_rows_that_end_early_are_filled_and_people_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    async with opened(tmp_path) as source:
        (table,) = await source.introspect()
        assert [column.name for column in table.columns] == ["a", "b", "c"]
        assert "fewer fields" in table.comment
        assert await rows(source, "SELECT sum(a) AS a, sum(c) AS c FROM x") == [{"a": 11, "c": 11}]


async def test_rows_with_too_many_fields_are_said_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n")
    async with opened(tmp_path) as source:
        with pytest.raises(SourceUnavailable, match=r"line 3 of “x\.csv” has 4 fields where 3 are expected"):
            await source.introspect()


async def test_a_row_that_is_wrong_far_down_is_said_with_its_line(tmp_path: Path) -> None:
    lines = [f"{number},x" for number in range(300_000)]
    (tmp_path / "long.csv").write_text("\n".join(["n,t", *lines, "many,x", ""]))
    (tmp_path / "wide.csv").write_text("\n".join(["n,t", *lines, "1,x,y", ""]))
    async with opened(tmp_path) as source:
        with pytest.raises(SourceUnavailable, match=r"line 300002 of “long\.csv”, column “n”"):
            await rows(source, "SELECT sum(n) FROM long")
        with pytest.raises(SourceUnavailable, match="line 300002"):
            await rows(source, "SELECT sum(n) FROM wide")


async def test_files_with_other_columns_are_united_by_name(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "t" / "2.csv").write_text("b,c\n2.5,x\n")
    async with opened(tmp_path) as source:
        assert await names(source) == {"t": ["a", "b", "c"]}
        assert await rows(source, "SELECT * FROM t ORDER BY b") == [
            {"a": 1, "b": 2.0, "c": None},
            {"a": None, "b": 2.5, "c": "x"},
        ]


async def test_very_many_files_are_one_table_whether_alike_or_not(tmp_path: Path) -> None:
    for number in range(150):
        place = tmp_path / "t" / f"day={number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:03}.csv").write_text(f"a,b\n{number},x\n")
    async with opened(tmp_path) as source:
        assert await names(source) == {"t": ["a", "b", "day"]}
        assert await rows(source, "SELECT sum(a) AS s FROM t WHERE day = 0") == [{"s": sum(range(0, 150, 3))}]
        (tmp_path / "t" / "day=0" / "odd.csv").write_text("b,c\ny,1.5\n")
        assert await names(source) == {"t": ["a", "b", "c", "day"]}
        assert await rows(source, "SELECT sum(a) AS s, sum(c) AS c FROM t") == [{"s": sum(range(150)), "c": 1.5}]
    (tmp_path / "t" / "day=0" / "odd.csv").write_text("a,b\nmany,y\n")
    async with opened(tmp_path) as source:
        with pytest.raises(SourceUnavailable, match=r"odd\.csv"):
            await rows(source, "SELECT sum(a) FROM t")
