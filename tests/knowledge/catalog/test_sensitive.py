"""Sensitive columns are found, and their look-alikes are not."""

import sys

import pytest

from knowledge.catalog.formats import format_of, is_card, is_iban, is_phone
from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.sensitive import classified, findings
from tests.knowledge.catalog.labelled import LOOK_ALIKES, PERSONAL, Case, case


def tags(each: Case) -> set[str]:
    table, column = case(*each[:4])
    return {finding.tag for finding in findings(table, column)}


def test_precision_and_recall_over_the_labelled_columns() -> None:
    """Every tag that is given counts; precision 0.98 and recall 0.95 at least."""
    given = [(each, tag) for each in (*PERSONAL, *LOOK_ALIKES) for tag in tags(each)]
    right = [each for each, tag in given if tag == each[4]]
    wrong = [(each[0], each[1], tag) for each, tag in given if tag != each[4]]
    missed = [(each[0], each[1], each[4]) for each in PERSONAL if each[4] not in tags(each)]
    assert len(PERSONAL) + len(LOOK_ALIKES) >= 150
    assert len(LOOK_ALIKES) >= len(PERSONAL)
    precision, recall = len(right) / len(given), len(right) / len(PERSONAL)
    found = f"{len(PERSONAL)} sensitive, {len(LOOK_ALIKES)} others: precision {precision:.3f}, recall {recall:.3f}"
    sys.stdout.write(f"\n{found}\nwrong: {wrong}\nmissed: {missed}\n")
    assert precision >= 0.98
    assert recall >= 0.95


def test_every_tag_says_what_speaks_for_it() -> None:
    for each in PERSONAL:
        assert all(finding.evidence for finding in findings(*case(*each[:4])))


def test_tags_and_formats_are_added_to_what_the_source_said() -> None:
    mails = Column("email", DataType.TEXT, values=("a@example.org", "b@example.org"), tags=("gdpr",))
    (column,) = classified(Table("s", "users", (mails,), rows=2)).columns
    assert column.tags == ("gdpr", "pii:email")
    assert column.format == "email"


@pytest.mark.parametrize(
    ("values", "looks"),
    [
        (("https://example.org/a", "http://b.example"), "url"),
        (("6fa459ea-ee8a-3ca4-894e-db77e160355e", "16fd2706-8baf-433b-82eb-8c7fada847da"), "uuid"),
        (("8.8.8.8", "::1"), "ip"),
        (("DE", "FR"), "country code"),
        (("EUR", "USD"), "currency code"),
        (('{"a": 1}', "[]"), "json"),
        (("d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"), "hash"),
        (("red", "blue"), ""),
        (("DE", "FR", "no"), ""),
        (("DE",), ""),
        ((), ""),
    ],
)
def test_the_format_of_texts_is_known(values: tuple[str, ...], looks: str) -> None:
    assert format_of(values) == looks


def test_check_digits_are_checked() -> None:
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE88370400440532013000")
    assert is_card("4111-1111-1111-1111")
    assert not is_card("4111111111111112")
    assert not is_card("0000000000000000")


@pytest.mark.parametrize("text", ["2024-01-02", "13.404954", "12", "01.02.2024", "123-45-6789", "1" * 30, "+" * 9999])
def test_dates_and_decimals_are_no_telephone_numbers(text: str) -> None:
    assert not is_phone(text)
