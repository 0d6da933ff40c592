"""Values beyond the samples of the catalog, looked up in the value index of the tenant."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.lexicon import load
from knowledge.translation.model import Context, Interpretation, Read
from knowledge.translation.stored import phrases
from knowledge.translation.words import tokenise
from knowledge.values import Place, ValueIndex

NAMES = Place("shop", "", "customers", "name")


def _catalog(sampled: tuple[str, ...] = ("Ash Ltd", "Birch Ltd")) -> Catalog:
    name = Column("name", DataType.TEXT, distinct=2_000_000, values=sampled)
    city = Column("city", DataType.TEXT, distinct=2, values=("Berlin", "Rome"))
    number = Column("customer_id", DataType.INTEGER)
    customers = Table("shop", "customers", (number, name, city), primary_key=("customer_id",))
    placed = (Column("order_id", DataType.INTEGER), number, Column("ordered_at", DataType.TIMESTAMP))
    key = ForeignKey(("customer_id",), "customers", ("customer_id",))
    orders = Table("shop", "orders", placed, primary_key=("order_id",), keys=(key,))
    return Catalog((customers, orders), {"shop": "sqlite"})


@pytest.fixture
def values(tmp_path: Path) -> Iterator[ValueIndex]:
    index = ValueIndex(tmp_path / "values.sqlite")
    names = [("Müller GmbH", 3), ("Moller Inc", 2), ("Northwind & Sons", 1), ("SKU-0042", 1), ("The Hague Trading", 1)]
    index.update(NAMES, [*names, ("Orders by City", 1), ("Number of Orders", 1), ("Mullar GmbH", 1)])
    yield index
    index.close()


def ask(question: str, values: ValueIndex | None, choices: Mapping[str, str] | None = None) -> Interpretation:
    context = Context(date(2026, 11, 21), choices=choices or {}, values=values)
    found = RuleTranslator().translate(question, _catalog(), context)
    assert isinstance(found, Read), found
    return found.interpretations[0]


@pytest.mark.parametrize(
    ("question", "stored"),
    [
        ("How many orders of Muller GmbH?", "Müller GmbH"),
        ("how many orders of müller gmbh", "Müller GmbH"),
        ("orders of Northwind & Sons by month", "Northwind & Sons"),
        ("How many orders of Nortwhind & Sons?", "Northwind & Sons"),
        ("How many orders of 'the hague trading'?", "The Hague Trading"),
        ("How many orders of SKU-0042?", "SKU-0042"),
    ],
)
def test_a_customer_that_no_sample_holds_is_found_by_name(values: ValueIndex, question: str, stored: str) -> None:
    sql = ask(question, values).query.sql(dialect="sqlite")
    assert f"customers.name = '{stored}'" in sql


def test_what_a_misspelt_name_was_taken_for_is_said_and_can_be_changed(values: ValueIndex) -> None:
    reading = ask("How many orders of Mullér GmbHs?", values)
    assert "'Müller GmbH'" in reading.query.sql()
    (said,) = [a for a in reading.assumptions if a.id.startswith("spelling:")]
    assert "was taken for “Müller GmbH”" in said.text
    assert [option.id for option in said.options] == ["Müller GmbH", "Mullar GmbH"]
    other = ask("How many orders of Mullér GmbHs?", values, {said.id: "Mullar GmbH"})
    assert "'Mullar GmbH'" in other.query.sql()


def test_plain_words_of_a_question_are_not_taken_for_names(values: ValueIndex) -> None:
    assert "WHERE" not in ask("number of orders by city", values).query.sql()
    assert phrases(tokenise("how many orders per city last month"), load(), {"order", "city"}.__contains__) == []


def test_values_of_a_column_that_is_masked_for_the_person_are_not_used(values: ValueIndex) -> None:
    masked = _catalog(sampled=())
    found = RuleTranslator(values).translate("How many orders of Muller GmbH?", masked, Context(date(2026, 11, 21)))
    assert "Müller" not in str(found)


def test_values_of_a_table_that_the_person_may_not_see_are_not_used(values: ValueIndex) -> None:
    catalog = _catalog()
    hidden = replace(catalog, tables=catalog.tables[1:])
    found = RuleTranslator(values).translate("How many orders of Muller GmbH?", hidden, Context(date(2026, 11, 21)))
    assert "Müller" not in str(found)


def test_without_a_value_index_a_question_is_read_as_before() -> None:
    assert "'Ash Ltd'" in ask("How many orders of Ash Ltd?", None).query.sql()
