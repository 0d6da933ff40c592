"""Canonical JSON: the same bytes as the reference implementation, and nothing that readers would read differently."""

import json
import math
import struct
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.codec import Json
from conversation.gates.canonical import DEPTH, EXACT, NotCanonical, canonical, digest

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=400, deadline=None)
def test_it_writes_the_bytes_of_the_reference(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.binary(min_size=8, max_size=8))
@settings(max_examples=400, deadline=None)
def test_every_double_is_written_as_the_reference_writes_it_and_reads_back(bits: bytes) -> None:
    (value,) = struct.unpack(">d", bits)
    if math.isfinite(value):
        assert canonical(value) == rfc8785.dumps(value)
        assert float(canonical(value)) == value


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_it_says_the_same_after_a_round_through_any_json(value: Json) -> None:
    assert canonical(json.loads(json.dumps(value))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (9007199254740993.0, "9007199254740992"),
        (333333333.33333329, "333333333.3333333"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        ('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"1": 1, "\x80": 2, "ö": 3, "€": 4, "😀": 5, "דּ": 6, "\r": 7}, None),
    ],
)
def test_cases_of_the_standard(value: Json, written: str | None) -> None:
    assert canonical(value) == (rfc8785.dumps(value) if written is None else written.encode())


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        [-math.inf],
        EXACT + 1,
        {"n": -EXACT - 1},
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        {"when": object()},
        b"bytes",
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_what_is_nested_without_end_is_refused() -> None:
    deep: Json = 1
    for _ in range(DEPTH * 20):
        deep = [deep]
    with pytest.raises(NotCanonical):
        canonical(deep)


def test_a_digest_tells_a_text_from_a_number_and_true_from_one() -> None:
    assert len({digest({"n": one}) for one in (1, "1", True, None, 1.5)}) == 5
    assert digest({"a": 1, "b": 1.0}) == digest({"b": 1, "a": 1})
