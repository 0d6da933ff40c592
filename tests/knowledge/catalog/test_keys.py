"""Keys that nobody declared: found over schemas, with few questions however many tables there are."""

import re
from collections.abc import Sequence

import pytest

from knowledge.catalog.keys import infer_keys
from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.catalog.naming import singular, wanted
from knowledge.catalog.probe import Probe

I, T = DataType.INTEGER, DataType.TEXT  # noqa: E741


class Asked:
    """Answers every question with the same share of values found, and counts the questions."""

    def __init__(self, met: int = 10) -> None:
        self.met = met
        self.questions: list[str] = []

    async def ask(self, sql: str) -> Sequence[Sequence[object]]:
        self.questions.append(sql)
        return [(10, self.met)]

    @property
    def probe(self) -> Probe:
        return Probe("postgres", self.ask, lambda table, _rows: table.name)


def number(name: str, low: int = 1, high: int = 100, distinct: int = 100) -> Column:
    return Column(name, I, distinct=distinct, nulls=0, minimum=str(low), maximum=str(high))


def table(name: str, *columns: Column, schema: str = "", key: str = "id") -> Table:
    return Table("s", name, (number(key), *columns), schema=schema, primary_key=(key,), rows=100)


def pointing(tables: Sequence[Table], name: str, schema: str = "") -> list[tuple[str, str | None]]:
    (found,) = [each for each in tables if (each.name, each.schema) == (name, schema)]
    return [(key.target, key.schema) for key in found.keys]


async def test_the_same_schema_is_looked_in_first() -> None:
    made = (
        table("customers", schema="crm"), table("customers", schema="shop"),
        table("orders", number("customer_id"), schema="shop"), table("visits", number("customer_id"), schema="web"),
    )  # fmt: skip
    found = await infer_keys(made, Asked().probe)
    assert pointing(found, "orders", "shop") == [("customers", None)]
    assert pointing(found, "visits", "web") == [("customers", "crm")]


@pytest.mark.parametrize(
    "column",
    [
        number("customer_id", 1, 900),
        number("customer_id", 0, 50),
        number("customer_id", distinct=500),
        Column("customer_id", T, distinct=3, values=("a", "b", "c")),
        number("id_of_something"),
        number("product_id"),
    ],
)
async def test_a_column_that_cannot_point_there_is_never_asked_about(column: Column) -> None:
    asked = Asked()
    found = await infer_keys((table("customers"), table("orders", column)), asked.probe)
    assert pointing(found, "orders") == []
    assert asked.questions == []


async def test_values_that_are_not_found_make_no_key() -> None:
    found = await infer_keys((table("customers"), table("orders", number("customer_id"))), Asked(met=9).probe)
    assert pointing(found, "orders") == []


async def test_words_before_the_name_are_passed_over() -> None:
    made = (table("customers"), table("orders", number("billing_customer_id"), number("shippingCustomerId")))
    assert pointing(await infer_keys(made, Asked().probe), "orders") == [("customers", None), ("customers", None)]


async def test_a_declared_key_stands_and_is_not_asked_about() -> None:
    declared = ForeignKey(("customer_id",), "clients", ("id",))
    orders = Table("s", "orders", (number("customer_id"),), keys=(declared,), rows=100)
    asked = Asked()
    found = await infer_keys((table("customers"), orders), asked.probe)
    assert found[1].keys == (declared,)
    assert asked.questions == []


async def test_the_questions_grow_with_the_keys_and_not_with_the_pairs_of_tables() -> None:
    names = [f"{letter}{at}s" for letter in "abcd" for at in range(500)]
    made = tuple(table(name, number(f"{names[at // 2][:-1]}_id")) for at, name in enumerate(names))
    asked = Asked()
    found = await infer_keys(made, asked.probe)
    assert sum(len(each.keys) for each in found) == len(names) - 1
    assert len(asked.questions) <= len(names)


async def test_a_nearly_unique_column_is_asked_about_before_it_identifies() -> None:
    big = Table("s", "events", (number("event_id", distinct=990_000),), rows=1_000_000)
    asked = Asked()
    found = await infer_keys((big,), asked.probe)
    assert found[0].primary_key == ("event_id",)
    assert re.search("count\\(DISTINCT", asked.questions[0])
    assert (await infer_keys((big,), Asked(met=9).probe))[0].primary_key == ()


def test_names_are_taken_apart() -> None:
    assert list(wanted("shippingCustomerID")) == ["shippingcustomerid", "shipping_customer_id", "customer_id"]
    assert list(wanted("id")) == []
    assert singular("dim_categories") == "dim_category"


async def test_codes_initials_and_shared_names_identify_rows_where_nothing_better_does() -> None:
    def coded(name: str, distinct: int = 100) -> Column:
        return Column(name, T, distinct=distinct, nulls=0)

    def bare(name: str, *columns: Column) -> Table:
        return Table("s", name, columns, rows=100)

    found = await infer_keys(
        (
            bare("authors", number("aid"), coded("name")),
            bare("author_domains", number("aid", distinct=60), number("did")),
            bare("airports", coded("airport_code")), bare("flights", coded("from_airport", 20)),
            bare("places", coded("city_name"), coded("region", 4)), bare("shops", number("id"), coded("city_name", 30)),
        ),
        Asked().probe,
    )  # fmt: skip
    keys = {each.name: each.primary_key for each in found}
    assert keys["authors"] == ("aid",)
    assert keys["author_domains"] == ()
    assert keys["places"] == ("city_name",)
    assert pointing(found, "author_domains") == [("authors", None)]
    assert pointing(found, "flights") == [("airports", None)]
    assert pointing(found, "shops") == [("places", None)]
