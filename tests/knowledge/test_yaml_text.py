"""YAML that may be hostile, and YAML that has to come back as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from knowledge.errors import Refused
from knowledge.yaml_text import read_yaml, write_yaml

SEEN = some.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), whitelist_characters="\n\t")
TEXTS = some.text(SEEN, max_size=40)


@settings(max_examples=300, deadline=None)
@given(some.dictionaries(TEXTS, TEXTS | some.lists(TEXTS, max_size=4) | some.booleans() | some.integers(), max_size=5))
def test_what_is_written_comes_back_as_it_was(value: dict[str, object]) -> None:
    assert read_yaml(write_yaml(value), 1_000_000) == value


def test_texts_that_look_like_something_else_stay_texts() -> None:
    value = {"a": ["no", "1_000", "0x10", "12:30", "~", "null", "<<", "=", "- x", "# y", "2026-11-21", "", " x", "1e3"]}
    assert read_yaml(write_yaml(value), 10_000) == value
    assert read_yaml("day: 2026-11-21", 100) == {"day": "2026-11-21"}


BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(20)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BOMB, "alias"),
        ("a: 1\nb: 2\na: 3", "'a' twice in one place"),
        ("? [1, 2]\n: 3", "no text"),
        ("a: " + "[" * 60 + "]" * 60, "levels deep"),
        ("[" * 5_000, "levels deep"),
        ("{" * 5_000, "levels deep"),
        ("a: 1\n---\nb: 2", "not valid"),
        ("!!python/object/apply:os.system ['true']", "not valid"),
        ("a: !!binary aGk=", "not valid"),
        ("a: !!timestamp 2026-11-21", "not valid"),
        ("a: !!set {x}", "not valid"),
        ("\x00", "not valid"),
        ("n: " + "9" * 5_000, "not valid"),
        ("a: [1, 2", "not valid YAML (line"),
        ("x" * 200_000, "larger than 100,000 characters"),
    ],
)
def test_anything_but_plain_data_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_yaml(text, 100_000)
    assert why in str(refused.value)
    assert "Nothing was imported." in str(refused.value)
