"""What is said of terms that are wrong, and of hostile ones."""

from dataclasses import replace

import pytest

from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.glossary import Glossary, Place, Relation, Term
from knowledge.glossary.checking import blocking, check, check_all, insist
from knowledge.glossary.form import slug, tame
from tests.knowledge.glossary.world import CATALOG, CITY, COUNTRY, GLOSSARY, MONEY, PLACE, REVENUE, SUM


def said(term: Term, glossary: Glossary = GLOSSARY, catalog: Catalog = CATALOG) -> list[str]:
    return [f"{problem.field}: {problem.what}" for problem in check(term, glossary, catalog)]


def of_metric(**changes: object) -> list[str]:
    return said(replace(REVENUE, metric=replace(SUM, **changes)))  # type: ignore[arg-type]


def test_sound_terms_have_no_problems() -> None:
    assert check_all(GLOSSARY, CATALOG) == ()
    assert [check(term, GLOSSARY, CATALOG) for term in GLOSSARY.terms] == [()] * 5


@pytest.mark.parametrize(
    "expression",
    [
        "SUM(amount)",
        "sum(orders.amount - returned)",
        "COUNT(*)",
        "COUNT(DISTINCT customer_id)",
        "SUM(amount) FILTER (WHERE country = 'FR')",
        "SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END)",
        "ROUND(100.0 * SUM(returned) / NULLIF(SUM(amount), 0), 2)",
        "total(amount)",
        "SUM(julianday(ordered_on))",
    ],
)
def test_one_aggregate_over_columns_of_the_table_is_a_metric(expression: str) -> None:
    assert of_metric(expression=expression, additivity="non-additive") == []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("amount", "aggregates nothing"),
        ("1", "aggregates nothing"),
        ("SUM(amount) + weight", "“weight” outside of an aggregate"),
        ("SUM(AVG(amount))", "an aggregate within an aggregate"),
        ("SUM(gone)", "“gone”, which is no column of orders"),
        ("SUM(customers.id)", "speaks of “customers”"),
        ("SUM(amount) FROM orders", "can't be read as SQL"),
        ("SUM(amount); DROP TABLE orders", "more than one"),
        ("", "is empty"),
        ("(SELECT MAX(id) FROM customers)", "not allowed in a metric"),
        ("SUM((SELECT 1))", "not allowed in a metric"),
        ("SUM(amount) OVER ()", "not allowed in a metric"),
        ("LAG(amount)", "not allowed in a metric"),
        ("SUM(amount) AS x", "not allowed in a metric"),
        ("load_extension('x')", "function load_extension"),
        ("SUM(readfile('/etc/passwd'))", "function readfile"),
        ("DROP TABLE orders", "not allowed in a metric"),
        ("SUM(" * 400 + "amount" + ")" * 400, ""),
        ("SUM(" + "amount + " * 600 + "1)", ""),
        ("x" * 4_001, "longer than"),
    ],
)
def test_anything_else_is_none_and_says_why(expression: str, why: str) -> None:
    found = of_metric(expression=expression)
    assert found
    assert why in found[0]
    assert all(len(line) < 400 for line in found)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("status = 'paid') OR (1 = 1", "can't be read"),
        ("SUM(amount) > 3", "not allowed in a condition"),
        ("EXISTS (SELECT 1 FROM customers WHERE customers.id = orders.customer_id)", ""),
        ("customer_id IN (SELECT id FROM customers)", ""),
        ("amount > (SELECT AVG(o.amount) FROM orders AS o)", ""),
        ("EXISTS (SELECT 1 FROM secrets)", "no table “secrets”"),
        ("id IN (SELECT gone FROM customers)", "no column “gone”"),
        ("id IN (SELECT readfile('x') FROM customers)", "readfile"),
        ("EXISTS (DELETE FROM customers)", ""),
        ("(SELECT id FROM customers)", "no condition"),
        ("id = (WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x)", "not allowed"),
        ("amount", ""),
        ("amount + 1", "no condition"),
        ("gone = 1", "no column of orders"),
        ("status = 'paid' -- all", ""),
    ],
)
def test_filters_and_places_are_conditions_over_one_row(text: str, why: str) -> None:
    as_filter = of_metric(filters=(text,))
    as_place = said(replace(REVENUE, places=(Place("shop", "orders", "amount", text),)))
    if not why and "DELETE" not in text:
        assert as_filter == as_place == []
        return
    assert why in as_filter[0]
    assert as_filter[0].startswith("metric: The filter")
    assert why in as_place[0]
    assert as_place[0].startswith("places: The condition")


def test_grain_time_unit_and_format_are_looked_at() -> None:
    assert "no column “order_id”" in of_metric(grain=("order_id",))[0]
    assert "no column “day”" in of_metric(time="day")[0]
    assert "a text, not a date" in of_metric(time="country")[0]
    assert "no format" in of_metric(format="emoji")[0]
    assert "unit “furlong” is not known" in of_metric(unit="furlong", format="number")[0]
    assert of_metric(unit="stone", format="number") == []
    assert "without a currency" in of_metric(unit="")[0]


def test_what_is_rarely_meant_is_said_and_stands_in_nobodys_way() -> None:
    average = replace(REVENUE, metric=replace(SUM, expression="AVG(amount)"))
    text = replace(REVENUE, metric=replace(SUM, expression="SUM(country)"))
    assert "can't be summed to that of the whole" in said(average)[0]
    assert "“country” is a text" in said(text)[0]
    assert blocking(check(average, GLOSSARY, CATALOG), "approved") == ()


def test_sources_tables_and_columns_must_be_there() -> None:
    assert "no source “mars”; there are: archive, shop" in of_metric(source="mars")[0]
    assert "no table “gone”" in of_metric(table="gone")[0]
    assert "no column “name”" in said(replace(COUNTRY, places=(Place("shop", "orders", "name"),)))[0]
    assert "no table “orders”" in said(replace(COUNTRY, places=(Place("archive", "orders", "land"),)))[0]
    assert said(replace(COUNTRY, places=(Place("Archive", "Y2020.Orders", "LAND"),))) == []


def test_a_kind_has_what_it_needs_and_no_more() -> None:
    assert "how its number is made" in said(replace(REVENUE, metric=None))[0]
    assert "Only a metric" in said(replace(MONEY, metric=SUM))[0]
    assert "two levels" in said(replace(PLACE, levels=("country",)))[0]
    assert "Only a hierarchy" in said(replace(MONEY, levels=("country", "city")))[0]
    assert "needs a column" in said(replace(CITY, places=()))[0]


def test_levels_and_relations_name_terms_that_are_there() -> None:
    assert "no term “planet”" in said(replace(PLACE, levels=("planet", "city")))[0]
    assert "is a metric" in said(replace(PLACE, levels=("revenue", "city")))[0]
    assert "level of itself" in said(replace(PLACE, levels=("geography", "city")))[0]
    assert "twice" in said(replace(PLACE, levels=("city", "city")))[0]
    assert "no term “gone”" in said(replace(MONEY, relations=(Relation("is-a", "gone"),)))[0]
    assert "part-of itself" in said(replace(MONEY, relations=(Relation("part-of", "money"),)))[0]
    for address in ("javascript:alert(1)", "money", "https://", "https://a b", "http://[::1"):
        assert "no address" in said(replace(MONEY, relations=(Relation("maps-to", address),)))[0]


def test_nothing_goes_in_circles() -> None:
    back = replace(MONEY, relations=(Relation("is-a", "revenue"),))
    assert "money → revenue → money" in said(back)[0]
    a, b, c = (Term(id, id, relations=(Relation("part-of", to),)) for id, to in (("a", "b"), ("b", "c"), ("c", "a")))
    assert len(check_all(Glossary((a, b, c)), CATALOG)) == 3
    assert said(Term("d", "d", relations=(Relation("part-of", "a"),)), Glossary((a, b, c))) == []
    assert said(replace(MONEY, relations=(Relation("part-of", "revenue"),))) == []


def test_a_word_that_two_terms_claim_is_said_and_stands_in_nobodys_way() -> None:
    sales = Term("sales", "Sales", status="approved", synonyms=("  TURNOVER ", "sales"))
    found = check(sales, GLOSSARY, CATALOG)
    assert [(problem.field, problem.severity) for problem in found] == [("synonyms", "warning")]
    assert "may also mean Revenue (revenue)" in found[0].what
    assert insist(sales, GLOSSARY, CATALOG) == found
    assert check(replace(sales, relations=(Relation("same-as", "revenue"),)), GLOSSARY, CATALOG) == ()
    assert check(replace(sales, status="deprecated"), GLOSSARY, CATALOG) == ()


@pytest.mark.parametrize(
    ("term", "field"),
    [
        (Term("Revenue!", "x"), "id"),
        (Term("../../etc", "x"), "id"),
        (Term("a" * 65, "x"), "id"),
        (Term("x", "  "), "name"),
        (Term("x", "x" * 201), "name"),
        (Term("x", "two\nlines"), "name"),
        (Term("x", "hidden\u200bword"), "name"),
        (Term("x", "\u202egro.live"), "name"),
        (Term("x", "nul\x00"), "name"),
        (Term("x", "half \ud800"), "name"),
        (Term("x", "x", definition="d" * 10_001), "definition"),
        (Term("x", "x", definition="\x1b[31mred"), "definition"),
        (Term("x", "x", synonyms=("s",) * 201), "synonyms"),
        (Term("x", "x", synonyms=("s" * 10_000,)), "synonyms"),
        (Term("x", "x", places=(Place("s" * 300, "t"),)), "places"),
        (replace(REVENUE, metric=replace(SUM, filters=("a = 1",) * 201)), "metric"),
    ],
)
def test_texts_that_are_too_long_or_odd_are_not_kept_even_as_a_draft(term: Term, field: str) -> None:
    found = check(replace(term, status="draft"), GLOSSARY, CATALOG)
    assert [problem.field for problem in found][:1] == [field]
    with pytest.raises(Refused) as refused:
        insist(term, GLOSSARY, CATALOG)
    assert len(str(refused.value)) < 1_000
    assert str(refused.value).isprintable()


def test_people_may_write_in_any_language_on_several_lines() -> None:
    assert said(Term("umsatz", "Umsatz ☕ 売上 الإيرادات", definition="Eins.\n\tZwei.", synonyms=("выручка",))) == []


def test_a_draft_may_be_unfinished_but_is_not_proposed_so() -> None:
    unfinished = replace(REVENUE, status="draft", metric=replace(SUM, table="later"))
    assert insist(unfinished, GLOSSARY, CATALOG)
    with pytest.raises(Refused, match="no table “later”"):
        insist(replace(unfinished, status="proposed"), GLOSSARY, CATALOG)


def test_sql_in_names_stays_a_name() -> None:
    assert said(Term("x", "'; DROP TABLE orders; --", synonyms=("{{ config }}", "<script>"))) == []
    hostile = replace(SUM, table="orders; DROP TABLE orders", source="shop")
    assert "has no table" in said(replace(REVENUE, metric=hostile))[0]


def test_ids_are_made_of_names() -> None:
    assert slug("Net revenue (€)") == "net-revenue"
    assert slug("Größe über alles") == "groe-uber-alles"
    assert slug("売上") == "term"
    assert slug("売上", {"term", "term-2"}) == "term-3"
    assert len(slug("x" * 500)) <= 64
    assert tame("a\x00b\n c" + "d" * 100, 10) == "a�b cdddd…"
