"""Questions of a small shop and the rows that answer them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read
from tests.knowledge.translation.shop import TODAY, rows_of, write_shop

CASES = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalog]:
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    return path, write_shop(path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["ask"])
def test_the_question_is_answered_with_the_right_rows(case: dict[str, Any], shop: tuple[Path, Catalog]) -> None:
    found = RuleTranslator().translate(case["ask"], shop[1], Context(TODAY))
    assert isinstance(found, Read), found
    sql = found.interpretations[0].query.sql("sqlite")
    assert sorted(rows_of(shop[0], found.interpretations[0])) == sorted(map(tuple, case["rows"])), sql
