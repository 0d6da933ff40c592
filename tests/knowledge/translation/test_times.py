"""Expressions of time, seen from 15 July 2025."""

import pytest

from knowledge.translation.lexicon import load
from knowledge.translation.times import Clock
from knowledge.translation.words import tokenise
from tests.knowledge.translation.shop import TODAY


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2025-07-15", "2025-07-16"),
        ("yesterday", "2025-07-14", "2025-07-15"),
        ("this year", "2025-01-01", "2026-01-01"),
        ("last month", "2025-06-01", "2025-07-01"),
        ("last week", "2025-07-07", "2025-07-14"),
        ("next quarter", "2025-10-01", "2026-01-01"),
        ("the last 3 months", "2025-04-15", "2025-07-16"),
        ("past 30 days", "2025-06-15", "2025-07-16"),
        ("2 months ago", "2025-05-01", "2025-06-01"),
        ("Q2 2025", "2025-04-01", "2025-07-01"),
        ("2024 Q4", "2024-10-01", "2025-01-01"),
        ("in 2024", "2024-01-01", "2025-01-01"),
        ("March 2025", "2025-03-01", "2025-04-01"),
        ("in December", "2024-12-01", "2025-01-01"),
        ("March 5, 2025", "2025-03-05", "2025-03-06"),
        ("5 March 2025", "2025-03-05", "2025-03-06"),
        ("2025-03-05", "2025-03-05", "2025-03-06"),
        ("since May", "2025-05-01", "None"),
        ("since 2023", "2023-01-01", "None"),
        ("before March 2025", "None", "2025-03-01"),
        ("after March 2025", "2025-04-01", "None"),
        ("between March and June 2025", "2025-03-01", "2025-07-01"),
        ("between November and February 2025", "2024-11-01", "2025-03-01"),
        ("from 2021 to 2023", "2021-01-01", "2024-01-01"),
        ("since march", "2025-03-01", "None"),
        ("year to date", "2025-01-01", "2025-07-16"),
        ("this month so far", "2025-07-01", "2025-07-16"),
        ("the last 2 complete months", "2025-05-01", "2025-07-01"),
        ("last 6 months excluding the current month", "2025-01-01", "2025-07-01"),
        ("the same month last year", "2024-01-01", "2025-01-01"),
        ("the year before", "2024-01-01", "2025-01-01"),
        ("the first quarter of 2023", "2023-01-01", "2023-04-01"),
        ("H2 2024", "2024-07-01", "2025-01-01"),
    ],
)
def test_words_of_time_become_half_open_periods(text: str, start: str, end: str) -> None:
    tokens = tokenise(text)
    found = Clock(tokens, load(), TODAY).match(0)
    assert found is not None
    stop, period = found
    assert (stop, str(period.start), str(period.end)) == (len(tokens), start, end)


@pytest.mark.parametrize(
    "text", ["may I see orders", "the march", "30 February 2025", "9999-99-99", "last order", "q5 2025"]
)
def test_other_words_are_no_period(text: str) -> None:
    assert Clock(tokenise(text), load(), TODAY).match(0) is None
