"""Big catalogs: a question is read against a few tables, and only what changed is looked at again."""

import random
from dataclasses import replace
from datetime import date

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.lexicon import load
from knowledge.translation.library import Library, library
from knowledge.translation.model import Context, Exchange, Interpretation, Read
from knowledge.translation.shortlist import ON_THE_WAY, TABLES
from knowledge.translation.words import tokenise
from tests.knowledge.translation.big import generated

TODAY = date(2026, 11, 21)


def _key(name: str, target: str) -> ForeignKey:
    return ForeignKey((name,), target, ("id",))


def _shop(source: str = "shop") -> tuple[Table, ...]:
    """Customers who order, with lines as the only way from products to them."""
    number, text = DataType.INTEGER, DataType.TEXT
    segment = Column("segment", text, distinct=2, values=("Gold", "Silver"))
    revenue = Column("revenue", DataType.NUMBER)
    return (
        Table(
            source, "patrons",
            (Column("id", number), Column("name", text), segment),
            primary_key=("id",), rows=10,
        ),
        Table(
            source, "purchases",
            (Column("id", number), Column("patrons_id", number), Column("placed_at", DataType.TIMESTAMP)),
            primary_key=("id",), keys=(_key("patrons_id", "patrons"),), rows=10,
        ),
        Table(
            source, "purchase_lines",
            (Column("id", number), Column("purchases_id", number), Column("gadgets_id", number), revenue),
            primary_key=("id",), keys=(_key("purchases_id", "purchases"), _key("gadgets_id", "gadgets")), rows=10,
        ),
        Table(
            source, "gadgets", (Column("id", number), Column("name", text), Column("colour_family", text)),
            primary_key=("id",), rows=10,
        ),
    )  # fmt: skip


def _among(tables: tuple[Table, ...], size: int = 400) -> Catalog:
    other = generated(size, random.Random(3))
    return Catalog(
        (*other.tables[: size // 2], *tables, *other.tables[size // 2 :]), {**other.dialects, "shop": "sqlite"}
    )


BIG = _among(_shop())
SMALL = Catalog(_shop(), {"shop": "sqlite"})


def read(question: str, catalog: Catalog, *history: Exchange) -> Interpretation:
    found = RuleTranslator().translate(question, catalog, Context(TODAY, history))
    assert isinstance(found, Read), found
    return found.interpretations[0]


def test_a_question_means_the_same_among_four_hundred_other_tables() -> None:
    for question in (
        "How many purchases per segment?",
        "revenue per colour family",
        "Which patrons have more than 3 purchases?",
        "purchases by month in 2026",
        "revenue of Gold patrons by gadget",
        "How many purchaces are there?",
    ):
        small, big = read(question, SMALL), read(question, BIG)
        assert big.source == "shop"
        assert big.query.sql(dialect="sqlite") == small.query.sql(dialect="sqlite"), question


def test_a_question_is_read_against_a_few_tables_only() -> None:
    shelf = library(BIG).open(tokenise("revenue per segment of the patrons with status open"))
    assert {"patrons", "purchase_lines"} <= {name for index in shelf.sources for name in index.tables}
    assert all(len(index.tables) <= TABLES + ON_THE_WAY + 8 for index in shelf.sources)
    assert shelf.everywhere
    assert len(shelf.everywhere.tables) <= TABLES + ON_THE_WAY + 8


def test_tables_between_two_that_are_named_come_with_them() -> None:
    shelf = library(BIG).open(tokenise("colour family of gadgets by segment of patrons"))
    shop = next(index for index in shelf.sources if index.source == "shop")
    assert {"purchases", "purchase_lines"} <= shop.tables.keys()


def test_a_follow_up_finds_the_tables_of_the_question_before() -> None:
    first = read("How many purchases per segment?", BIG)
    before = Exchange("How many purchases per segment?", first.query.sql(), first.source, first.memory)
    then = read("only Gold", BIG, before)
    assert (then.source, then.query.sql().count("'Gold'")) == ("shop", 1)


def test_a_changed_table_is_looked_at_again_and_no_other() -> None:
    old = Library(BIG, load())
    *before, last = BIG.tables
    more = replace(last, columns=(*last.columns, Column("status", DataType.TEXT, values=("odd",))))
    new = Library(Catalog((*before, more), BIG.dialects), load(), [old])
    assert old.shortlist
    assert new.shortlist
    assert (old.shortlist.fresh, new.shortlist.fresh) == (len(BIG.tables), 1)


def test_an_index_made_bit_by_bit_is_the_one_made_at_once() -> None:
    *before, last = BIG.tables
    more = replace(last, name="badgers", columns=(*last.columns, Column("stripe_width", DataType.NUMBER)))
    changed = Catalog((*before, more), BIG.dialects)
    grown, fresh = Library(changed, load(), [Library(BIG, load())]), Library(changed, load())
    tokens = tokenise("average stripe width of badgers by status of purchases")
    assert grown.shortlist
    assert fresh.shortlist
    assert grown.shortlist.found(tokens) == fresh.shortlist.found(tokens)
    assert grown.shortlist.names("badger")


def test_a_question_about_nothing_in_a_big_catalog_is_declined_with_suggestions() -> None:
    found = RuleTranslator().translate("qwxzv plmkj", BIG, Context(TODAY))
    assert not isinstance(found, Read)
    assert getattr(found, "suggestions", ())


def test_questions_join_sources_of_a_big_catalog_too() -> None:
    away = ForeignKey(("patron_no",), "patrons", ("id",), source="shop")
    visits = Table(
        "clicks", "sightings",
        (Column("id", DataType.INTEGER), Column("patron_no", DataType.INTEGER), Column("gadgetry", DataType.TEXT)),
        primary_key=("id",), keys=(away,),
    )  # fmt: skip
    reading = read("How many sightings per segment of the patrons?", _among((*_shop(), visits)))
    assert reading.source == "*"
    assert set(reading.tables) == {"clicks.sightings", "shop.patrons"}
