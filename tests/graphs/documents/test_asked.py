"""Which words ask for documents, and that questions of data do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from graphs.documents.asked import of_documents, parted

DATA = Path(__file__).parents[2] / "knowledge" / "translation"


@pytest.mark.parametrize(
    ("text", "topic", "subject"),
    [
        ("What does the refund policy say about France?", "France", "refund policy"),
        ("what do our travel guidelines say on trains", "trains", "travel guidelines"),
        ("According to the handbook, how many days are there?", "how many days are there", "handbook"),
        ("how many days are there according to the staff handbook?", "how many days are there", "staff handbook"),
        ("What is written in the contract about notice periods", "notice periods", "contract"),
        ("find documents about refunds", "refunds", ""),
        ("Is there a policy on travel?", "travel", ""),
        ("search the docs for net revenue", "net revenue", ""),
    ],
)
def test_words_that_speak_of_documents_ask_for_them(text: str, topic: str, subject: str) -> None:
    asked = of_documents(text)
    assert asked is not None
    assert (asked.text, asked.subject) == (topic, subject)


@pytest.mark.parametrize(
    "text",
    [
        "orders according to region", "which pages are on the site", "list documents created last month",
        "show policies on hold",
        "number of contracts per customer",
        "how many pages per visit", "revenue by region", "what changed?", "say hello",
        "approve", "documents", "what does it say", "which files are larger than 10 MB",
        "x" * 5_000,
    ],
)  # fmt: skip
def test_words_that_only_resemble_it_do_not(text: str) -> None:
    assert of_documents(text) is None
    assert parted(text) is None


def test_a_question_of_data_may_go_on_with_one_of_documents() -> None:
    found = parted("revenue by region and what the refund policy says about it")
    assert found is not None
    assert (found.data, found.documents.subject, found.documents.also) == (
        "revenue by region", "refund policy", "revenue by region",
    )  # fmt: skip
    other = parted("Orders per month, and what does the shipping guide say about lost parcels?")
    assert other is not None
    assert (other.data, other.documents.text, other.documents.also) == ("Orders per month", "lost parcels", "")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)


def test_no_question_of_the_translators_own_tests_is_taken_from_it() -> None:
    asked = [
        text for file in sorted(DATA.rglob("*.yaml")) for text in _strings(yaml.safe_load(file.read_text("utf-8")))
    ]
    assert len(asked) > 500
    assert [text for text in asked if of_documents(text) or parted(text)] == []
