"""A small shop: a SQLite database, its catalog, and one way to ask it."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Exchange, Interpretation, Read, Translation

TODAY = date(2025, 7, 15)
SCHEMA = """
CREATE TABLE regions (region_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE countries (country_id INTEGER PRIMARY KEY, name TEXT NOT NULL, region_id INTEGER REFERENCES regions);
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT, joined_on DATE,
  country_id INTEGER REFERENCES countries);
CREATE TABLE categories (category_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL,
  category_id INTEGER REFERENCES categories);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, ordered_at TIMESTAMP,
  status TEXT, total REAL);
CREATE TABLE order_lines (order_line_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders,
  product_id INTEGER REFERENCES products, quantity INTEGER, revenue REAL);
CREATE TABLE shipments (shipment_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, shipped_at TIMESTAMP,
  carrier TEXT);
CREATE TABLE returns (return_id INTEGER PRIMARY KEY, order_line_id INTEGER REFERENCES order_lines,
  returned_at TIMESTAMP, reason TEXT);
INSERT INTO regions VALUES (1, 'North'), (2, 'South');
INSERT INTO countries VALUES (1, 'Germany', 1), (2, 'Sweden', 1), (3, 'Spain', 2);
INSERT INTO customers VALUES (1, 'Anna Ash', 'Berlin', '2024-02-01', 1), (2, 'Ben Birch', 'Malmo', '2024-06-10', 2),
  (3, 'Cleo Cedar', 'Madrid', '2025-03-05', 3), (4, 'Dora Dill', 'Berlin', '2025-06-20', 1);
INSERT INTO categories VALUES (1, 'Tools'), (2, 'Toys');
INSERT INTO products VALUES (1, 'Hammer', 20, 1), (2, 'Saw', 30, 1), (3, 'Kite', 10, 2), (4, 'Robot', 60, 2);
INSERT INTO orders VALUES (1, 1, '2025-06-03 10:00:00', 'paid', 50), (2, 1, '2025-06-28 09:30:00', 'paid', 60),
  (3, 2, '2025-05-11 12:00:00', 'cancelled', 10), (4, 3, '2025-06-15 08:00:00', 'paid', 70),
  (5, 2, '2024-06-01 08:00:00', 'paid', 30), (6, 1, '2025-07-01 08:00:00', 'open', 20);
INSERT INTO order_lines VALUES (1, 1, 1, 1, 20), (2, 1, 2, 1, 30), (3, 2, 4, 1, 60), (4, 3, 3, 1, 10),
  (5, 4, 4, 1, 60), (6, 4, 3, 1, 10), (7, 5, 2, 1, 30), (8, 6, 1, 1, 20);
INSERT INTO shipments VALUES (1, 1, '2025-06-04 10:00:00', 'Blue Post'), (2, 2, '2025-07-02 09:00:00', 'Red Mail'),
  (3, 4, '2025-06-16 11:00:00', 'Blue Post'), (4, 5, '2024-06-02 11:00:00', 'Red Mail');
INSERT INTO returns VALUES (1, 3, '2025-07-04 10:00:00', 'Too late'), (2, 6, '2025-06-20 10:00:00', 'Broken');
"""

Rows = list[tuple[object, ...]]


def write_shop(path: Path) -> Catalog:
    """Write the shop to a file and read its catalog."""
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
    database.close()
    return asyncio.run(_catalog(path))


async def _catalog(path: Path) -> Catalog:
    source = SqliteSource("shop", path)
    try:
        return Catalog(await scan(source), {"shop": "sqlite"})
    finally:
        await source.close()


@dataclass(frozen=True)
class Shop:
    """The file and its catalog."""

    path: Path
    catalog: Catalog

    def ask(self, question: str, *history: Exchange, choices: Mapping[str, str] | None = None) -> Translation:
        """Translate a question about the shop."""
        return RuleTranslator().translate(question, self.catalog, Context(TODAY, history, choices or {}))

    def answer(self, question: str, *history: Exchange, choices: Mapping[str, str] | None = None) -> Interpretation:
        """The best interpretation of a question that is expected to be read."""
        found = self.ask(question, *history, choices=choices)
        assert isinstance(found, Read), found
        return found.interpretations[0]

    def rows(self, reading: Interpretation) -> Rows:
        """The rows of an interpretation, run read-only."""
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return database.execute(reading.query.sql(dialect=reading.dialect)).fetchall()
        finally:
            database.close()


def exchange(question: str, reading: Interpretation, rows: Sequence[Sequence[Any]] = ()) -> Exchange:
    """What a conversation keeps of an answered question."""
    sql = reading.query.sql(dialect=reading.dialect)
    return Exchange(question, sql, reading.source, reading.memory, rows=tuple(map(tuple, rows)))
