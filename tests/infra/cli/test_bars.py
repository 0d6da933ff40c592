"""Charts in a terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.bars import MOST_BARS, chart_lines


def spec(values: list[dict[str, Any]], mark: object = "bar") -> dict[str, Any]:
    """A chart of value `n` by name `k`."""
    encoding = {"x": {"field": "n", "type": "quantitative"}, "y": {"field": "k", "type": "nominal"}}
    return {"mark": mark, "encoding": encoding, "data": {"values": values}}


def test_bars_are_as_long_as_their_values() -> None:
    lines = chart_lines(spec([{"k": "Nord", "n": 100}, {"k": "Süd", "n": 50}]), 60)
    assert [line.split("│")[0] for line in lines] == ["Nord ", " Süd "]
    assert lines[0].count("█") // 2 == lines[1].count("█")
    assert lines[0].endswith(" 100")
    assert max(len(line) for line in lines) <= 60


def test_altairs_named_data_is_found() -> None:
    chart = spec([], {"type": "bar"}) | {"data": {"name": "d"}, "datasets": {"d": [{"k": "a", "n": 1}]}}
    assert len(chart_lines(chart, 60)) == 1


def test_many_bars_end_with_how_many_are_left_out() -> None:
    lines = chart_lines(spec([{"k": str(n), "n": n} for n in range(40)]), 60)
    assert len(lines) == MOST_BARS + 1
    assert lines[-1].endswith(f"… {40 - MOST_BARS} more")


def test_a_line_over_time_is_a_row_of_blocks_with_its_ends() -> None:
    values = [{"k": f"2026-0{n}-01T00:00:00", "n": n} for n in range(1, 7)]
    lines = chart_lines(spec(values, {"type": "line"}), 60)
    assert lines[0][0] == "▁"
    assert lines[0][-1] == "█"
    assert lines[1] == "2026-01-01 … 2026-06-01   low 1   high 6"


def test_what_has_no_terminal_form_gives_no_lines() -> None:
    assert chart_lines({"mark": "geoshape"}, 80) == []
    assert chart_lines(spec([{"k": "a", "n": 1}], "arc"), 80) == []
    assert chart_lines(spec([]), 80) == []


@pytest.mark.parametrize("mark", ["bar", "line"])
@pytest.mark.parametrize("keys", ["aa", "ab"])
def test_numbers_whose_sum_is_no_number_are_drawn_or_left_out(mark: str, keys: str) -> None:
    values = [{"k": key, "n": sign * 1.7e308} for key, sign in zip(keys, (1, 1 if keys == "aa" else -1), strict=True)]
    assert len(chart_lines(spec(values, mark), 80)) == (0 if keys == "aa" else 2)


@given(
    st.lists(st.fixed_dictionaries({"k": st.text() | st.none() | st.integers(), "n": st.floats() | st.none()})),
    st.sampled_from(["bar", "line"]),
    st.integers(0, 200),
)
def test_any_data_is_drawn_within_the_width(values: list[dict[str, Any]], mark: str, width: int) -> None:
    for line in chart_lines(spec(values, mark), width)[:MOST_BARS]:
        assert isinstance(line, str)
