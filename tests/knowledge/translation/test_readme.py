"""The page that shows how a construct is added shows what is there."""

import re
from pathlib import Path

import knowledge.translation.reading

FOLDER = Path(knowledge.translation.reading.__file__).parent
TESTS = Path(__file__).parent


def test_each_step_of_the_page_is_in_the_files() -> None:
    fixture, words, rule = re.findall(r"```\w+\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.S)
    assert fixture.strip() in (TESTS / "questions.yaml").read_text("utf-8")
    assert words.strip() in (FOLDER.parent / "lexicon" / "en.yaml").read_text("utf-8")
    code = (FOLDER / "repeating.py").read_text("utf-8")
    assert all(line.strip() in code for line in rule.splitlines())
