"""A small retail warehouse with the tables of the demo, the same on every machine."""

import asyncio
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from random import Random

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.demo.schema import SCHEMA
from knowledge.sources.sqlite import SqliteSource

TODAY = date(2026, 11, 21)
_REGIONS = ("Northern Europe", "Western Europe", "Southern Europe")
_COUNTRIES = (
    ("Germany", "DE", "EUR", 2), ("France", "FR", "EUR", 2), ("Sweden", "SE", "SEK", 1), ("Denmark", "DK", "DKK", 1),
    ("Spain", "ES", "EUR", 3), ("Italy", "IT", "EUR", 3),
)  # fmt: skip
_CATEGORIES = (("Laptops", "Electronics"), ("Books", "Family"), ("Toys", "Family"), ("Lighting", "Home"))
_CITIES = ("Berlin", "Lyon", "Malmo", "Aarhus", "Madrid", "Turin")
_WORDS = ("Pure", "Swift", "Calm", "Bright", "Crisp")
_NOUNS = (("Notebook", 400), ("Novel", 10), ("Kite", 20), ("Lamp", 60))
_CARRIERS = ("Swift Parcel", "Blue Arrow Post", "Green Mile")
_REASONS = ("Changed mind", "Wrong item", "Defective", None)

Row = tuple[object, ...]


def write_warehouse(path: Path) -> Catalog:
    """Write the warehouse to a file and read its catalog."""
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
        for table, rows in _tables(Random(7)).items():
            marks = ",".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    database.close()
    return asyncio.run(_catalog(path))


async def _catalog(path: Path) -> Catalog:
    source = SqliteSource("shop", path)
    try:
        return Catalog(await scan(source), {"shop": "sqlite"})
    finally:
        await source.close()


def _tables(rng: Random) -> dict[str, list[Row]]:
    tables = _places()
    tables["products"] = _products(rng)
    sales: dict[str, list[Row]] = {"orders": [], "order_lines": [], "shipments": [], "payments": [], "returns": []}
    for number in range(1, 241):
        _order(rng, number, tables["products"], sales)
    return tables | sales


def _places() -> dict[str, list[Row]]:
    return {
        "regions": [(i, name) for i, name in enumerate(_REGIONS, 1)],
        "countries": [(i, *row) for i, row in enumerate(_COUNTRIES, 1)],
        "stores": [(i, f"{_CITIES[i - 1]} Centre", _CITIES[i - 1], i, f"20{14 + i}-05-0{i}", 900 + 70 * i)
                   for i in range(1, 7)],
        "warehouses": [(1, "Leipzig Hub", "Leipzig", 1, 9000), (2, "Lund Hub", "Lund", 3, 4000)],
        "suppliers": [(i, f"{word} Supply", i, 10 * i, rating)
                      for i, word, rating in zip(range(1, 6), _WORDS, (3.1, 4.4, 2.9, 4.8, None), strict=True)],
        "categories": [(i, *row) for i, row in enumerate(_CATEGORIES, 1)],
        "promotions": [(1, "Spring Days 2025", "2025-04-01", "2025-04-20", 10.0),
                       (2, "Summer Sale 2026", "2026-06-10", "2026-07-05", 20.0)],
        "employees": [(i, f"Staff {i:02d}", ("Cashier", "Stock Clerk", "Store Manager")[i % 3],
                       (1, 2, 3, 1, 4, 1, 5, 2, 1, 6)[i % 10], f"20{18 + i % 9}-0{1 + i % 9}-15",
                       30000.0 + 1700 * (i % 11))
                      for i in range(1, 25)],
        "customers": [(i, f"Customer {i:02d}", None if i % 9 == 0 else f"c{i}@example.com",
                       (None, "Consumer", "Corporate", "Small Business")[i % 4], _CITIES[i % 6], 1 + i % 6,
                       f"202{3 + i % 4}-0{1 + i % 9}-1{i % 9}", i % 2) for i in range(1, 41)],
        "exchange_rates": [("2026-11-20", "EUR", 1.0), ("2026-11-20", "SEK", 11.2)],
    }  # fmt: skip


def _products(rng: Random) -> list[Row]:
    rows: list[Row] = []
    for number, word in enumerate(_WORDS):
        for category, (noun, price) in enumerate(_NOUNS, 1):
            amount = round(price * (1 + rng.random() * 1.4), 2)
            rows.append((len(rows) + 1, f"{word} {noun}", f"SKU-{len(rows) + 1:04d}", category, 1 + number % 5, amount,
                         round(amount * (0.4 + rng.random() * 0.4), 2), round(rng.random() * 4, 2),
                         f"202{2 + number}-03-0{category}", int(number != 3)))  # fmt: skip
    return rows


def _order(rng: Random, number: int, products: list[Row], sales: dict[str, list[Row]]) -> None:
    day = date(2024, 1, 5) + timedelta(days=number * 13 // 3 + rng.randrange(4))
    channel = rng.choice(("online", "online", "store", "phone"))
    status = rng.choice(("delivered", "delivered", "completed", "cancelled", "processing"))
    lines = [_line(rng, number, rng.choice(products[:17]), sales) for _ in range(rng.randint(1, 4))]
    total = round(sum(lines), 2)
    store = rng.randint(1, 6) if channel == "store" else None
    promotion = rng.choice((None, None, None, 1, 2))
    customer = min(rng.randint(1, 38), rng.randint(1, 38))
    sales["orders"].append((number, customer, store, None, promotion, f"{day} 10:{number % 60:02d}:00", channel, status,
                            "EUR", total, total))  # fmt: skip
    sales["payments"].append((number, number, rng.choice(("Card", "Card", "Invoice", "Wallet")), "paid",
                              f"{day} 11:00:00", total, "EUR"))  # fmt: skip
    if channel != "store":
        for part in range(1 + (number % 10 == 0)):
            _ship(rng, number, day + timedelta(days=1 + part), sales)


def _line(rng: Random, order: int, product: Row, sales: dict[str, list[Row]]) -> float:
    quantity, price = rng.randint(1, 3), float(str(product[5]))
    revenue = round(quantity * price * rng.choice((1, 1, 0.9)), 2)
    at = len(sales["order_lines"]) + 1
    sales["order_lines"].append((at, order, product[0], quantity, price, 0.0, revenue))
    if rng.random() < 0.12 and product[0] != 5:
        day = date(2024, 1, 20) + timedelta(days=order * 13 // 3)
        sales["returns"].append((len(sales["returns"]) + 1, at, f"{day} 09:00:00", 1, rng.choice(_REASONS), price))
    return revenue


def _ship(rng: Random, order: int, day: date, sales: dict[str, list[Row]]) -> None:
    arrived = None if rng.random() < 0.1 else f"{day + timedelta(days=rng.randint(1, 6))} 15:00:00"
    sales["shipments"].append((len(sales["shipments"]) + 1, order, 1 + order % 2, rng.choice(_CARRIERS),
                               "delivered" if arrived else "in transit", f"{day} 12:00:00", arrived,
                               round(4 + rng.random() * 9, 2)))  # fmt: skip
