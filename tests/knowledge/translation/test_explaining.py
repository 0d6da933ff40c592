"""Explanations: plain language of the query, each part tied to the words that it was read from."""

import re
from pathlib import Path

import pytest
import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.headings import spoken
from knowledge.translation.model import Context, Exchange, Interpretation, Phrase, Read
from knowledge.translation.words import clean
from tests.knowledge.translation import warehouse
from tests.knowledge.translation.shop import Shop, exchange

FOLDER = Path(__file__).parent
ASKED = [case["ask"] for case in yaml.safe_load((FOLDER / "questions.yaml").read_text("utf-8"))]
BUSINESS = [
    case["ask"]
    for name in ("business.yaml", "business_more.yaml")
    for case in yaml.safe_load((FOLDER / name).read_text("utf-8"))
]
INTERNAL = re.compile(
    r"_|\w\.\w|\b(?:SELECT|JOIN|GROUP BY|HAVING|COUNT|DISTINCT|NULL|LIKE|None|True|False)\b"
    r"|\b(?:asc|desc|avg|not in|within)\b|[<>=%*]|\d{4}-\d\d|\bid of\b|\b\w+ed (?:at|on) is\b"
)
"""SQL words, identifiers, operators and dates that people do not write so."""


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Interpretation]]:
    catalog = warehouse.write_warehouse(tmp_path_factory.mktemp("warehouse") / "warehouse.sqlite")
    return [(ask, reading) for ask in BUSINESS if (reading := _read(ask, catalog))]


def _read(ask: str, catalog: Catalog) -> Interpretation | None:
    found = RuleTranslator().translate(ask, catalog, Context(warehouse.TODAY))
    return found.interpretations[0] if isinstance(found, Read) else None


def _by_meaning(reading: Interpretation) -> dict[str, str]:
    return {phrase.meaning: " … ".join(phrase.words) or phrase.why for phrase in reading.because}


def test_no_explanation_holds_sql_or_internal_names(shop: Shop, business: list[tuple[str, Interpretation]]) -> None:
    told = [(ask, shop.answer(ask)) for ask in ASKED] + business
    assert len(business) >= 90
    odd = {ask: reading.explanation for ask, reading in told if INTERNAL.search(reading.explanation)}
    assert not odd


def test_every_phrase_is_part_of_the_explanation_and_of_the_question(
    shop: Shop, business: list[tuple[str, Interpretation]]
) -> None:
    for ask, reading in [(ask, shop.answer(ask)) for ask in ASKED] + business:
        assert reading.because, ask
        for phrase in reading.because:
            assert phrase.words == tuple(clean(ask)[start:end] for start, end in phrase.spans), ask
            assert bool(phrase.words) != bool(phrase.why), (ask, phrase)
            said = phrase.meaning.lower().removeprefix("per ") in reading.explanation.lower()
            assert said or phrase.meaning.startswith("sorted by"), (ask, phrase.meaning)


def test_hardly_any_phrase_of_a_first_question_is_assumed(business: list[tuple[str, Interpretation]]) -> None:
    phrases = [phrase for _, reading in business for phrase in reading.because]
    assert sum(not phrase.words for phrase in phrases) <= 0.02 * len(phrases)


@pytest.mark.parametrize(
    ("ask", "explanation", "because"),
    [
        (
            "How many orders did we ship per region last month?",
            "Number of orders per region, shipped from 1 to 30 June 2025.",
            {
                "number of orders": "How many orders",
                "per region": "per region",
                "shipped from 1 to 30 June 2025": "last month",
            },
        ),
        (
            "Which customers have more than 1 order?",
            "Customers with more than 1 order.",
            {"customers": "customers", "with more than 1 order": "more than 1 order"},
        ),
        (
            "Show customers whose name contains 'ee'",
            "Customers whose name contains “ee”.",
            {"customers": "customers", "whose name contains “ee”": "name contains 'ee'"},
        ),
        (
            "customers who bought a Robot but no Kite",
            "Customers where the product is Robot and without the product Kite.",
            {
                "customers": "customers",
                "where the product is Robot": "Robot",
                "without the product Kite": "but no Kite",
            },
        ),
        (
            "average price by category, highest first",
            "Average price per category.",
            {
                "average price": "average price",
                "per category": "by category",
                "sorted by average price, largest first": "highest first",
            },
        ),
        (
            "top 2 customers",
            "Sum of order totals per customer, the 2 highest.",
            {"sum of order totals": "assumed", "per customer": "customers", "the 2 highest": "top 2"},
        ),
        (
            "newest customer",
            "Customers, the one joined last.",
            {"customers": "customer", "the one joined last": "newest"},
        ),
    ],
)
def test_each_phrase_is_tied_to_its_words(shop: Shop, ask: str, explanation: str, because: dict[str, str]) -> None:
    reading = shop.answer(ask)
    assert reading.explanation == explanation
    assert _by_meaning(reading) == because


def test_misspelt_words_are_quoted_as_they_were_written(shop: Shop) -> None:
    words = [word for phrase in shop.answer("how many custmers dont live in Berlin").because for word in phrase.words]
    assert "how many custmers" in words


def test_what_a_follow_up_keeps_is_said_to_be_from_before(shop: Shop) -> None:
    ask = "How many orders did we ship per region last month?"
    before: tuple[Exchange, ...] = (exchange(ask, shop.answer(ask)),)
    told = _by_meaning(shop.answer("and the month before", *before))
    assert told["shipped from 1 to 31 May 2025"] == "the month before"
    assert told["per region"] == "from the question before"


def test_words_without_a_part_are_listed(shop: Shop) -> None:
    reading = shop.answer("list the names of sparkling customers in Berlin")
    assert reading.unread == ("sparkling",)
    assert not shop.answer("list the names of customers in Berlin").unread


def test_a_phrase_stands_for_itself() -> None:
    assert Phrase("orders") == Phrase("orders", (), (), "")


@pytest.mark.parametrize(
    ("name", "words"),
    [("order_date", "order date"), ("orderDate", "order date"), ("OrderDate", "order date"), ("SKU", "sku")],
)
def test_names_of_columns_are_spoken_as_words(name: str, words: str) -> None:
    assert spoken(name) == words
