"""The business questions in German, French and Spanish: nearly all answered right, none wrong without saying so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Exchange, Read, Translation
from tests.knowledge.translation.test_business import _alike as alike
from tests.knowledge.translation.test_business import _rows as rows_of
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

FOLDER = Path(__file__).parent
RIGHT = {"en": 60, "de": 60, "fr": 60, "es": 60}
"""How many of the sixty must be answered right."""

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
