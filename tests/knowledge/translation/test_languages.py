"""The business questions in German, French and Spanish: nearly all answered right, none wrong without saying so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.languages import detect, languages, render
from knowledge.translation.languages.dictionary import dictionary
from knowledge.translation.model import Context, Exchange, Read, Translation
from tests.knowledge.translation.test_business import alike, rows_of
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

FOLDER = Path(__file__).parent
RIGHT = {"en": 60, "de": 60, "fr": 60, "es": 60}
"""How many of the sixty must be answered right."""
BLIND = {"en": 17, "de": 16, "fr": 17, "es": 17}
"""How many of the twenty that were written afterwards must be answered right."""

Case = dict[str, Any]


def _cases(name: str) -> list[Case]:
    loaded: list[Case] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return loaded


ENGLISH = [*_cases("business"), *_cases("languages")]


def cases(language: str) -> Iterator[Case]:
    """The questions of a language, each with the query that answers it."""
    known = {case["ask"]: case for case in ENGLISH}
    for case in ENGLISH if language == "en" else _cases(f"business_{language}"):
        same = known[case.get("en", case["ask"])]
        yield {"sql": same["sql"], "sorted": same.get("sorted", False), **case}


def translated(case: Case, catalog: Catalog) -> Translation:
    """What a case is read as, after the question before it."""
    rules = RuleTranslator()
    history: tuple[Exchange, ...] = ()
    if before := case.get("after"):
        found = rules.translate(before, catalog, Context(TODAY))
        if not isinstance(found, Read):
            return found
        first = found.interpretations[0]
        history = (Exchange(before, first.query.sql("sqlite"), first.source, first.memory),)
    return rules.translate(case["ask"], catalog, Context(TODAY, history))


def outcome(case: Case, warehouse: tuple[Path, Catalog]) -> tuple[str, str]:
    """Right, wrong, or left unanswered (declined or asked back), with the query."""
    path, catalog = warehouse
    found = translated(case, catalog)
    if not isinstance(found, Read):
        return "left", ""
    sql = found.interpretations[0].query.sql(dialect="sqlite")
    same = alike(rows_of(path, case["sql"]), rows_of(path, sql), case["sorted"])
    return ("right" if same else "wrong"), sql


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalog]:
    path: Path = tmp_path_factory.mktemp("warehouse") / "warehouse.sqlite"
    return path, write_warehouse(path)


@pytest.mark.parametrize("language", sorted(RIGHT))
def test_business_questions_are_answered_in_every_language(language: str, warehouse: tuple[Path, Catalog]) -> None:
    outcomes = [(case["ask"], *outcome(case, warehouse)) for case in cases(language)]
    wrong = [f"{ask}: {sql}" for ask, found, sql in outcomes if found == "wrong"]
    assert len(outcomes) == 60
    assert not wrong, "\n".join(wrong)
    assert sum(found == "right" for _, found, _ in outcomes) >= RIGHT[language]


def blind(language: str) -> Iterator[Case]:
    """The questions that were written after the dictionaries."""
    for case in _cases("blind"):
        yield {"ask": case[language], "sql": case["sql"], "sorted": False}


@pytest.mark.parametrize("language", sorted(BLIND))
def test_questions_written_afterwards_stay_right(language: str, warehouse: tuple[Path, Catalog]) -> None:
    outcomes = [outcome(case, warehouse)[0] for case in blind(language)]
    assert outcomes.count("right") >= BLIND[language]


@pytest.mark.parametrize("language", sorted(RIGHT))
def test_the_language_of_a_question_is_told_by_its_words(language: str) -> None:
    asked = [(case["ask"], case.get("after", "")) for case in cases(language)]
    assert [ask for ask, after in asked if detect(ask, [after] if after else ()) != language] == []


def test_words_that_tell_nothing_leave_the_language_of_the_conversation() -> None:
    assert detect("2025?", ["Umsatz nach Land und Monat"]) == "de"
    assert detect("2025?", ["revenue by country"]) == "en"
    assert detect("2025?", (), "fr") == "fr"


@pytest.mark.parametrize("language", languages())
def test_a_dictionary_has_the_words_of_schemas_and_business(language: str) -> None:
    named = [word for word in dictionary(language).words.values() if word.kind in ("noun", "verb", "done", "adjective")]
    assert len(named) >= 600
    assert all(isinstance(name, str) for word in dictionary(language).words.values() for name in word.names)


@pytest.mark.parametrize(
    ("language", "said", "text"),
    [
        ("de", "Umsatz am 31.12.2024", "revenue on 2024-12-31"),
        ("de", "Umsatz über 1.234,50 Euro", "revenue over 1234.50 euros"),
        ("de", "Gehaelter seit Maerz 2026", "salaries since March 2026"),
        ("de", "Umsatz vor 3 Monaten", "revenue 3 month ago"),
        ("de", "Umsatz im letzten Monat", "revenue in last month"),
        ("fr", "commandes du 1er mars 2026", "orders in 1 March 2026"),
        ("fr", "montant supérieur à 1 234,5 euros", "amount above 1234.5 euros"),
        ("fr", "ventes d'il y a 2 mois", "sales in 2 month ago"),
        ("es", "pedidos del 3 de mayo de 2024", "orders in 3 May 2024"),
        ("es", "los productos más caros", "the most expensive products"),
        ("es", "año 2025", "2025"),
        ("en", "Umsatz pro Monat", "Umsatz pro Monat"),
        ("de", "Produkte namens „Die Lampe“", 'products named "Die Lampe"'),
    ],
)
def test_dates_numbers_and_names_are_put_into_the_words_of_the_grammar(language: str, said: str, text: str) -> None:
    assert render(said, language).text == text


def test_a_word_that_no_dictionary_knows_is_not_passed_over(warehouse: tuple[Path, Catalog]) -> None:
    found = RuleTranslator().translate("wie viele zerknitterte Bestellungen gibt es?", warehouse[1], Context(TODAY))
    assert not isinstance(found, Read)
