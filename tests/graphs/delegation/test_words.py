"""What people say of delegations, and until when."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.delegation.period import end_of
from graphs.delegation.words import End, Give, Said, Who, said

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 1, 7, 22, 30, tzinfo=UTC)  # a Wednesday, half past eleven at night in Berlin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "delegate my approvals to ben until Friday because I am away",
            Give("ben", "Friday", "I am away"),
        ),
        ("Please delegate all my decisions to @Ben until 2026-11-28.", Give("@Ben", "2026-11-28")),
        ("hand over my approvals to Ben Miller for 3 days: holidays", Give("Ben Miller", "3 days", "holidays")),
        ("let ben decide for me till the end of the month", Give("ben", "the end of the month")),
        ("delegate my approvals to ben", Give("ben")),
        ("Let Ben approve in my place until Friday, because of a fair", Give("Ben", "Friday", "of a fair")),
        ("end my delegation", End()),
        ("please revoke my delegations to ben.", End("ben")),
        ("who decides for me?", Who()),
        ("Who approves in my place?", Who()),
        ("for whom do I decide?", Who()),
        ("my delegations", Who()),
        ("how many approvals are there until Friday", None),
        ("who decides about revenue", None),
        ("delegate the meeting to ben", None),
        ("approve", None),
        ("", None),
    ],
)
def test_what_is_said_of_delegations(text: str, meant: Said | None) -> None:
    assert said(text) == meant


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("today", "2026-01-08 00:00"),
        ("tomorrow", "2026-01-09 00:00"),
        ("Friday", "2026-01-10 00:00"),
        ("wednesday", "2026-01-15 00:00"),
        ("next Friday", "2026-01-17 00:00"),
        ("Friday at 17:00", "2026-01-09 17:00"),
        ("tomorrow noon", "2026-01-08 12:00"),
        ("23:45", "2026-01-07 23:45"),
        ("2026-11-28", "2026-11-29 00:00"),
        ("28.11.", "2026-11-29 00:00"),
        ("28 November", "2026-11-29 00:00"),
        ("November 28th, 2027", "2027-11-29 00:00"),
        ("5 Jan", "2027-01-06 00:00"),
        ("the end of the week", "2026-01-12 00:00"),
        ("the end of the month", "2026-02-01 00:00"),
        ("3 days", "2026-01-10 23:30"),
        ("a week", "2026-01-14 23:30"),
        ("two hours", "2026-01-08 01:30"),
    ],
)
def test_an_end_is_read_in_the_time_zone_of_the_people(words: str, end: str) -> None:
    assert end_of(words, NOW, BERLIN) == datetime.fromisoformat(end).replace(tzinfo=BERLIN)


@pytest.mark.parametrize("words", ["", "soon", "2026-02-30", "99.99.", "31 February", "25:00", "0 0", "forever", "ｘ"])
def test_what_is_no_end_is_not_guessed(words: str) -> None:
    assert end_of(words, NOW, BERLIN) is None


@given(st.text(max_size=80))
def test_no_words_break_it(words: str) -> None:
    end = end_of(words, NOW, BERLIN)
    assert end is None or end.tzinfo is not None
    said(f"delegate my approvals to {words}")
