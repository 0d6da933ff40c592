"""A shop, its archive and a few terms."""

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.glossary import Glossary, Metric, Place, Relation, Term

ORDERS = Table(
    "shop",
    "orders",
    (
        Column("id", DataType.INTEGER),
        Column("customer_id", DataType.INTEGER),
        Column("amount", DataType.NUMBER, unit="EUR"),
        Column("returned", DataType.NUMBER, unit="EUR"),
        Column("status", DataType.TEXT),
        Column("country", DataType.TEXT),
        Column("city", DataType.TEXT),
        Column("ordered_on", DataType.DATE),
        Column("weight", DataType.NUMBER, unit="stone"),
    ),
    primary_key=("id",),
)
CUSTOMERS = Table("shop", "customers", (Column("id", DataType.INTEGER), Column("name", DataType.TEXT)))
OLD = Table("archive", "orders", (Column("total", DataType.NUMBER), Column("land", DataType.TEXT)), schema="y2020")
CATALOG = Catalog((ORDERS, CUSTOMERS, OLD), {"shop": "sqlite", "archive": "postgres"})

SUM = Metric("shop", "orders", "SUM(amount)", ("status = 'paid'",), ("id",), "additive", "ordered_on", "EUR", "money")
REVENUE = Term(
    "revenue",
    "Revenue",
    "metric",
    "approved",
    "What customers paid.",
    ("turnover",),
    ("eva",),
    SUM,
    (Place("shop", "orders", "amount", "status = 'paid'"), Place("archive", "y2020.orders", "total")),
    relations=(Relation("is-a", "money"), Relation("maps-to", "https://example.org/revenue")),
)
MONEY = Term("money", "Money", status="approved")
COUNTRY = Term("country", "Country", "dimension", "approved", places=(Place("shop", "orders", "country"),))
CITY = Term("city", "City", "dimension", "approved", places=(Place("shop", "orders", "city"),))
PLACE = Term("geography", "Geography", "hierarchy", "approved", levels=("country", "city"))
GLOSSARY = Glossary((REVENUE, MONEY, COUNTRY, CITY, PLACE), "v1")
