"""The chart follows from the shape of the result, is valid Vega-Lite, and is said in words."""

import json
import re
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import altair
import pyarrow as pa
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.charts import Figure, choose, png, themed
from knowledge.charts.image import draw, packed
from knowledge.charts.theme import BACKGROUNDS, DARK, LIGHT
from knowledge.table_view import ColumnView, column_kinds


def chart(table: pa.Table, *views: ColumnView) -> Figure | None:
    figure = choose(table, views or column_kinds(table))
    if figure:
        check(figure.spec)
    return figure


def check(spec: dict[str, Any]) -> None:
    """Valid by Altair's schema, portable as JSON, with its few data inside."""
    altair.Chart.from_dict(spec)
    json.dumps(spec, allow_nan=False)
    assert len(spec["data"]["values"]) <= 500


def drawn(table: pa.Table, *views: ColumnView) -> Figure:
    figure = chart(table, *views)
    assert figure
    return figure


DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(30)]


def test_a_time_and_a_measure_make_a_line() -> None:
    figure = drawn(pa.table({"day": DAYS, "orders": list(range(30))}))
    assert figure.spec["mark"]["type"] == "line"
    assert figure.spec["encoding"]["x"]["type"] == "temporal"
    assert figure.title == "Orders by day"
    assert figure.alt.startswith("Line chart of orders by day. Highest: 2025-01-30 with 29")


@pytest.mark.parametrize(
    "period", [["2025-01", "2025-02"], ["2025-Q1", "2025-Q2"], ["2024", "2025"], ["Q1 2025", "Q2 2025"]]
)
def test_periods_as_text_are_a_time_in_their_order(period: list[str]) -> None:
    figure = drawn(pa.table({"period": period, "revenue": [2.5, 1.5]}))
    assert figure.spec["mark"]["type"] == "line"
    assert figure.spec["encoding"]["x"]["type"] == "ordinal"


def test_a_year_as_a_number_is_a_time_and_not_a_measure() -> None:
    figure = drawn(pa.table({"year": [2024, 2025], "revenue": [2.5, 1.5]}))
    assert figure.spec["mark"]["type"] == "line"
    assert figure.spec["data"]["values"] == [{"c0": 2024, "c1": 2.5}, {"c0": 2025, "c1": 1.5}]


def test_a_category_and_a_measure_make_horizontal_bars_the_longest_first() -> None:
    table = pa.table({"region": ["North", "South", None], "orders": [3, 9, 5]})
    figure = drawn(table)
    assert figure.spec["mark"]["type"] == "bar"
    assert figure.spec["encoding"]["y"]["sort"] == ["South", "(empty)", "North"]
    assert figure.spec["encoding"]["x"]["scale"]["zero"] is True


def test_many_categories_show_the_twenty_largest_and_say_so() -> None:
    figure = drawn(pa.table({"city": [f"City {number}" for number in range(57)], "n": list(range(57))}))
    assert len(figure.spec["data"]["values"]) == 20
    assert figure.spec["title"]["subtitle"] == "The 20 largest of 57"
    assert "The 20 largest of 57." in figure.alt


def test_a_time_and_a_category_make_a_line_for_each_of_the_largest_categories() -> None:
    rows = [(day, f"c{number}", number) for day in DAYS[:20] for number in range(12)]
    figure = drawn(pa.table({"day": [r[0] for r in rows], "city": [r[1] for r in rows], "n": [r[2] for r in rows]}))
    assert len(figure.spec["encoding"]["color"]["sort"]) == 8
    assert {row["c1"] for row in figure.spec["data"]["values"]} == {f"c{number}" for number in range(4, 12)}


def test_parts_of_a_whole_are_stacked_and_averages_stand_side_by_side() -> None:
    places = {"region": ["N", "N", "S", "S"], "channel": ["a", "b", "a", "b"]}
    assert "yOffset" not in drawn(pa.table({**places, "orders": [1, 2, 3, 4]})).spec["encoding"]
    assert "yOffset" in drawn(pa.table({**places, "average_value": [1.0, 2.0, 3.0, 4.0]})).spec["encoding"]


def test_two_measures_make_points() -> None:
    figure = drawn(pa.table({"price": [1.0, 2.0, 3.0, 4.0, 5.0], "sold": [5, 4, 3, 2, 1]}))
    assert figure.spec["mark"]["type"] == "point"
    assert figure.title == "Sold against price"


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"n": [42]}),
        pa.table({"region": ["North"], "n": [42]}),
        pa.table({"region": pa.array([], pa.string()), "n": pa.array([], pa.int64())}),
        pa.table({"name": ["a", "b"], "city": ["x", "y"]}),
        pa.table({"name": ["a", "a", "b"], "n": [1, 2, 3]}),
        pa.table({letter: [1, 2] for letter in "abcdefgh"}),
        pa.table({"a": pa.nulls(3), "b": [1, 2, 3]}),
        pa.table({}),
    ],
)
def test_a_number_or_a_listing_gets_no_chart(table: pa.Table) -> None:
    assert chart(table) is None


def test_money_has_its_currency_and_percent_its_sign() -> None:
    table = pa.table({"category": ["a", "b"], "revenue": [1.5, 2.5]})
    money = drawn(table, ColumnView("category", "text"), ColumnView("revenue", "money", "EUR"))
    assert money.spec["encoding"]["x"]["title"] == "revenue (EUR)"
    share = drawn(table, ColumnView("category", "text"), ColumnView("return_rate", "percent"))
    assert share.spec["encoding"]["x"]["title"] == "return rate (%)"


def test_values_that_look_alike_when_cut_stay_apart() -> None:
    names = ["x" * 70 + "1", "x" * 70 + "2"]
    labels = drawn(pa.table({"name": names, "n": [2, 1]})).spec["encoding"]["y"]["sort"]
    assert len(set(labels)) == 2


def test_a_long_series_keeps_its_last_points_and_says_so() -> None:
    days = [date(2022, 1, 1) + timedelta(days=number) for number in range(1_096)]
    figure = drawn(pa.table({"day": days, "n": list(range(1_096))}))
    assert figure.spec["data"]["values"][-1] == {"c0": "2024-12-31", "c1": 1095}
    assert "The last 500 of 1,096 points." in figure.alt


def test_not_a_number_and_infinity_become_gaps() -> None:
    figure = drawn(pa.table({"city": ["a", "b", "c"], "n": [1.0, float("nan"), float("inf")]}))
    assert [row["c1"] for row in figure.spec["data"]["values"]].count(None) == 2


CELLS = st.one_of(
    st.lists(st.integers(-(2**53), 2**53) | st.none(), min_size=8, max_size=8),
    st.lists(st.floats() | st.none(), min_size=8, max_size=8),
    st.lists(st.text(max_size=30) | st.none(), min_size=8, max_size=8),
    st.lists(st.dates() | st.none(), min_size=8, max_size=8),
    st.lists(st.datetimes() | st.none(), min_size=8, max_size=8),
    st.lists(st.booleans() | st.none(), min_size=8, max_size=8),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_any_result_gets_a_valid_chart_or_none(columns: list[list[Any]]) -> None:
    chart(pa.table({f'a.b[{index}] "x"': values for index, values in enumerate(columns)}))


async def test_an_image_is_drawn_light_and_dark_without_a_network() -> None:
    figure = drawn(pa.table({"region": ["North", "Süd"], "orders": [3, 9]}))
    light, dark = await png(figure.spec), await png(figure.spec, dark=True, width=400)
    assert light.startswith(b"\x89PNG")
    assert dark.startswith(b"\x89PNG")
    assert light != dark


def test_mark_colours_stand_out_from_their_background() -> None:
    for palette, dark in ((LIGHT, False), (DARK, True)):
        assert all(contrast(colour, BACKGROUNDS[dark]) >= 3 for colour in palette)
    assert themed({"mark": "bar"}, dark=True)["background"] == BACKGROUNDS[True]


def test_a_chart_is_built_in_under_five_milliseconds() -> None:
    table = pa.table({"city": [f"City {number}" for number in range(500)], "n": list(range(500))})
    choose(table, column_kinds(table))
    times = []
    for _ in range(15):
        start = perf_counter()
        choose(table, column_kinds(table))
        times.append(perf_counter() - start)
    assert sorted(times)[7] < 0.005


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_an_image_is_packed_for_chat_and_stays_the_same_picture() -> None:
    spec = {"data": {"values": [{"a": "x", "b": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    image = draw(spec, scale=1.0)
    assert packed(image) == image
    assert image.startswith(b"\x89PNG")
    assert image.endswith(b"IEND\xaeB`\x82")
    assert len(image) < 6_000


@pytest.mark.parametrize(("amount", "axis"), [(56_720.5, "50,000"), (0.00052, "0.0005"), (3.4e6, "3,000,000")])
def test_numbers_of_an_axis_are_written_out(amount: float, axis: str) -> None:
    table = pa.table({"country": ["Spain", "Norway"], "revenue": [amount, amount / 3]})
    svg = vl_convert.vegalite_to_svg(drawn(table).spec)
    assert axis in svg
    assert "e+" not in svg
    assert "e-" not in "".join(re.findall(r">([^<]*)</text>", svg))
