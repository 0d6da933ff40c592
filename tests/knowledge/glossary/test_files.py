"""The glossary as YAML, and files that meet a glossary which went on meanwhile."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from knowledge.errors import Refused
from knowledge.glossary import Glossary, Metric, Place, Relation, Term
from knowledge.glossary.codec import content
from knowledge.glossary.files import from_yaml, to_yaml
from knowledge.glossary.merging import merge
from tests.fakes.glossary import MemoryGlossaries
from tests.knowledge.glossary.world import GLOSSARY, MONEY, REVENUE

TEXT = some.text(some.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), whitelist_characters="\n"), max_size=30)
NAME = TEXT.filter(bool)
PLACES = some.builds(Place, TEXT, TEXT, TEXT, TEXT)
METRICS = some.builds(
    Metric,
    TEXT,
    TEXT,
    TEXT,
    some.tuples(TEXT),
    some.tuples(TEXT, TEXT),
    some.sampled_from(("additive", "semi-additive", "non-additive")),
    TEXT,
    TEXT,
    TEXT,
)
TERMS = some.builds(
    Term,
    NAME,
    NAME,
    some.sampled_from(("term", "metric", "dimension", "hierarchy")),
    some.sampled_from(("draft", "proposed", "approved", "deprecated")),
    TEXT,
    some.tuples(TEXT, TEXT),
    some.tuples(),
    some.none() | METRICS,
    some.tuples(PLACES),
    some.tuples(TEXT),
    some.tuples(some.builds(Relation, some.sampled_from(("is-a", "part-of", "same-as", "maps-to")), TEXT)),
    some.integers(0, 99),
)


@settings(max_examples=150, deadline=None)
@given(some.lists(TERMS, max_size=3, unique_by=lambda term: term.id))
def test_what_is_exported_comes_back_to_the_letter(terms: list[Term]) -> None:
    read = from_yaml(to_yaml(terms))
    kept = [replace(term, metric=_as_read(term.metric)) for term in sorted(terms, key=lambda one: one.id)]
    assert list(read) == kept


def _as_read(metric: Metric | None) -> Metric | None:
    """A format left out is `number`."""
    return replace(metric, format=metric.format or "number") if metric else None


def test_a_file_has_a_stable_order_and_only_what_is_set() -> None:
    text = to_yaml(reversed(GLOSSARY.terms))
    assert text == to_yaml(GLOSSARY.terms)
    found = yaml.safe_load(text)
    assert list(found) == ["glossary", "terms"]
    assert [entry["id"] for entry in found["terms"]] == ["city", "country", "geography", "money", "revenue"]
    assert found["terms"][3] == {"id": "money", "name": "Money", "kind": "term", "status": "approved"}
    assert list(found["terms"][4]["metric"]) == [
        "source",
        "table",
        "expression",
        "filters",
        "grain",
        "time",
        "unit",
        "format",
    ]
    signed = replace(REVENUE, version=3, changed_by="eva", changed_at="2026-11-21T10:00:00+00:00", note="why")
    assert "eva" not in to_yaml([replace(signed, owners=())])
    assert "version: 3" in to_yaml([signed])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no glossary"),
        ("glossary: 2\nterms: []", "no glossary"),
        ("glossary: 1\nterms: {}", "no glossary"),
        ("glossary: 1\nterms: [3]", "Term number 1: The term is no object"),
        ("glossary: 1\nterms: [{id: x}]", "Not given: name"),
        ("glossary: 1\nterms: [{id: x, name: X, colour: red}]", "Term x: “colour” is no field of a term"),
        ("glossary: 1\nterms: [{id: x, name: X, metric: {sql: 1}}]", "“sql” is no field of a metric"),
        ("glossary: 1\nterms: [{id: x, name: X, status: secret}]", "it may be: draft, proposed"),
        ("glossary: 1\nterms: [{id: x, name: no}]", "field “name” is no text. Nothing was imported. Put it in quotes"),
        ("glossary: 1\nterms: [{id: x, name: X, synonyms: a}]", "field “synonyms” is no list"),
        ("glossary: 1\nterms: [{id: x, name: X, synonyms: [a, 3]}]", "field “synonyms” is no text"),
        ("glossary: 1\nterms: [{id: x, name: X, version: true}]", "is no number"),
        ("glossary: 1\nterms: [{id: x, name: X}, {id: x, name: Y}]", "stands twice"),
        ("glossary: 1\nterms: [{id: x, name: &a X, definition: *a}]", "alias"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_place(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        from_yaml(text)
    assert why.lower() in str(refused.value).lower()
    assert "Nothing was imported." in str(refused.value)


async def exported(store: MemoryGlossaries) -> tuple[Term, ...]:
    return from_yaml(to_yaml((await store.of("acme")).terms))


async def planned(store: MemoryGlossaries, *file: Term) -> "tuple[list[str], list[str], list[str], int]":
    histories = {term.id: await store.history("acme", term.id) for term in file}
    found = merge(file, await store.of("acme"), histories)
    steps = [f"{step.term.id} over {step.base}" for step in found.steps]
    return steps, [f"{clash.term.id}: {clash.why}" for clash in found.clashes], list(found.older), found.same


async def test_a_fresh_export_changes_nothing() -> None:
    store = MemoryGlossaries(REVENUE, MONEY)
    assert await planned(store, *await exported(store)) == ([], [], [], 2)


async def test_an_edit_of_a_fresh_export_is_written_over_what_stands() -> None:
    store = MemoryGlossaries(REVENUE, MONEY)
    money, revenue = await exported(store)
    new = Term("new", "New")
    assert await planned(store, replace(money, definition="Coins."), revenue, new) == (
        ["money over 1", "new over 0"],
        [],
        [],
        1,
    )


async def test_an_old_export_that_nobody_edited_undoes_nothing() -> None:
    store = MemoryGlossaries(REVENUE, MONEY)
    old = await exported(store)
    await store.put("acme", replace(MONEY, definition="Coins."), by="ben")
    await store.remove("acme", "revenue", by="ben")
    assert await planned(store, *old) == ([], [], ["Money", "Revenue"], 0)


async def test_an_edit_of_an_old_export_is_a_conflict_that_says_who_changed_what() -> None:
    store = MemoryGlossaries(REVENUE, MONEY)
    money, revenue = await exported(store)
    changed = await store.put("acme", replace(MONEY, definition="Coins.", synonyms=("cash",)), by="ben")
    await store.remove("acme", "revenue", by="ann")
    steps, clashes, older, same = await planned(
        store, replace(money, definition="Notes."), replace(revenue, name="Sales")
    )
    assert (steps, older, same) == ([], [], 0)
    day = changed.changed_at[:10]
    assert clashes == [
        f"money: ben changed it meanwhile, on {day} (version 2): definition, synonyms",
        f"revenue: ann took it away on {day}",
    ]


async def test_a_file_of_another_place_is_a_conflict_unless_the_term_is_new() -> None:
    store = MemoryGlossaries(MONEY)
    far = replace(MONEY, definition="Coins.", version=9)
    assert (await planned(store, far))[1] == ["money: the file was made from version 9, which never stood here"]
    assert (await planned(store, replace(far, version=0)))[0] == ["money over 1"]
    assert (await planned(store, replace(REVENUE, version=9)))[0] == ["revenue over 0"]


def test_overwriting_decides_every_conflict_for_the_file() -> None:
    far = replace(MONEY, definition="Coins.", version=9)
    found = merge([far], Glossary((replace(MONEY, version=2), REVENUE)), {}).overwriting()
    assert [(step.term, step.base) for step in found.steps] == [(far, 2)]
    assert found.clashes == ()
    assert found.missing == (REVENUE,)
    assert content(found.steps[0].term)["definition"] == "Coins."
