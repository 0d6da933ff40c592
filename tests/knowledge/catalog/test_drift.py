"""What changed between two scans: told when it did, and not told when it did not."""

import random
import statistics
from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalog.affected import references
from knowledge.catalog.drift import Change, What, diff
from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.catalog.pairing import assignment

STATUS = Column(
    "status", DataType.TEXT, "TEXT", distinct=3, values=("open", "paid", "sent"), counts=(50, 30, 20), nulls=0
)
MAIL = Column(
    "email", DataType.TEXT, "TEXT", distinct=90, nulls=10, values=tuple(f"u{n}@example.org" for n in range(50))
)
AMOUNT = Column(
    "amount", DataType.NUMBER, "REAL", distinct=80, nulls=0, minimum="1", maximum="99", mean=50, deviation=20
)
ID = Column("id", DataType.INTEGER, "INTEGER", False, distinct=100, nulls=0, minimum="1", maximum="100")
ORDERS = Table("shop", "orders", (ID, STATUS, MAIL, AMOUNT), primary_key=("id",), rows=100)
ITEMS = Table("shop", "items", (ID, Column("sku", DataType.TEXT, "TEXT")), rows=400)


def with_columns(*columns: Column, **others: object) -> Table:
    return replace(ORDERS, columns=columns, **others)  # type: ignore[arg-type]


def only(before: Table, after: Table) -> Change:
    (change,) = diff((before,), (after,))
    return change


def test_nothing_changed() -> None:
    assert diff((ORDERS, ITEMS), (ITEMS, ORDERS)) == ()


def test_tables_that_came_and_went_are_told() -> None:
    assert [(change.what, change.table) for change in diff((ORDERS,), (ITEMS,))] == [
        (What.TABLE_DROPPED, "orders"),
        (What.TABLE_ADDED, "items"),
    ]


def test_a_table_of_the_same_columns_under_another_name_was_renamed() -> None:
    change = only(ORDERS, replace(ORDERS, name="sales_orders", rows=101))
    assert (change.what, change.after) == (What.TABLE_RENAMED, "sales_orders")
    assert change.likelihood > 0.8


def test_a_column_of_the_same_values_under_another_name_was_renamed() -> None:
    change = only(ORDERS, with_columns(ID, replace(STATUS, name="order_state"), MAIL, AMOUNT))
    assert (change.what, change.column, change.after) == (What.COLUMN_RENAMED, "status", "order_state")
    assert 0.6 < change.likelihood < 1


def test_a_column_of_other_values_in_its_place_is_another() -> None:
    other = Column("warehouse", DataType.TEXT, "TEXT", distinct=2, values=("north", "south"), counts=(60, 40), nulls=0)
    changes = diff((ORDERS,), (with_columns(ID, other, MAIL, AMOUNT),))
    assert {(change.what, change.column) for change in changes} == {
        (What.COLUMN_DROPPED, "status"), (What.COLUMN_ADDED, "warehouse"),
    }  # fmt: skip


def test_columns_renamed_together_are_paired_as_they_fit_best() -> None:
    changes = diff((ORDERS,), (with_columns(ID, replace(MAIL, name="mail"), replace(STATUS, name="state"), AMOUNT),))
    assert {(change.column, change.after) for change in changes} == {("status", "state"), ("email", "mail")}


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (with_columns(ID, STATUS, MAIL, replace(AMOUNT, native="NUMERIC")), What.RETYPED),
        (with_columns(ID, STATUS, MAIL, replace(AMOUNT, nullable=False)), What.NULLABLE),
        (with_columns(ID, STATUS, replace(MAIL, tags=("pii:email",)), AMOUNT), What.SENSITIVITY),
        (replace(ORDERS, primary_key=()), What.KEYS),
        (replace(ORDERS, keys=(ForeignKey(("id",), "items", ("id",)),)), What.KEYS),
        (replace(ORDERS, rows=1_000), What.ROWS),
        (replace(ORDERS, definition="SELECT 1"), What.DEFINITION),
        (with_columns(ID, replace(STATUS, counts=(5, 90, 5)), MAIL, AMOUNT), What.SHIFTED),
        (with_columns(ID, STATUS, MAIL, replace(AMOUNT, mean=80)), What.SHIFTED),
        (with_columns(ID, STATUS, replace(MAIL, nulls=70), AMOUNT), What.SHIFTED),
    ],
)
def test_a_change_is_told_as_what_it_is(after: Table, what: What) -> None:
    change = only(ORDERS, after)
    assert change.what is what
    assert change.text.startswith("orders")
    assert Change.from_json(change.to_json()) == change


@pytest.mark.parametrize(
    "after",
    [
        replace(ORDERS, rows=150),
        with_columns(replace(ID, maximum="900", mean=400.0, deviation=200.0), STATUS, MAIL, AMOUNT),
        with_columns(ID, replace(STATUS, counts=(52, 27, 21)), MAIL, AMOUNT),
        with_columns(ID, STATUS, MAIL, replace(AMOUNT, mean=52.0)),
        replace(ORDERS, keys=(ForeignKey(("id",), "items", ("id",), declared=False),)),
    ],
)
def test_what_every_day_brings_is_no_news(after: Table) -> None:
    assert diff((ORDERS,), (after,)) == ()


def measured(seed: int, rows: int) -> Table:
    """A table drawn anew from the same world."""
    chance = random.Random(seed)
    kinds = Counter(chance.choices(("open", "paid", "sent", "lost"), (60, 25, 14, 1), k=rows))
    wide = Counter(chance.choices([f"v{n}" for n in range(200)], [1 / (n + 1) for n in range(200)], k=rows))
    numbers = [chance.gauss(100, 15) for _ in range(rows)]
    skewed = [chance.lognormvariate(2, 1) for _ in range(rows)]
    empty = sum(chance.random() < 0.2 for _ in range(rows))

    def listed(name: str, counts: Counter[str]) -> Column:
        values, seen = zip(*counts.most_common(), strict=True)
        return Column(name, DataType.TEXT, distinct=len(values), values=values, counts=seen, nulls=0)

    def spread(name: str, values: list[float]) -> Column:
        mean, deviation = statistics.fmean(values), statistics.pstdev(values)
        return Column(name, DataType.NUMBER, distinct=rows, nulls=0, mean=mean, deviation=deviation)

    columns = (
        listed("kind", kinds), listed("wide", wide), spread("normal", numbers), spread("skewed", skewed),
        Column("maybe", DataType.TEXT, distinct=rows - empty, nulls=empty),
    )  # fmt: skip
    return Table("s", "t", columns, rows=rows)


@pytest.mark.parametrize("rows", [50, 500, 5_000])
def test_the_same_data_drawn_anew_is_no_shift_in_99_of_100(rows: int) -> None:
    alarms = sum(bool(diff((measured(2 * at, rows),), (measured(2 * at + 1, rows),))) for at in range(100))
    assert alarms <= 1


@given(st.integers(1, 5), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_pairing_is_the_best_there_is(rows: int, columns: int, chance: random.Random) -> None:
    costs = [[chance.randint(0, 20) for _ in range(columns)] for _ in range(rows)]
    pairs = assignment(costs)
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == min(rows, columns)
    tall = costs if rows <= columns else [list(column) for column in zip(*costs, strict=True)]
    best = min(
        sum(tall[at][b] for at, b in enumerate(chosen)) for chosen in permutations(range(len(tall[0])), len(tall))
    )
    assert sum(costs[a][b] for a, b in pairs) == best


def test_a_query_is_affected_by_changes_of_what_it_reads() -> None:
    found = references(
        "SELECT o.status, count(*) FROM orders AS o JOIN items i ON i.id = o.id GROUP BY 1", "shop", "sqlite"
    )
    assert found is not None
    assert found.meets(Change(What.TABLE_DROPPED, "shop", "", "orders"))
    assert found.meets(Change(What.COLUMN_RENAMED, "shop", "", "orders", "STATUS", after="state"))
    assert not found.meets(Change(What.COLUMN_DROPPED, "shop", "", "orders", "amount"))
    assert not found.meets(Change(What.COLUMN_DROPPED, "shop", "", "items", "status"))
    assert not found.meets(Change(What.TABLE_DROPPED, "other", "", "orders"))
    assert not found.meets(Change(What.COLUMN_ADDED, "shop", "", "orders", "status"))


def test_a_query_over_several_sources_and_one_with_a_star_are_understood() -> None:
    everywhere = references("SELECT * FROM shop.orders o JOIN files.public.items i ON i.id = o.id", "*", "duckdb")
    assert everywhere is not None
    assert everywhere.meets(Change(What.COLUMN_DROPPED, "files", "public", "items", "sku"))
    assert everywhere.meets(Change(What.TABLE_DROPPED, "shop", "", "orders"))
    assert references("not sql (", "shop", "sqlite") is None
