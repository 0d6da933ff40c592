"""Stored values found by the words of a question, however they are spelled, and only by who may see them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from knowledge.catalog.model import Column, DataType, Table
from knowledge.sources.sqlite import SqliteSource
from knowledge.values import Held, Place, ValueIndex, fill
from knowledge.values.fill import load, worth_keeping

NAMES = Place("shop", "", "customers", "name")
CITIES = Place("shop", "sales", "stores", "city")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ValueIndex]:
    made = ValueIndex(tmp_path / "values.sqlite")
    made.update(NAMES, [("Müller GmbH", 7), ("Miller Inc", 2), ("Northwind & Sons", 1), ("SKU-0042", 1), ("Ōtsuka", 3)])
    made.update(CITIES, [("Saint-Étienne", 4), ("München", 9), ("Constantinople", 1), ("Rome", 2)])
    yield made
    made.close()


def everybody(_: Place) -> bool:
    return True


def stored(index: ValueIndex, *phrases: str) -> list[str]:
    return [held.stored for held in index.find(phrases, everybody)]


@pytest.mark.parametrize(
    ("phrase", "value"),
    [
        ("Müller GmbH", "Müller GmbH"), ("muller gmbh", "Müller GmbH"), ("MULLER GMBH", "Müller GmbH"),
        ("Mueller GmbH", "Müller GmbH"), ("Mulelr GmbH", "Müller GmbH"), ("Mullr GmbH", "Müller GmbH"),
        ("northwind and sons", ""), ("northwind sons", "Northwind & Sons"), ("Nortwhind & Sons", "Northwind & Sons"),
        ("saint etienne", "Saint-Étienne"), ("Saint Etiene", "Saint-Étienne"), ("Munchen", "München"),
        ("Constantinopel", "Constantinople"), ("Konstantinople", "Constantinople"),
        ("Konstantinopel", "Constantinople"), ("Konstentinopel", ""), ("Otsuka", "Ōtsuka"),
        ("romes", "Rome"), ("sku 0042", "SKU-0042"),
        ("sku 0043", ""), ("rom", ""), ("rme", ""), ("Rmoe", "Rome"), ("ｍüｎｃｈｅｎ", "München"),
    ],
)  # fmt: skip
def test_a_phrase_finds_what_it_nearly_spells(index: ValueIndex, phrase: str, value: str) -> None:
    assert stored(index, phrase)[:1] == ([value] if value else [])


def test_what_is_stored_as_it_is_said_comes_without_what_is_only_like_it(index: ValueIndex) -> None:
    index.update(CITIES, [("Muller GmbH", 1), ("Miller GmbH", 90)])
    assert [(h.place, h.distance) for h in index.find(["muller gmbh"], everybody)] == [(NAMES, 0), (CITIES, 0)]


def test_of_two_values_that_are_as_near_the_more_frequent_comes_first(index: ValueIndex) -> None:
    index.update(NAMES, [("Marten", 2), ("Martin", 50)])
    assert stored(index, "Martan") == ["Martin", "Marten"]


def test_every_phrase_of_a_question_is_answered_in_its_turn(index: ValueIndex) -> None:
    found = index.find(["orders", "of", "Rome", "Munchen"], everybody)
    assert [(held.phrase, held.stored) for held in found] == [("Rome", "Rome"), ("Munchen", "München")]
    assert found[1] == Held("Munchen", CITIES, "München", 9, 0)


def test_values_of_a_column_that_a_person_may_not_see_are_never_offered(index: ValueIndex) -> None:
    assert index.find(["muller gmbh", "Mullr GmbH", "Rome"], lambda place: place == CITIES) == [
        Held("Rome", CITIES, "Rome", 2, 0)
    ]


def test_a_load_takes_the_place_of_the_values_of_its_column_only(index: ValueIndex) -> None:
    index.update(CITIES, [("Oslo", 1)])
    assert stored(index, "Rome", "Oslo", "muller gmbh") == ["Oslo", "Müller GmbH"]
    assert index.columns() == {NAMES: 5, CITIES: 1}


def test_a_load_that_fails_changes_nothing(index: ValueIndex) -> None:
    async def batches() -> AsyncIterator[pa.RecordBatch]:
        yield pa.record_batch({"value": ["Oslo"], "many": [1]})
        raise RuntimeError("the source went away")

    with pytest.raises(RuntimeError):
        asyncio.run(load(index, CITIES, batches()))
    assert stored(index, "Rome", "Oslo") == ["Rome"]


def test_a_question_is_answered_while_a_load_is_under_way(index: ValueIndex) -> None:
    with index.loading(CITIES) as loading:
        loading.add([("Oslo", 1)])
        assert stored(index, "Rome", "Oslo") == ["Rome"]
        loading.done()
    assert stored(index, "Rome", "Oslo") == ["Oslo"]


def test_a_reader_in_another_process_sees_what_was_loaded(index: ValueIndex, tmp_path: Path) -> None:
    other = ValueIndex(tmp_path / "values.sqlite")
    index.update(CITIES, [("Oslo", 1)])
    assert stored(other, "Oslo") == ["Oslo"]
    other.close()


def test_what_was_removed_is_gone_from_the_file_too(index: ValueIndex, tmp_path: Path) -> None:
    assert index.remove("shop", table="stores") == 1
    assert index.remove("shop", table="stores") == 0
    assert stored(index, "Rome", "Constantinopel", "muller gmbh") == ["Müller GmbH"]
    index.close()
    database = sqlite3.connect(tmp_path / "values.sqlite")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    assert b"onstantinople" not in (tmp_path / "values.sqlite").read_bytes()


def test_a_word_that_another_column_holds_stays_known(index: ValueIndex) -> None:
    index.update(CITIES, [("Miller", 1)])
    index.remove("shop", column="city")
    assert stored(index, "Milelr Inc") == ["Miller Inc"]


@pytest.mark.parametrize(
    "phrase",
    [
        "", " ", "\0", "a\0b", '"', "'; DROP TABLE held; --", "NEAR(a b)", "* OR *", "a" * 100_000, "(" * 500, "%", "_",
        "\ud800", "😀😀😀", "a AND NOT b:c^2", "𝔐𝔲𝔩𝔩𝔢𝔯", "\u202e\u200b", "x " * 5_000, "aaaa " * 8, "́" * 100,
    ],
)  # fmt: skip
def test_no_phrase_is_too_odd(index: ValueIndex, phrase: str) -> None:
    assert index.find([phrase], everybody) == []
    index.update(Place("s", "", "t", "c"), [(phrase, 1)])
    assert stored(index, "Rome") == ["Rome"]


def test_a_thousand_phrases_are_not_all_looked_up(index: ValueIndex) -> None:
    assert stored(index, *[f"nothing {at}" for at in range(1000)], "Rome") == []


def test_nobody_else_on_the_machine_can_read_the_file(index: ValueIndex, tmp_path: Path) -> None:
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


def test_a_broken_file_gives_no_values_and_no_error(tmp_path: Path) -> None:
    index = ValueIndex(tmp_path / "values.sqlite")
    with sqlite3.connect(tmp_path / "values.sqlite") as database:
        database.execute("DROP TABLE state")
    assert index.find(["Rome"], everybody) == []
    index.close()


def _column(name: str, distinct: int = 100, *, tags: tuple[str, ...] = (), kind: DataType = DataType.TEXT) -> Column:
    return Column(name, kind, distinct=distinct, values=("a", "b"), tags=tags)


def test_only_texts_that_the_catalog_does_not_hold_already_and_that_may_be_kept_are_worth_keeping() -> None:
    assert worth_keeping(_column("name"))
    assert not worth_keeping(_column("name", 2))
    assert not worth_keeping(_column("name", 10_000_000))
    assert not worth_keeping(_column("price", kind=DataType.NUMBER))
    assert not worth_keeping(replace(_column("id"), format="uuid"))
    assert not worth_keeping(_column("name", tags=("pii:person",)))
    assert worth_keeping(_column("name", tags=("pii:person", "unique")), allow={"pii:person"})
    assert not worth_keeping(_column("name", tags=("pii:person", "secret:key")), allow={"pii:person"})


def test_a_source_is_filled_in_and_what_became_personal_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE customers (name TEXT, email TEXT)")
        database.executemany(
            "INSERT INTO customers VALUES (?, ?)", [(f"Firm {at % 300} Ltd", f"a{at}@b.example") for at in range(900)]
        )
    index = ValueIndex(tmp_path / "values.sqlite")
    emails = Place("shop", "", "customers", "email")
    index.update(emails, [("a@b.example", 1)])
    table = Table("shop", "customers", (_column("name", 300), _column("email", 900, tags=("pii:email",))))

    async def filled() -> None:
        source = SqliteSource("shop", path)
        done = await fill(index, source, [table])
        assert (done.kept, done.left) == ({NAMES: 300}, {})
        await source.close()

    asyncio.run(filled())
    assert index.find(["firm 17 ltd"], everybody) == [Held("firm 17 ltd", NAMES, "Firm 17 Ltd", 3, 0)]
    assert emails not in index.columns()
    index.close()
