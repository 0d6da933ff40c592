"""Questions in a terminal: real processes over a small SQLite file."""

import asyncio
import csv
import json
import shlex
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from infra.cli.shelf import names, open_shelf
from tests.contracts.shop import write_files, write_postgres
from tests.fixtures.openai_server import KEY, OpenAIServer
from tests.infra.cli.conftest import Done, Quillux
from tests.knowledge.translation.shop import write_shop
from tests.postgres import postgres_server, why_not


@pytest.fixture
def ask(quillux: Quillux, folder: Path) -> Quillux:
    """`quillux ask` over the small shop, with a home of its own."""

    def asked(*words: str, env: dict[str, str] | None = None) -> Done:
        return quillux("ask", *words, env={"HOME": str(folder / "home"), **(env or {})})

    return asked


def test_a_file_of_ones_own_is_asked_without_any_settings(ask: Quillux) -> None:
    done = ask("how many orders per country", "--source", "shop.db")
    assert done.returncode == 0, done.stderr
    assert "Germany" in done.stdout
    assert "█" in done.stdout
    assert "shop: " in done.stdout


def test_the_rows_are_right(ask: Quillux) -> None:
    said = json.loads(ask("how many orders per country", "-s", "shop.db", "--json").stdout)
    assert said["state"] == "answered"
    assert {row[0]: row[1] for row in said["rows"]} == {"Germany": 4, "France": 1}
    assert said["total"] == 2
    assert "GROUP BY" in said["sql"]
    assert said["receipt"]["rows"] == 2


def test_the_receipt_shows_the_query(ask: Quillux) -> None:
    assert "SELECT" not in ask("how many orders", "-s", "shop.db").stdout
    shown = ask("how many orders", "-s", "shop.db", "--receipt").stdout
    assert "SELECT" in shown
    assert "Confidence" in shown


def test_a_follow_up_goes_on_from_the_question_before(ask: Quillux) -> None:
    ask("how many orders per country", "-s", "shop.db")
    said = json.loads(ask("only Germany", "-s", "shop.db", "--follow", "--json").stdout)
    assert [row for row in said["rows"] if "Germany" in row or row == [4]]


def test_an_unclear_question_offers_its_readings_and_takes_one(ask: Quillux, folder: Path) -> None:
    write_shop(folder / "store.db")
    done = ask("show the names", "-s", "store.db")
    assert done.returncode == 3
    assert "--choose" in done.stdout
    said = json.loads(ask("show the names", "-s", "store.db", "--json").stdout)
    assert said["state"] == "unclear"
    picked = ask("show the names", "-s", "store.db", "--choose", said["choices"][1]["choose"], "--json")
    assert picked.returncode == 0, picked.stdout
    assert json.loads(picked.stdout)["rows"]


def test_an_assumption_can_be_changed_as_the_receipt_says(ask: Quillux, folder: Path) -> None:
    write_shop(folder / "store.db")
    question = "how many orders did we ship per region in 2025"
    offered = ask(question, "-s", "store.db", "--receipt").stdout
    flags = [shlex.split(line)[1] for line in offered.splitlines() if line.startswith("--choose")]
    assert flags
    said = json.loads(ask(question, "-s", "store.db", "--choose", flags[0], "--json").stdout)
    assert flags[0].split("=")[1] in {item["chosen"] for item in said["assumptions"]}


def test_what_the_data_does_not_hold_is_declined_with_3(ask: Quillux) -> None:
    done = ask("what is the meaning of life", "-s", "shop.db", "--json")
    assert done.returncode == 3
    said = json.loads(done.stdout)
    assert said["state"] == "declined"
    assert said["suggestions"]


def test_a_source_that_is_away_ends_with_5(ask: Quillux, folder: Path) -> None:
    for address in ("gone.db", "postgresql://nobody@127.0.0.1:1/x", "what://is/this"):
        done = ask("how many orders", "-s", address)
        assert done.returncode == 5, done.stderr
        assert "Traceback" not in done.stderr
    assert not (folder / "gone.db").exists()


def test_one_source_away_leaves_the_other_usable(ask: Quillux) -> None:
    done = ask("how many orders", "-s", "gone.db", "-s", "shop.db")
    assert done.returncode == 0
    assert "gone is left out" in done.stderr


def test_a_heavy_query_waits_for_a_yes(ask: Quillux) -> None:
    limit = {"QUILLUX_ANSWERS__APPROVAL_ROWS_READ": "1"}
    done = ask("how many orders", "-s", "shop.db", env=limit)
    assert done.returncode == 4
    assert "--yes" in done.stderr
    assert ask("how many orders", "-s", "shop.db", "--yes", env=limit).returncode == 0


def test_a_configured_source_needs_somebody_who_approves(ask: Quillux, quillux: Quillux) -> None:
    quillux("source", "add", "shop", "shop.db")
    assert ask("how many orders").returncode == 0
    done = ask("how many orders", "--yes", env={"QUILLUX_ANSWERS__APPROVAL_ROWS_READ": "1"})
    assert done.returncode == 4
    assert "approve" in done.stderr


def test_past_a_limit_on_rows_is_refused(ask: Quillux) -> None:
    done = ask("list customers", "-s", "shop.db", env={"QUILLUX_ANSWERS__ROWS": "1"})
    assert done.returncode == 4, done.stdout
    assert "Traceback" not in done.stderr


def test_without_a_source_there_is_nothing_to_ask(ask: Quillux) -> None:
    done = ask("how many orders")
    assert done.returncode == 6
    assert "quillux source add" in done.stderr


def test_without_a_source_the_demo_is_asked_where_it_was_made(ask: Quillux, folder: Path) -> None:
    demo = folder / ".data" / "demo"
    (demo / "web").mkdir(parents=True)
    (folder / "shop.db").rename(demo / "warehouse.sqlite")
    write_files(demo / "web")
    done = ask("how many orders", "--json")
    assert done.returncode == 0, done.stderr
    assert "the demo data is asked" in done.stderr
    assert json.loads(done.stdout)["rows"] == [[5]]


@pytest.mark.parametrize(
    "words", [(), ("q", "--choose", "x"), ("q", "--out", "a.exe"), ("q", "--stream", "a.csv"), ("q", "--rows", "0")]
)
def test_a_wrongly_written_question_ends_with_2(ask: Quillux, words: tuple[str, ...]) -> None:
    assert ask(*words, "-s", "shop.db").returncode == 2


def test_all_rows_are_written_to_a_file(ask: Quillux, folder: Path) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        done = ask("how many orders per country", "-s", "shop.db", "--out", f"a.{ending}")
        assert done.returncode == 0, done.stderr
    with (folder / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 3
    assert pq.read_table(folder / "a.parquet").num_rows == 2
    assert (folder / "a.xlsx").read_bytes().startswith(b"PK")


def test_a_large_answer_goes_straight_into_a_file_without_a_limit_on_its_rows(ask: Quillux, folder: Path) -> None:
    one_row = {"QUILLUX_ANSWERS__ROWS": "1"}
    done = ask("list customers", "-s", "shop.db", "--stream", "all.parquet", "--json", env=one_row)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["state"], said["total"]) == ("written", pq.read_table(folder / "all.parquet").num_rows)
    assert said["total"] > 1


def test_a_stream_that_is_refused_leaves_the_file_that_was_there(ask: Quillux, folder: Path) -> None:
    (folder / "all.parquet").write_text("before")
    waits = {"QUILLUX_ANSWERS__APPROVAL_ROWS_READ": "1"}
    assert ask("list customers", "-s", "shop.db", "--stream", "all.parquet", env=waits).returncode == 4
    assert (folder / "all.parquet").read_text() == "before"
    assert list(folder.glob(".*part")) == []


@pytest.mark.parametrize("text", ["'; DROP TABLE orders; --", "\x1b[2J", "🙂", "x" * 9_000, "\udcff"])
def test_odd_text_is_answered_and_changes_nothing(ask: Quillux, folder: Path, text: str) -> None:
    before = (folder / "shop.db").read_bytes()
    done = ask(text, "-s", "shop.db")
    assert done.returncode in (0, 3, 4)
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout
    assert (folder / "shop.db").read_bytes() == before


def test_no_heavy_package_is_loaded_for_a_question(ask: Quillux) -> None:
    done = ask("how many orders", "-s", "shop.db", env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "sqlglot" in loaded
    assert not loaded & {"langgraph", "chainlit", "botbuilder.core", "fastapi", "sqlalchemy", "dbos", "altair"}


async def test_a_catalog_is_kept_until_the_file_changes(folder: Path) -> None:
    address = {"shop": str(folder / "shop.db")}
    cache = folder / "cache"
    first = await open_shelf(address, folder=cache)
    kept = list(cache.iterdir())
    again = await open_shelf(address, folder=cache)
    assert again.whole == first.whole
    assert list(cache.iterdir()) == kept
    assert kept[0].stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.execute("CREATE TABLE returns (id INTEGER)")
    shop.close()
    changed = await open_shelf(address, folder=cache)
    assert "returns" in {table.name for table in changed.whole.tables}


async def test_a_spoilt_catalog_is_read_anew(folder: Path) -> None:
    address = {"shop": str(folder / "shop.db")}
    await open_shelf(address, folder=folder / "cache")
    (kept,) = (folder / "cache").iterdir()
    for spoilt in ("", "{", "[]", "5", '{"tables": 1}'):
        kept.write_text(spoilt)
        assert (await open_shelf(address, folder=folder / "cache")).whole.tables


def test_addresses_are_named_by_their_last_part() -> None:
    addresses = ["a/shop.db", "b/shop.db", "postgresql://u:p@host/sales?x=1", "/", "2024.parquet", "späte-daten/"]
    assert list(names(addresses)) == ["shop", "shop_2", "sales", "source", "source_2024", "sp_te_daten"]


def test_a_postgresql_address_is_asked_without_any_settings(ask: Quillux) -> None:
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as address:
        write_postgres(address)
        done = ask("how many people per city", "-s", address, "--json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert ["Berlin", 50] in said["rows"]
        again = ask("how many people per city", "-s", address, "--receipt")
        assert again.returncode == 0
        password = address.split(":")[2].split("@")[0]
        assert password not in again.stdout + again.stderr + done.stdout + done.stderr


async def test_a_configured_model_has_its_part_and_the_receipt_says_so(ask: Quillux) -> None:
    async with OpenAIServer.running() as openai:
        env = {
            "QUILLUX_MODEL__NAME": "openai:test-model",
            "QUILLUX_MODEL__BASE_URL": openai.address,
            "QUILLUX_MODEL__API_KEY": KEY,
        }
        words = ("which parcels dawdled", "-s", "shop.db", "--receipt")
        openai.say('{"source": "shop", "sql": "SELECT id FROM orders WHERE status = \'shipped\'"}')
        done = await asyncio.to_thread(ask, *words, env=env)
        assert done.returncode == 0, done.stderr
        assert "model, checked" in done.stdout
        openai.say(500)
        failed = await asyncio.to_thread(ask, *words, env=env)
        assert failed.returncode == 3
        assert "The model was not used: its service failed." in " ".join(failed.stdout.split())
        assert KEY not in done.stdout + done.stderr + failed.stdout + failed.stderr


def test_a_model_without_a_provider_ends_with_6(ask: Quillux, quillux: Quillux) -> None:
    env = {"QUILLUX_MODEL__NAME": "gpt"}
    for done in (ask("how many orders", "-s", "shop.db", env=env), quillux("run", env=env)):
        assert done.returncode == 6
        assert "openai:gpt-4.1" in done.stderr


def test_a_worker_whose_model_has_no_key_ends_with_6(quillux: Quillux) -> None:
    done = quillux("worker", env={"QUILLUX_MODEL__NAME": "openai:gpt-4.1", "OPENAI_API_KEY": ""})
    assert done.returncode == 6
    assert "model.api_key" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_files_is_asked_without_any_settings(ask: Quillux, folder: Path) -> None:
    (folder / "files").mkdir()
    write_files(folder / "files")
    done = ask("how many people per city", "-s", "files", "--json")
    assert done.returncode == 0, done.stderr
    assert ["Berlin", 50] in json.loads(done.stdout)["rows"]
