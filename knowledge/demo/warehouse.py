"""Writes the retail warehouse as one SQLite file."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

from knowledge.demo.money import Rates, promotion_rows, promotions
from knowledge.demo.people import People, Row, populate
from knowledge.demo.sales import Sales
from knowledge.demo.schema import INDEXES, SCHEMA


def write_warehouse(path: Path, rng: Random, today: date) -> None:
    """Make the file; an interrupted run leaves no half-made warehouse behind."""
    people = populate(rng, today)
    rates = Rates(rng, today)
    campaigns = promotions(today)
    sales = Sales(rng, today, people, rates, campaigns)
    sales.draw()
    tables = people.tables | {"promotions": promotion_rows(campaigns), "exchange_rates": rates.rows()} | sales.tables
    tables["customers"] = _joined(rng, people, sales.first_order, today)
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as database:
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192;" + SCHEMA)
        for name, rows in tables.items():
            marks = ",".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608  names are ours
        database.commit()
        database.executescript(INDEXES + "ANALYZE;")
    unfinished.replace(path)


def _joined(rng: Random, people: People, first_order: dict[int, date], today: date) -> list[Row]:
    """Customers register shortly before their first order."""
    rows: list[Row] = []
    for row in people.tables["customers"]:
        start = first_order.get(int(str(row[0])), today - timedelta(days=rng.randint(1, 900)))
        joined = start - timedelta(days=min(rng.randint(0, 30), rng.randint(0, 60)))
        rows.append((*row[:6], joined.isoformat(), row[7]))
    return rows
