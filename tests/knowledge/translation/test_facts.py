"""What everybody knows of stored values, in the words of a question."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Decline, Read
from knowledge.translation.synonyms.facts import facts
from knowledge.values import Place, ValueIndex

TEXT = DataType.TEXT


def _catalog(**columns: tuple[str, ...]) -> Catalog:
    found = tuple(Column(name, TEXT, distinct=len(values), values=values) for name, values in columns.items())
    key = Column("singer_id", DataType.INTEGER)
    singers = Table("music", "singer", (key, Column("name", TEXT), *found), primary_key=("singer_id",))
    return Catalog((singers,), {"music": "sqlite"})


def sql(question: str, catalog: Catalog, values: ValueIndex | None = None) -> str:
    found = RuleTranslator().translate(question, catalog, Context(date(2026, 11, 21), values=values))
    return found.interpretations[0].query.sql(dialect="sqlite") if isinstance(found, Read) else ""


@pytest.mark.parametrize(
    ("question", "columns", "condition"),
    [
        ("How many French singers are there?", {"country": ("France", "Spain")}, "country = 'France'"),
        ("How many singers are French?", {"nationality": ("FRA", "ESP")}, "nationality = 'FRA'"),
        ("names of singers from France", {"nationality": ("French", "Spanish")}, "nationality = 'French'"),
        ("singers from the USA", {"country": ("United States", "Canada")}, "country = 'United States'"),
        ("How many American singers?", {"country": ("USA", "CAN")}, "country = 'USA'"),
        ("How many singers live in California?", {"state": ("CA", "TX")}, "state = 'CA'"),
        ("How many singers live in TX?", {"state": ("Texas", "Ohio")}, "state = 'Texas'"),
        ("How many women sing?", {"sex": ("F", "M")}, "sex = 'F'"),
        ("How many male singers are there?", {"gender": ("f", "m")}, "gender = 'm'"),
        ("How many singers are from NYC?", {"city": ("New York", "Boston")}, "city = 'New York'"),
    ],
)
def test_a_word_meets_the_value_that_stands_for_the_same(
    question: str, columns: dict[str, tuple[str, ...]], condition: str
) -> None:
    assert condition in sql(question, _catalog(**columns))


def test_a_code_in_a_column_of_something_else_is_no_country() -> None:
    assert "'FR'" not in sql("How many French singers are there?", _catalog(room=("FR", "IT")))


def test_small_words_are_not_taken_for_codes() -> None:
    assert "WHERE" not in sql("How many singers are in all?", _catalog(state=("Indiana", "Oregon")))


def test_a_value_that_no_sample_holds_is_found_by_the_adjective(tmp_path: Path) -> None:
    values = ValueIndex(tmp_path / "values.sqlite")
    values.update(Place("music", "", "singer", "country"), [("Norway", 3), ("Chile", 1)])
    assert "country = 'Norway'" in sql("How many Norwegian singers are there?", _catalog(country=("Chile",)), values)
    values.close()


def test_a_country_that_is_not_stored_is_not_made_up() -> None:
    found = RuleTranslator().translate(
        "How many French singers are there?", _catalog(room=("1", "2")), Context(date(2026, 11, 21))
    )
    assert isinstance(found, Decline)


def test_a_language_without_facts_knows_none() -> None:
    assert not facts("xx").names("French")
