"""Whether a verified query still gives what it gave."""

from dataclasses import replace

import sqlglot

from knowledge.verified.regress import Recorded, compared, fingerprint_of

SOUND = Recorded("q1", "digest", "2026", "sound", ("total",), 1, "rows", "data")


def test_other_rows_on_the_same_data_are_broken_and_on_other_data_are_not() -> None:
    assert compared(SOUND, replace(SOUND, rows="other")).state == "differs"
    assert compared(SOUND, replace(SOUND, rows="other", data="more")).state == "sound"
    assert compared(SOUND, replace(SOUND, rows="other", data="")).state == "sound"
    assert compared(replace(SOUND, query="earlier"), replace(SOUND, rows="other")).state == "sound"
    assert compared(None, SOUND).state == "sound"


def test_another_shape_is_broken_and_names_both() -> None:
    broken = compared(SOUND, replace(SOUND, columns=("sum",)))
    assert (broken.state, broken.columns) == ("shape", ("total",))
    assert "total" in broken.why
    assert "sum" in broken.why


def test_rows_in_another_order_are_the_same_unless_the_query_orders_them_and_nothing_is_said_of_the_clock() -> None:
    plain, ordered = sqlglot.parse_one("SELECT a FROM t"), sqlglot.parse_one("SELECT a FROM t ORDER BY a")
    rows: list[tuple[object, ...]] = [(0.1 + 0.2,), (1,)]
    again: list[tuple[object, ...]] = [(1,), (0.3,)]
    assert fingerprint_of(rows, plain) == fingerprint_of(again, plain)
    assert fingerprint_of(rows, ordered) != fingerprint_of(again, ordered)
    assert fingerprint_of(rows, sqlglot.parse_one("SELECT a FROM t WHERE b < CURRENT_DATE")) == ""
