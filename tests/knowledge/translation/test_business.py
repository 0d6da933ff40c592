"""Business questions: nearly all are answered right, and none wrong without saying so."""

import sqlite3
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

HERE = Path(__file__).parent
ANALYTICS = yaml.safe_load((HERE / "analytics.yaml").read_text("utf-8"))
RIGHT = {"business.yaml": 50, "business_more.yaml": 49}
"""How many of the 50 questions of each list must be answered right."""

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalog]:
    path: Path = tmp_path_factory.mktemp("warehouse") / "warehouse.sqlite"
    return path, write_warehouse(path)


@pytest.mark.parametrize("name", RIGHT)
def test_business_questions_are_answered_right_and_never_silently_wrong(
    name: str, warehouse: tuple[Path, Catalog]
) -> None:
    cases = yaml.safe_load((HERE / name).read_text("utf-8"))
    outcomes = [(case["ask"], *_outcome(case, warehouse)) for case in cases]
    wrong = [f"{ask}: {sql}" for ask, outcome, sql in outcomes if outcome == "wrong"]
    left = [ask for ask, outcome, _ in outcomes if outcome == "left"]
    assert len(cases) == 50
    assert not wrong, "\n".join(wrong)
    assert len(cases) - len(left) >= RIGHT[name], "\n".join(left)


@pytest.mark.parametrize("case", ANALYTICS, ids=[case["ask"] for case in ANALYTICS])
def test_a_construct_of_analysis_is_answered_right(case: dict[str, Any], warehouse: tuple[Path, Catalog]) -> None:
    assert _outcome(case, warehouse)[0] == "right"


def _outcome(case: dict[str, Any], warehouse: tuple[Path, Catalog]) -> tuple[str, str]:
    """Right, wrong, or left unanswered (declined or asked back), with the query."""
    path, catalog = warehouse
    found = RuleTranslator().translate(case["ask"], catalog, Context(TODAY))
    if not isinstance(found, Read):
        return "left", ""
    sql = found.interpretations[0].query.sql(dialect="sqlite")
    expected, got = rows_of(path, case["sql"]), rows_of(path, sql)
    assert expected, case["ask"]
    return ("right" if alike(expected, got, bool(case.get("sorted"))) else "wrong"), sql


def rows_of(path: Path, sql: str) -> Rows:
    """The rows of a query, numbers rounded to two places."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [
            tuple(round(v, 2) if isinstance(v, float) else v for v in row) for row in database.execute(sql).fetchall()
        ]
    finally:
        database.close()


def alike(expected: Rows, got: Rows, ordered: bool) -> bool:
    """Whether some choice of the columns of the answer is what is expected."""
    if len(expected) != len(got):
        return False
    wanted = expected if ordered else sorted(expected, key=repr)
    for chosen in permutations(range(len(got[0])), len(expected[0])):
        rows = [tuple(row[at] for at in chosen) for row in got]
        if (rows if ordered else sorted(rows, key=repr)) == wanted:
            return True
    return False
