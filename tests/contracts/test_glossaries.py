"""What every store of a glossary promises."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.audit import Verified
from infra.store.audit import SqlAudit
from infra.store.engine import migrate, open_engine
from infra.store.glossary import SqlGlossaries
from knowledge.errors import Conflict
from knowledge.glossary import EMPTY, Glossaries, Metric, Place, Relation, Term
from tests.contracts.stores import KINDS, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server

REVENUE = Term(
    "revenue",
    "Revenue ☕",
    "metric",
    "approved",
    "What customers paid, “net” of returns.",
    ("turnover", "sales"),
    ("eva",),
    Metric("shop", "orders", "SUM(amount)", ("status = 'paid'",), ("id",), "additive", "ordered_on", "EUR", "money"),
    (Place("shop", "orders", "amount", "status = 'paid'"),),
    (),
    (Relation("is-a", "money"), Relation("maps-to", "https://example.org/revenue")),
)
REGION = Term("region", "Region", "hierarchy", levels=("country", "city"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=[*sorted(KINDS), POSTGRES])
async def glossaries(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Glossaries]:
    opener = (
        postgres(request.getfixturevalue("server")) if request.param == "postgres" else KINDS[request.param](tmp_path)
    )
    async with opener as opened:
        yield opened.glossary


async def test_a_tenant_without_terms_has_an_empty_glossary(glossaries: Glossaries) -> None:
    assert await glossaries.of("acme") == EMPTY
    assert await glossaries.history("acme") == ()


async def test_a_term_comes_back_to_the_letter_with_who_wrote_it(glossaries: Glossaries) -> None:
    made = await glossaries.put("acme", REVENUE, by="eva", note="first", base=0)
    glossary = await glossaries.of("acme")
    assert glossary.terms == (made,)
    assert (made.version, made.changed_by, made.note) == (1, "eva", "first")
    assert made.changed_at
    assert replace(made, version=0, changed_by="", changed_at="", note="") == REVENUE


async def test_terms_are_ordered_by_id_and_belong_to_their_tenant(glossaries: Glossaries) -> None:
    await glossaries.put("acme", REVENUE, by="eva")
    await glossaries.put("acme", REGION, by="eva")
    await glossaries.put("other", REGION, by="zoe")
    assert [term.id for term in (await glossaries.of("acme")).terms] == ["region", "revenue"]
    assert [term.changed_by for term in (await glossaries.of("other")).terms] == ["zoe"]
    assert await glossaries.history("third") == ()


async def test_the_version_changes_with_every_change_and_only_then(glossaries: Glossaries) -> None:
    await glossaries.put("acme", REVENUE, by="eva")
    first = await glossaries.of("acme")
    assert await glossaries.of("acme") is first
    await glossaries.put("other", REGION, by="zoe")
    assert await glossaries.of("acme") is first
    await glossaries.put("acme", REVENUE, by="eva")
    second = await glossaries.of("acme")
    await glossaries.put("acme", REGION, by="eva")
    third = await glossaries.of("acme")
    await glossaries.remove("acme", "region", by="eva")
    assert len({first.version, second.version, third.version}) == 3
    assert (await glossaries.of("acme")).version == second.version


async def test_a_change_of_a_version_that_no_longer_stands_is_a_conflict(glossaries: Glossaries) -> None:
    await glossaries.put("acme", REVENUE, by="eva")
    await glossaries.put("acme", replace(REVENUE, name="Net revenue"), by="ben", base=1)
    with pytest.raises(Conflict, match=r"ben changed the term “Net revenue”.*version 2"):
        await glossaries.put("acme", replace(REVENUE, name="Gross revenue"), by="eva", base=1)
    with pytest.raises(Conflict):
        await glossaries.put("acme", REVENUE, by="eva", base=0)
    with pytest.raises(Conflict, match="no term"):
        await glossaries.put("acme", REGION, by="eva", base=1)
    assert [term.name for term in (await glossaries.of("acme")).terms] == ["Net revenue"]
    overwritten = await glossaries.put("acme", REVENUE, by="eva")
    assert overwritten.version == 3


async def test_of_many_who_change_one_version_at_once_one_wins(glossaries: Glossaries) -> None:
    await glossaries.put("acme", REVENUE, by="eva")
    several = [
        glossaries.put("acme", replace(REVENUE, name=f"Revenue {n}"), by=f"person {n}", base=1) for n in range(8)
    ]
    done = await asyncio.gather(*several, return_exceptions=True)
    won = [made for made in done if isinstance(made, Term)]
    assert len(won) == 1
    assert sum(isinstance(made, Conflict) for made in done) == 7
    assert (await glossaries.of("acme")).terms == (won[0],)


async def test_many_terms_written_at_once_are_all_there(glossaries: Glossaries) -> None:
    await asyncio.gather(*(glossaries.put("acme", replace(REGION, id=f"t{n}"), by="eva") for n in range(20)))
    assert len((await glossaries.of("acme")).terms) == 20
    assert len(await glossaries.history("acme")) == 20


async def test_history_has_every_version_the_latest_first(glossaries: Glossaries) -> None:
    first = await glossaries.put("acme", REVENUE, by="eva", note="first")
    other = await glossaries.put("acme", REGION, by="ben")
    second = await glossaries.put("acme", replace(REVENUE, status="deprecated"), by="ben", note="old")
    assert await glossaries.history("acme", "revenue") == (second, first)
    assert await glossaries.history("acme") == (second, other, first)
    assert await glossaries.history("acme", limit=1) == (second,)
    assert await glossaries.history("other", "revenue") == ()


async def test_a_removed_term_is_gone_and_its_history_stays(glossaries: Glossaries) -> None:
    first = await glossaries.put("acme", REVENUE, by="eva")
    assert await glossaries.remove("acme", "revenue", by="ben", note="not ours")
    assert not await glossaries.remove("acme", "revenue", by="ben")
    assert not await glossaries.remove("acme", "unknown", by="ben")
    assert (await glossaries.of("acme")).terms == ()
    gone, kept = await glossaries.history("acme", "revenue")
    assert (gone.removed, gone.version, gone.changed_by, gone.note) == (True, 2, "ben", "not ours")
    assert kept == first


async def test_a_removed_term_can_be_written_anew_but_not_changed(glossaries: Glossaries) -> None:
    await glossaries.put("acme", REVENUE, by="eva")
    await glossaries.remove("acme", "revenue", by="ben")
    with pytest.raises(Conflict, match=r"ben took the term .* away"):
        await glossaries.put("acme", REVENUE, by="eva", base=1)
    again = await glossaries.put("acme", REVENUE, by="eva", base=0)
    assert (again.version, again.removed) == (3, False)
    assert (await glossaries.of("acme")).get("revenue") == again


async def test_several_terms_are_written_all_or_none_and_each_version_stands_in_the_audit_log(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(url)
    engine = open_engine(url)
    store, audit = SqlGlossaries(engine), SqlAudit(engine)
    made = await store.put_all("acme", [(REVENUE, 0), (REGION, 0)], by="eva", note="import")
    assert (await store.of("acme")).terms == tuple(reversed(made))
    with pytest.raises(Conflict):
        await store.put_all("acme", [(replace(REGION, name="Area"), 1), (REVENUE, 7)], by="ben")
    assert (await store.of("acme")).terms == tuple(reversed(made))
    await store.remove("acme", "region", by="ben")
    entries = await audit.entries("acme")
    assert [(entry.what, entry.subject, entry.actor, entry.detail["version"]) for entry in entries] == [
        ("term.written", "term:revenue", "eva", 1),
        ("term.written", "term:region", "eva", 1),
        ("term.removed", "term:region", "ben", 2),
    ]
    assert isinstance(await audit.verify("acme"), Verified)
    await engine.dispose()


async def test_a_change_by_another_process_is_seen_at_the_next_look(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(url)
    engines = open_engine(url), open_engine(url)
    here, there = map(SqlGlossaries, engines)
    await here.put("acme", REVENUE, by="eva")
    assert len((await there.of("acme")).terms) == 1
    await here.put("acme", replace(REVENUE, name="Net revenue"), by="eva")
    assert (await there.of("acme")).terms[0].name == "Net revenue"
    for engine in engines:
        await engine.dispose()
