"""The demo data: made quickly, the same for the same seed and day, and with the life and dirt that it promises."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from knowledge.demo import DemoPaths, make_demo

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoPaths:
    return make_demo(tmp_path_factory.mktemp("demo"), today=TODAY)


def ask(demo: DemoPaths, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(demo.warehouse)) as database:
        return database.execute(sql).fetchall()


def number(demo: DemoPaths, sql: str) -> float:
    return float(str(ask(demo, sql)[0][0]))


def test_the_warehouse_has_two_hundred_thousand_order_lines_in_sixteen_related_tables(demo: DemoPaths) -> None:
    assert number(demo, "SELECT count(*) FROM order_lines") == 200_000
    assert number(demo, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'") == 16
    assert ask(demo, "PRAGMA foreign_key_check") == []


def test_the_history_is_three_years_long_and_ends_today(demo: DemoPaths) -> None:
    assert ask(demo, "SELECT date(min(ordered_at)), date(max(ordered_at)) FROM orders") == [
        ("2023-11-22", "2026-11-21")
    ]
    assert number(demo, "SELECT count(*) FROM shipments WHERE shipped_at BETWEEN '2026-10-01' AND '2026-11-01'") > 1_000


def test_december_outsells_february_and_the_business_grows(demo: DemoPaths) -> None:
    month = "SELECT count(*) FROM orders WHERE strftime('%Y-%m', ordered_at) = '{}'"
    assert number(demo, month.format("2025-12")) > 1.3 * number(demo, month.format("2025-02"))
    assert number(demo, month.format("2026-03")) > 1.08 * number(demo, month.format("2025-03"))


def test_the_total_of_an_order_is_the_sum_of_its_lines(demo: DemoPaths) -> None:
    wrong = """SELECT count(*) FROM orders JOIN (SELECT order_id, sum(revenue) AS s FROM order_lines GROUP BY order_id)
               USING (order_id) WHERE abs(total - s) > 0.005"""
    assert number(demo, wrong) == 0


def test_nothing_is_sent_paid_or_returned_before_it_was_ordered(demo: DemoPaths) -> None:
    assert (
        number(demo, "SELECT count(*) FROM shipments JOIN orders USING (order_id) WHERE shipped_at < ordered_at") == 0
    )
    assert number(demo, "SELECT count(*) FROM payments JOIN orders USING (order_id) WHERE paid_at < ordered_at") == 0
    late = """SELECT count(*) FROM returns JOIN order_lines USING (order_line_id) JOIN orders USING (order_id)
              WHERE returned_at < ordered_at"""
    assert number(demo, late) == 0


def test_there_is_dirt_to_work_around(demo: DemoPaths) -> None:
    assert number(demo, "SELECT count(*) FROM customers WHERE email IS NULL") > 100
    twice = "SELECT count(*) FROM (SELECT email FROM customers WHERE email <> '' GROUP BY email HAVING count(*) > 1)"
    assert number(demo, twice) > 50
    assert (
        number(demo, "SELECT count(DISTINCT city) FROM customers WHERE lower(trim(city)) IN ('munich', 'münchen')") > 2
    )


def test_the_same_seed_and_day_give_the_same_rows(demo: DemoPaths, tmp_path: Path) -> None:
    again = make_demo(tmp_path, today=TODAY)
    for table in ("orders", "customers", "exchange_rates", "returns"):
        assert ask(demo, f"SELECT * FROM {table}") == ask(again, f"SELECT * FROM {table}")
    assert pq.read_table(demo.web / "sessions").equals(pq.read_table(again.web / "sessions"))


def test_data_that_is_there_is_not_made_again(demo: DemoPaths) -> None:
    before = demo.warehouse.stat().st_mtime_ns
    make_demo(demo.warehouse.parent, today=TODAY)
    assert demo.warehouse.stat().st_mtime_ns == before


def test_the_web_files_are_two_folders_and_a_file(demo: DemoPaths) -> None:
    assert pq.read_table(demo.web / "sessions").num_rows == 45_000
    assert pq.read_table(demo.web / "page_views").num_rows > 100_000
    assert "budget" in pq.read_table(demo.web / "campaigns.parquet").column_names
