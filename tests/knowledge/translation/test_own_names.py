"""Schemas and values that are in the language of the question, or in none."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read
from tests.knowledge.translation.test_business import rows_of
from tests.knowledge.translation.warehouse import TODAY

GERMAN = """
CREATE TABLE kunden (kunden_id INTEGER PRIMARY KEY, name TEXT, stadt TEXT, land TEXT);
CREATE TABLE produkte (produkt_id INTEGER PRIMARY KEY, bezeichnung TEXT, preis DECIMAL(10,2), farbe TEXT);
CREATE TABLE bestellungen (bestell_id INTEGER PRIMARY KEY, kunden_id INTEGER REFERENCES kunden(kunden_id),
  produkt_id INTEGER REFERENCES produkte(produkt_id), bestelldatum DATE, umsatz DECIMAL(10,2), status TEXT);
INSERT INTO kunden VALUES (1,'Anna','Berlin','Deutschland'),(2,'Ben','Wien','Österreich'),
  (3,'Cleo','Berlin','Deutschland');
INSERT INTO produkte VALUES (1,'Lampe',30,'rot'),(2,'Tisch',120,'blau'),(3,'Stuhl',60,'rot');
INSERT INTO bestellungen VALUES (1,1,1,'2025-03-01',30,'offen'),(2,1,2,'2026-03-05',120,'storniert'),
  (3,2,3,'2026-10-09',60,'bezahlt');
"""
FRENCH = """
CREATE TABLE clients (client_id INTEGER PRIMARY KEY, nom TEXT, ville TEXT);
CREATE TABLE commandes (commande_id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients(client_id),
  date_commande DATE, montant DECIMAL(10,2));
INSERT INTO clients VALUES (1,'Anne','Lyon'),(2,'Bruno','Paris'),(3,'Chloe','Lyon');
INSERT INTO commandes VALUES (1,1,'2026-03-01',30),(2,1,'2026-03-05',120),(3,2,'2026-10-09',60);
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("own")
    for name, schema in (("german", GERMAN), ("french", FRENCH)):
        with sqlite3.connect(made / f"{name}.sqlite") as database:
            database.executescript(schema)
        database.close()
    return made


async def _catalog(path: Path) -> Catalog:
    source = SqliteSource("own", path)
    try:
        return Catalog(await scan(source), {"own": "sqlite"})
    finally:
        await source.close()


@pytest.mark.parametrize(
    ("schema", "question", "rows"),
    [
        ("german", "Wie viele Kunden gibt es pro Stadt?", [("Berlin", 2), ("Wien", 1)]),
        ("german", "Umsatz pro Kunde", [("Anna", 150), ("Ben", 60)]),
        ("german", "Welche Produkte sind teurer als 50 Euro?", [("Tisch",), ("Stuhl",)]),
        ("german", "Kunden aus Deutschland ohne Bestellung", [("Cleo",)]),
        ("german", "Wie viele Bestellungen wurden storniert?", [(1,)]),
        ("german", "rote Produkte", [("Lampe",), ("Stuhl",)]),
        ("german", "Bestellungen seit März 2026 nach Status", [("storniert", 1), ("bezahlt", 1)]),
        ("german", "How many customers are there?", None),
        ("french", "Combien de clients y a-t-il par ville ?", [("Lyon", 2), ("Paris", 1)]),
        ("french", "montant total par client", [("Anne", 150), ("Bruno", 60)]),
        ("french", "les clients sans commande", [("Chloe",)]),
    ],
)
def test_names_and_values_in_the_language_of_the_question_are_found(
    folder: Path, schema: str, question: str, rows: list[tuple[object, ...]] | None
) -> None:
    path = folder / f"{schema}.sqlite"
    found = RuleTranslator().translate(question, asyncio.run(_catalog(path)), Context(TODAY))
    if rows is None:
        assert not isinstance(found, Read)
        return
    assert isinstance(found, Read), found
    sql = found.interpretations[0].query.sql("sqlite")
    assert sorted(rows_of(path, sql), key=repr) == sorted(rows, key=repr), sql
