"""Verified queries and terms: another name asks the same, another meaning makes a pair stale."""

from dataclasses import replace

import pytest

from knowledge.catalog.model import Catalog
from knowledge.glossary import EMPTY, Glossary, Metric, Place, Relation, Term
from knowledge.translation.meaning import canonical
from knowledge.translation.model import Context
from knowledge.verified import Found, VerifiedQuery, book, find, fingerprint, outdated
from knowledge.verified.codec import from_json, to_json
from tests.knowledge.translation.warehouse import TODAY, write_warehouse
from tests.knowledge.verified.world import ANN, by_rules, pair

REVENUE = Term(
    "net-revenue",
    "Net revenue",
    "metric",
    "approved",
    synonyms=("turnover", "net proceeds"),
    metric=Metric("shop", "order_lines", "SUM(revenue)"),
    version=1,
)
GLOSSARY = Glossary((REVENUE,), "v1")
SQL = "SELECT channel, SUM(revenue) FROM order_lines JOIN orders USING (order_id) GROUP BY channel"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return write_warehouse(tmp_path_factory.mktemp("pairs") / "warehouse.sqlite")


def _find(question: str, catalog: Catalog, query: VerifiedQuery, glossary: Glossary) -> Found | None:
    context = Context(TODAY, glossary=glossary)
    return find(question, catalog, context, book((query,), "en", glossary), ANN, by_rules(catalog))


def test_a_synonym_of_an_approved_term_asks_the_same(catalog: Catalog) -> None:
    query = pair("turnover by channel", catalog, SQL, glossary=GLOSSARY)
    for question in ("net revenue by channel", "turnover by channel", "What are the net proceeds by channel?"):
        assert _find(question, catalog, query, GLOSSARY), question
    assert _find("net proceeds by store", catalog, query, GLOSSARY) is None


def test_the_same_question_with_another_name_is_one_item_and_one_pair(catalog: Catalog) -> None:
    pairs = [pair(q, catalog, SQL, glossary=GLOSSARY) for q in ("turnover by channel", "net revenue by channel")]
    assert pairs[0].id == pairs[1].id
    said = [fingerprint(canonical(q, GLOSSARY)) for q in ("turnover by channel", "net proceeds by channel")]
    assert said[0] == said[1]


def test_a_pair_is_stale_when_what_its_term_stands_for_has_changed(catalog: Catalog) -> None:
    query = pair("turnover by channel", catalog, SQL, glossary=GLOSSARY)
    changed = replace(REVENUE, metric=Metric("shop", "orders", "SUM(total)"), version=2)
    now = Glossary((changed,), "v2")
    assert outdated(query, GLOSSARY) == ()
    assert outdated(query, now) == ("“Net revenue” means something else since version 2",)
    assert _find("turnover by channel", catalog, query, now) is None


def test_a_better_definition_or_another_owner_keeps_a_pair(catalog: Catalog) -> None:
    query = pair("turnover by channel", catalog, SQL, glossary=GLOSSARY)
    better = replace(REVENUE, definition="What is left.", owners=("eva",), synonyms=("turnover",), version=2)
    assert outdated(query, Glossary((better,), "v2")) == ()


def test_a_word_that_became_a_term_or_is_none_any_more_makes_a_pair_stale(catalog: Catalog) -> None:
    before = pair("turnover by channel", catalog, SQL)
    assert outdated(before, GLOSSARY) == ("“Net revenue” has become an approved term since",)
    after = pair("turnover by channel", catalog, SQL, glossary=GLOSSARY)
    gone = Glossary((replace(REVENUE, status="deprecated"),), "v2")
    assert outdated(after, gone) == ("“Net revenue” is no approved term any more",)
    assert outdated(after, EMPTY) == ("“net-revenue” is no approved term any more",)


def test_a_change_of_what_a_term_is_a_kind_of_makes_a_pair_stale(catalog: Catalog) -> None:
    wide = Term(
        "insider", "Insider", status="approved", places=(Place("shop", "customers", condition="newsletter = 1"),)
    )
    vip = Term("vip", "VIP", status="approved", relations=(Relation("is-a", "insider"),),
               places=(Place("shop", "customers", condition="segment = 'Corporate'"),))  # fmt: skip
    query = pair("how many VIPs", catalog, "SELECT COUNT(*) FROM customers", glossary=Glossary((wide, vip), "v1"))
    wider = replace(wide, places=(Place("shop", "customers", condition="newsletter = 0"),))
    assert outdated(query, Glossary((wider, vip), "v2"))


def test_terms_of_a_pair_are_kept_in_its_store(catalog: Catalog) -> None:
    query = pair("turnover by channel", catalog, SQL, glossary=GLOSSARY)
    assert from_json(to_json(query)) == query
    old = to_json(query)
    del old["terms"]
    assert from_json(old).terms == ()
