"""Differences between versions, who is behind them, and the way back."""

from dataclasses import replace

import pytest

from knowledge.errors import Refused
from knowledge.glossary import Place, Relation, Term
from knowledge.glossary.diff import compare, diff, difference
from knowledge.glossary.past import back_to, blame
from tests.fakes.glossary import MemoryGlossaries
from tests.knowledge.glossary.world import GLOSSARY, MONEY, REVENUE, SUM


def test_versions_that_mean_the_same_do_not_differ() -> None:
    again = replace(REVENUE, version=7, changed_by="ben", changed_at="2026-11-21", note="again")
    assert diff(REVENUE, again) == ()
    assert difference(REVENUE, again) is None
    assert compare(GLOSSARY.terms, reversed(GLOSSARY.terms)) == ()


def test_a_difference_is_said_field_by_field() -> None:
    changed = replace(
        REVENUE,
        name="Net revenue",
        definition="",
        synonyms=("turnover", "sales"),
        owners=(),
        metric=replace(SUM, expression="SUM(amount - returned)", filters=(), unit="USD"),
        places=(Place("shop", "orders", "amount"),),
        relations=tuple(reversed(REVENUE.relations)),
    )
    assert [change.text for change in diff(REVENUE, changed)] == [
        "The name was “Revenue” and is “Net revenue”.",
        "The definition “What customers paid.” is gone.",
        "The synonyms: added “sales”.",
        "The owners: gone “eva”.",
        "The expression was “SUM(amount)” and is “SUM(amount - returned)”.",
        "The filters: gone “status = 'paid'”.",
        "The unit was “EUR” and is “USD”.",
        "The places: added “shop: orders.amount”; gone “shop: orders.amount where status = 'paid'”, "
        "“archive: y2020.orders.total”.",
        "The relations: in another order, “maps-to https://example.org/revenue”, “is-a money”.",
    ]
    assert [change.field for change in diff(REVENUE, changed)][4] == "metric.expression"


def test_a_metric_that_comes_or_goes_is_told_by_its_parts() -> None:
    plain = replace(REVENUE, kind="term", metric=None)
    assert {change.field for change in diff(REVENUE, plain)} >= {"kind", "metric.expression", "metric.filters"}
    assert "The expression is now “SUM(amount)”." in [change.text for change in diff(plain, REVENUE)]


def test_glossaries_differ_by_terms_that_are_new_gone_or_changed() -> None:
    others = (replace(MONEY, definition="Coins."), *GLOSSARY.terms[2:], Term("new", "New"))
    found = compare(GLOSSARY.terms, others)
    assert [(each.id, each.what) for each in found] == [("money", "changed"), ("new", "added"), ("revenue", "removed")]
    assert found[0].lines == ("Money (money): changed", "  The definition is now “Coins.”.")
    assert found[1].lines == ("New (new): new",)
    assert found[0].to_json()["changes"] == [
        {"field": "definition", "before": "", "after": "Coins.", "text": "The definition is now “Coins.”."}
    ]


def test_words_about_hostile_texts_stay_short_and_on_their_line() -> None:
    hostile = replace(MONEY, definition="x\n" * 5_000, synonyms=tuple(f"\x1b[2J{n}" * 50 for n in range(200)))
    text = "\n".join(change.text for change in diff(MONEY, hostile))
    assert len(text) < 4_000
    assert "\x1b" not in text
    assert text.count("\n") == 1


async def test_each_field_knows_who_changed_it_last_when_and_why() -> None:
    store = MemoryGlossaries()
    await store.put("acme", REVENUE, by="eva", note="first")
    await store.put("acme", replace(REVENUE, metric=replace(SUM, unit="USD")), by="ben", note="we moved")
    await store.put("acme", replace(REVENUE, metric=replace(SUM, unit="USD"), name="Sales"), by="ann")
    found = {each.field: (each.version, each.by, each.note) for each in blame(await store.history("acme", "revenue"))}
    assert found["metric.unit"] == (2, "ben", "we moved")
    assert found["name"] == (3, "ann", "")
    assert found["metric.expression"] == found["synonyms"] == (1, "eva", "first")
    assert "levels" not in found


async def test_what_was_written_again_after_a_removal_is_blamed_on_who_wrote_it_again() -> None:
    store = MemoryGlossaries()
    await store.put("acme", MONEY, by="eva")
    await store.remove("acme", "money", by="ben")
    assert blame(await store.history("acme", "money")) == ()
    await store.put("acme", MONEY, by="ann")
    assert {each.by for each in blame(await store.history("acme", "money"))} == {"ann"}
    assert blame(()) == ()


async def test_going_back_writes_a_new_version_with_the_old_meaning() -> None:
    store = MemoryGlossaries()
    first = await store.put("acme", REVENUE, by="eva")
    await store.put("acme", replace(REVENUE, name="Sales", relations=(Relation("is-a", "money"),)), by="ben")
    wanted = back_to(await store.history("acme", "revenue"), 1)
    made = await store.put("acme", wanted, by="ann", note=wanted.note, base=wanted.version)
    assert (made.version, made.note) == (3, "Back to version 1.")
    assert diff(made, first) == ()


async def test_a_removed_term_comes_back_by_going_back() -> None:
    store = MemoryGlossaries()
    await store.put("acme", MONEY, by="eva")
    await store.remove("acme", "money", by="ben")
    wanted = back_to(await store.history("acme", "money"), 1)
    assert (await store.put("acme", wanted, by="ann", base=wanted.version)).version == 3


async def test_there_is_no_way_back_to_what_never_was_or_stands() -> None:
    store = MemoryGlossaries()
    await store.put("acme", MONEY, by="eva")
    history = await store.history("acme", "money")
    for version in (0, 2, -1):
        with pytest.raises(Refused, match="There is no version"):
            back_to(history, version)
    with pytest.raises(Refused, match="means the same"):
        back_to(history, 1)
    with pytest.raises(Refused, match="none"):
        back_to((), 1)
