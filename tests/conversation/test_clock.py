"""Quiet hours and the steps of a gate, by times that were chosen to be awkward."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.gates import Gate
from conversation.gates.clock import GateDue, QuietHours, Times, later, read, step_of
from conversation.principal import Principal

NIGHTS = QuietHours(time(18), time(8), "Europe/Berlin")
WEEKENDS = replace(NIGHTS, days=frozenset((5, 6)))
ADA = Principal("ada", "acme", "Ada")
GATE = Gate("g", "acme", "r", "nlq", "i", "Run it?", "", {}, ADA, ("approver",), "p")
AT = "2026-01-07T12:00:00+00:00"


@pytest.mark.parametrize(
    ("quiet", "at", "loud"),
    [
        (QuietHours(), "2026-01-07T03:00:00+00:00", "2026-01-07T03:00:00+00:00"),
        (NIGHTS, "2026-01-07T12:00:00+00:00", "2026-01-07T12:00:00+00:00"),
        (NIGHTS, "2026-01-07T17:00:00+00:00", "2026-01-08T07:00:00+00:00"),
        (NIGHTS, "2026-01-07T16:59:59+00:00", "2026-01-07T16:59:59+00:00"),
        (NIGHTS, "2026-01-08T06:59:59+00:00", "2026-01-08T07:00:00+00:00"),
        (NIGHTS, "2026-01-08T07:00:00+00:00", "2026-01-08T07:00:00+00:00"),
        (WEEKENDS, "2026-01-09T18:00:00+00:00", "2026-01-12T07:00:00+00:00"),
        (WEEKENDS, "2026-01-11T12:00:00+00:00", "2026-01-12T07:00:00+00:00"),
        (QuietHours(time(12), time(13), "UTC"), "2026-01-07T12:30:00+00:00", "2026-01-07T13:00:00+00:00"),
        (QuietHours(days=frozenset(range(7))), "2026-01-07T12:30:00+00:00", "2026-01-07T12:30:00+00:00"),
        # Summer time begins: 02:30 is no time there on that day. And ends: 02:30 is there twice.
        (QuietHours(time(22), time(2, 30), "Europe/Berlin"), "2026-03-29T00:00:00+00:00", "2026-03-29T01:30:00+00:00"),
        (QuietHours(time(22), time(2, 30), "Europe/Berlin"), "2026-10-25T01:10:00+00:00", "2026-10-25T01:30:00+00:00"),
        (NIGHTS, "2026-03-28T18:00:00+00:00", "2026-03-29T06:00:00+00:00"),
        (NIGHTS, "2026-10-24T18:00:00+00:00", "2026-10-25T07:00:00+00:00"),
        (QuietHours(time(18), time(8), "Asia/Kathmandu"), "2026-01-07T13:00:00+00:00", "2026-01-08T02:15:00+00:00"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(quiet: QuietHours, at: str, loud: str) -> None:
    assert quiet.over(read(at)) == read(loud)


@given(
    at=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe")),
    days=st.frozensets(st.integers(0, 6)),
)
def test_a_loud_moment_is_never_earlier_and_stays_where_it_is(
    at: datetime, start: time, end: time, zone: str, days: frozenset[int]
) -> None:
    quiet = QuietHours(start, end, zone, days)
    moment = at.replace(tzinfo=UTC)
    loud = quiet.over(moment)
    assert loud >= moment
    assert loud - moment < timedelta(days=9)
    assert quiet.over(loud) == loud


@pytest.mark.parametrize(
    ("times", "step"),
    [
        ({}, None),
        ({"remind_at": later(AT, 1)}, None),
        ({"remind_at": AT}, "remind"),
        ({"remind_at": later(AT, -9), "escalate_at": later(AT, -1)}, "escalate"),
        ({"remind_at": later(AT, -9), "escalate_at": later(AT, -5), "due_at": AT}, "expire"),
        ({"remind_at": "2026-01-07T14:00:00+02:00"}, "remind"),
        ({"remind_at": AT, "state": "paused"}, None),
        ({"due_at": AT, "state": "decided"}, None),
    ],
)
def test_one_step_at_a_time_and_none_for_what_is_not_open(times: dict[str, str], step: str | None) -> None:
    found = step_of(replace(GATE, **times), AT)  # type: ignore[arg-type]
    assert (found.step if found else None) == step


def test_a_step_is_known_by_the_time_that_it_was_set_for() -> None:
    gate = replace(GATE, due_at=AT)
    assert step_of(gate, later(AT, 0)) == step_of(gate, later(AT, 9_999)) == GateDue("acme", "g", "expire", AT)


def test_a_reminder_is_set_for_a_time_that_is_not_quiet() -> None:
    times = Times(remind=4 * 3600, quiet=NIGHTS)
    assert times.remind_at(AT) == "2026-01-07T16:00:00.000000+00:00"
    assert times.remind_at("2026-01-07T14:00:00+00:00") == "2026-01-08T07:00:00.000000+00:00"
    assert Times().remind_at(AT) == ""
