"""Words, keys between tables, and trees in other dialects."""

import pytest
from sqlglot import exp, parse_one

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.ir import dump, load
from knowledge.translation.joins import graph_of
from knowledge.translation.model import Context, Read
from knowledge.translation.words import lemma, pieces, root, tokenise
from tests.knowledge.translation.shop import TODAY, Shop

PLURALS = "cities city, classes class, people person, boxes box, statuses status, movies movy, movie movy, houses house"


@pytest.mark.parametrize(("plural", "singular"), [pair.split() for pair in PLURALS.split(", ")])
def test_plural_and_singular_meet_in_one_lemma(plural: str, singular: str) -> None:
    assert lemma(plural) == singular


def test_words_of_one_family_share_a_root() -> None:
    assert root("shipped") == root("shipment") == root("shipping") == root("ship")


@pytest.mark.parametrize("name", ["order_date", "orderDate", "OrderDate", "ORDER_DATE", "order date"])
def test_every_spelling_of_an_identifier_gives_the_same_words(name: str) -> None:
    assert pieces(name) == ("order", "date")


def test_quoted_text_numbers_and_addresses_are_one_token_each() -> None:
    kinds = [(t.text, t.kind) for t in tokenise("customer's 'New York' a@b.example 1,234.5 >= 2025-01-02")]
    assert kinds == [
        ("customer", "word"), ("'s", "mark"), ("New York", "quoted"), ("a@b.example", "quoted"), ("1,234.5", "number"),
        (">=", "symbol"), ("2025-01-02", "day"),
    ]  # fmt: skip


def _table(name: str, *columns: str, **keys: str) -> Table:
    made = tuple(Column(c, DataType.DATE if c.endswith("_on") else DataType.TEXT) for c in (*columns, *keys))
    links = tuple(ForeignKey((column,), target, ("id",)) for column, target in keys.items())
    return Table("s", name, made, primary_key=("id",), keys=links)


def test_a_bridge_is_nearer_than_a_row_that_two_tables_merely_share() -> None:
    tables = [
        _table("department", "id"),
        _table("student", "id", department_id="department"),
        _table("course", "id", department_id="department"),
        _table("takes", "id", student_id="student", course_id="course"),
    ]
    path = graph_of(tables).path(["student"], "course", frozenset())
    assert path is not None
    assert {edge.many for edge in path} == {"takes"}


def test_words_of_the_question_choose_between_parallel_keys() -> None:
    flight = _table("flight", "id", departure_airport_id="airport", arrival_airport_id="airport")
    graph = graph_of([_table("airport", "id"), flight])
    (edge,) = graph.path(["flight"], "airport", frozenset({"arrival"})) or []
    assert edge.pairs == (("arrival_airport_id", "id"),)


def test_keys_that_nobody_declared_are_inferred_from_names() -> None:
    orders = _table("orders", "id", "customer_id")
    assert graph_of([_table("customers", "id"), orders]).distance("orders", "customers") == 1


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb", "postgres"])
def test_each_dialect_gets_a_tree_that_it_can_write(dialect: str) -> None:
    text = Column("group", DataType.TEXT, values=("A'b",), distinct=1)
    columns = (Column("id", DataType.INTEGER), Column("Placed On", DataType.DATE), text)
    catalog = Catalog((Table("s", "order", columns, primary_key=("id",)),), {"s": dialect})
    question = 'how many orders per month in 2025 where group is "A\'b"'
    found = RuleTranslator().translate(question, catalog, Context(TODAY))
    assert isinstance(found, Read), found
    sql = found.interpretations[0].query.sql(dialect=dialect)
    tree = parse_one(sql, dialect=dialect)
    assert {table.name for table in tree.find_all(exp.Table)} == {"order"}
    assert '"order"' in sql
    assert '"Placed On"' in sql


def test_the_query_survives_its_way_through_json(shop: Shop) -> None:
    for question in (
        "customers without orders",
        "products with a price above the average",
        "top 2 products by revenue",
    ):
        memory = shop.answer(question).memory
        assert dump(load(memory["query"])) == memory["query"]


def test_the_source_that_knows_the_words_is_asked(shop: Shop) -> None:
    other = Catalog((Table("web", "sessions", (Column("id", DataType.INTEGER), Column("device", DataType.TEXT))),))
    both = Catalog((*shop.catalog.tables, *other.tables), {**shop.catalog.dialects, "web": "duckdb"})
    chosen = {}
    for question in ("sessions by device", "how many customers are there"):
        found = RuleTranslator().translate(question, both, Context(TODAY))
        assert isinstance(found, Read)
        chosen[question] = found.interpretations[0].source
    assert chosen == {"sessions by device": "web", "how many customers are there": "shop"}
