"""From columns to terms to answers and back, and whom a change meets."""

from dataclasses import replace

from knowledge.catalog.affected import Affected
from knowledge.catalog.drift import Change, What
from knowledge.glossary import Glossary, Place, Relation, Term
from knowledge.glossary.lineage import Lineage, affected
from knowledge.glossary.uses import Use
from knowledge.verified import VerifiedQuery
from tests.knowledge.glossary.world import CATALOG, CITY, COUNTRY, GLOSSARY, MONEY, REVENUE, SUM

DIALECTS = CATALOG.dialects


def asked(id: str, text: str, sql: str, *terms: str, source: str = "shop", dialect: str = "sqlite") -> Use:
    return Use("question", id, text, sql, source, dialect, terms)


PER_COUNTRY = asked("r1", "Revenue per country?", "SELECT o.country, SUM(o.Amount) FROM orders AS o GROUP BY 1")
CITIES = asked("r2", "Which cities?", "SELECT DISTINCT city FROM orders", "city")
PEOPLE = asked("r3", "Who are our customers?", "SELECT name FROM customers")
BROKEN = asked("r4", "Turnover?", "SELECT FROM WHERE (")
USES = (PER_COUNTRY, CITIES, PEOPLE, BROKEN)
VERIFIED = VerifiedQuery(
    id="q1",
    tenant="acme",
    name="Sales",
    question="How much did we sell?",
    sql="SELECT SUM(amount) AS sold FROM orders WHERE status = 'paid'",
    source="shop",
    dialect="sqlite",
    day="2026-11-21",
    approved_by="Eva",
    approved_at="2026-11-21T10:00:00+00:00",
    catalog="v1",
    reads=(),
)


def told(found: tuple[Affected, ...]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.id, each.why) for each in found]


def test_a_term_knows_its_columns_and_what_it_names() -> None:
    trace = Lineage(GLOSSARY, USES, DIALECTS).of(REVENUE)
    assert trace.tables == ("archive.orders", "shop.orders")
    assert trace.columns == (
        "archive.orders.total",
        "shop.orders.amount",
        "shop.orders.id",
        "shop.orders.ordered_on",
        "shop.orders.status",
    )
    assert told(trace.made_of) == [("term", "money", "is-a")]


def test_a_metric_is_found_in_queries_that_compute_it_under_any_alias() -> None:
    assert told(Lineage(GLOSSARY, USES, DIALECTS).users(REVENUE)) == [
        ("question", "r1", "computes Revenue as it is defined")
    ]
    ratio = replace(REVENUE, metric=replace(SUM, expression="SUM(returned) / NULLIF(SUM(amount), 0)"))
    shares = asked("r5", "share?", "SELECT 100 * (SUM(o.returned)/NULLIF(SUM(o.amount),0)) AS x FROM orders o")
    others = asked("r6", "other table?", "SELECT SUM(amount) FROM payments")
    assert told(Lineage(GLOSSARY, (shares, others), DIALECTS).users(ratio))[0][1] == "r5"
    assert Lineage(GLOSSARY, (others,), DIALECTS).users(REVENUE) == ()


def test_a_query_that_says_which_terms_it_was_made_with_is_believed() -> None:
    assert told(Lineage(GLOSSARY, USES, DIALECTS).users(CITY)) == [
        ("term", "geography", "has it as a level"),
        ("question", "r2", "made with City"),
    ]


def test_terms_that_name_a_term_are_found_through_others() -> None:
    net = Term("net", "Net revenue", relations=(Relation("is-a", "revenue"),))
    found = Lineage(Glossary((*GLOSSARY.terms, net)), (), DIALECTS).users(MONEY)
    assert told(found) == [("term", "revenue", "is-a it"), ("term", "net", "is-a it")]


def test_a_column_leads_to_terms_what_depends_on_them_and_queries() -> None:
    lineage = Lineage(GLOSSARY, USES, DIALECTS)
    assert told(lineage.of_column("Shop", "orders", "City")) == [
        ("term", "city", "reads orders.City"),
        ("term", "geography", "has it as a level"),
        ("question", "r2", "reads City"),
    ]
    assert [each.id for each in lineage.of_column("shop", "customers")] == ["r3"]
    assert lineage.of_column("archive", "y2020.orders", "land") == ()


def test_a_change_of_the_data_meets_terms_and_queries() -> None:
    lineage = Lineage(GLOSSARY, USES, DIALECTS)
    dropped = Change(What.COLUMN_DROPPED, "shop", "", "orders", "country")
    assert told(lineage.met(dropped)) == [
        ("term", "country", "speaks of orders.country"),
        ("term", "geography", "has it as a level"),
        ("question", "r1", "reads orders.country"),
    ]
    assert lineage.met(Change(What.COLUMN_ADDED, "shop", "", "orders", "new")) == ()
    whole = lineage.met(Change(What.TABLE_DROPPED, "shop", "", "orders"))
    assert [each.id for each in whole] == ["revenue", "country", "city", "geography", "r1", "r2"]


def test_a_changed_term_meets_its_users_and_whoever_says_its_words() -> None:
    after = replace(REVENUE, metric=replace(SUM, expression="SUM(amount - returned)"))
    assert told(affected(REVENUE, after, GLOSSARY, (VERIFIED,), USES, DIALECTS)) == [
        ("verified", "q1", "computes Revenue as it is defined"),
        ("question", "r1", "computes Revenue as it is defined"),
        ("question", "r4", "says “turnover”"),
    ]


def test_a_new_term_meets_questions_that_say_its_words_as_words() -> None:
    new = Term("customer", "Customers", synonyms=("our  CUSTOMERS",))
    assert told(affected(None, new, GLOSSARY, (), USES)) == [("question", "r3", "says “Customers”")]
    assert affected(None, Term("custom", "custom"), GLOSSARY, (), USES) == ()
    assert affected(None, Term("odd", "(.*"), GLOSSARY, (), USES) == ()


def test_a_term_taken_away_meets_the_terms_that_name_it() -> None:
    assert ("term", "geography", "has it as a level") in told(affected(COUNTRY, None, GLOSSARY))


def test_the_same_question_asked_often_is_told_once() -> None:
    again = [replace(PEOPLE, id=f"r{n}", text="Who  are our CUSTOMERS?") for n in range(50)]
    assert len(affected(None, Term("c", "customers"), GLOSSARY, (), again)) == 1


def test_tables_that_a_condition_looks_into_count() -> None:
    loyal = Term("loyal", "Loyal", places=(Place("shop", "customers", "", "id IN (SELECT customer_id FROM orders)"),))
    trace = Lineage(Glossary((loyal,)), (), DIALECTS).of(loyal)
    assert trace.tables == ("shop.customers", "shop.orders")
    assert trace.columns == ("shop.customers.id", "shop.orders.customer_id")


def test_conditions_that_can_not_be_read_hide_no_table() -> None:
    odd = Term("odd", "Odd", places=(Place("shop", "orders", "", "((("),))
    assert Lineage(Glossary((odd,)), (), DIALECTS).of(odd).tables == ("shop.orders",)
