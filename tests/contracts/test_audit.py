"""What every audit log promises, in memory and in a database."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from conversation.audit import Entry, Verified
from conversation.gates import NotCanonical
from tests.contracts.stores import KINDS, Stores, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=[*sorted(KINDS), POSTGRES])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    opener = (
        postgres(request.getfixturevalue("server")) if request.param == "postgres" else KINDS[request.param](tmp_path)
    )
    async with opener as opened:
        yield opened


async def append(stores: Stores, n: int = 0, tenant: str = "acme", **more: Any) -> Entry:
    given: dict[str, Any] = {"subject": f"term:{n}", "detail": {"n": n}, **more}
    return await stores.audit.append(
        tenant, at="2026-03-01", actor="ann", channel="web", what="term.changed", acting_for="ben", **given
    )


async def test_entries_follow_each_other_and_each_names_the_one_before(stores: Stores) -> None:
    first, second = await append(stores, 1), await append(stores, 2)
    assert (first.seq, first.previous, second.seq, second.previous) == (1, "", 2, first.digest)
    assert list(await stores.audit.entries("acme")) == [first, second]
    assert await stores.audit.verify("acme") == Verified(await stores.audit.head("acme"))


async def test_each_tenant_has_a_log_of_its_own(stores: Stores) -> None:
    await append(stores)
    theirs = await append(stores, tenant="other")
    assert (theirs.seq, theirs.previous) == (1, "")
    assert [entry.tenant for entry in await stores.audit.entries("other")] == ["other"]
    assert isinstance(await stores.audit.verify("nobody"), Verified)


async def test_entries_are_found_by_subject_and_page(stores: Stores) -> None:
    for n in range(5):
        await append(stores, n % 2)
    assert [entry.seq for entry in await stores.audit.entries("acme", subject="term:0")] == [1, 3, 5]
    assert [entry.seq for entry in await stores.audit.entries("acme", after=2, limit=2)] == [3, 4]


async def test_fifty_writers_at_once_leave_no_hole_and_take_no_place_twice(stores: Stores) -> None:
    written = await asyncio.gather(*(append(stores, n) for n in range(50)))
    assert sorted(entry.seq for entry in written) == list(range(1, 51))
    assert isinstance(await stores.audit.verify("acme"), Verified)


@pytest.mark.parametrize("text", ["nul \x00", "half \ud800", "☕ 'quotes' \"\\", "x" * 10_000, "\u2028\x7f\x1b[2J"])
async def test_whatever_was_typed_is_kept_so_that_the_log_verifies(stores: Stores, text: str) -> None:
    entry = await append(stores, subject=text, detail={text: [text, {"deep": text}], "n": 1.5, "none": None, "b": True})
    assert list(await stores.audit.entries("acme")) == [entry]
    assert isinstance(await stores.audit.verify("acme"), Verified)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**60])
async def test_a_number_that_json_can_not_keep_is_refused_and_nothing_written(stores: Stores, value: float) -> None:
    with pytest.raises(NotCanonical):
        await append(stores, detail={"n": value})
    assert await stores.audit.entries("acme") == []
    assert (await append(stores)).seq == 1
