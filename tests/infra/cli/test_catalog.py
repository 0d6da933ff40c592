"""`quillux catalog`, as the real command."""

import json
import sqlite3
from pathlib import Path

from tests.infra.cli.conftest import Quillux


def test_a_catalog_is_scanned_shown_and_compared(quillux: Quillux, folder: Path) -> None:
    quillux("source", "add", "shop", "sqlite:///shop.db")
    done = quillux("catalog", "scan")
    assert done.returncode == 0
    assert "2 tables: 2 measured" in done.stderr
    assert "orders" in quillux("catalog", "show", "shop").stdout
    shown = quillux("catalog", "show", "shop", "customers")
    assert "country code" not in shown.stdout
    assert "pii:name" in shown.stdout
    assert quillux("catalog", "diff", "shop").returncode == 0
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.execute("ALTER TABLE orders DROP COLUMN amount")
    shop.close()
    (told,) = json.loads(quillux("catalog", "scan", "shop", "--json").stdout)
    assert [change["what"] for change in told["changes"]] == ["column dropped"]
    diff = quillux("catalog", "diff")
    assert diff.returncode == 7
    assert "orders.amount: column dropped" in diff.stdout
    newest, oldest = json.loads(quillux("catalog", "history", "shop", "--json").stdout)
    assert (newest["changes"], oldest["changes"]) == (1, 0)
    since = quillux("catalog", "diff", "shop", "--since", oldest["snapshot"], "--json")
    assert since.returncode == 7
    assert json.loads(since.stdout)[0]["changes"][0]["breaking"]


def test_what_is_not_there_is_said(quillux: Quillux) -> None:
    quillux("source", "add", "shop", "sqlite:///shop.db")
    quillux("catalog", "scan")
    assert quillux("catalog", "scan", "nothing").returncode == 2
    assert quillux("catalog", "show", "shop", "nothing").returncode == 2
    assert quillux("catalog", "diff", "--since", "x").returncode == 2
    assert quillux("catalog", "diff", "shop", "--since", "x").returncode == 4


def test_a_source_that_is_away_leaves_the_others_scanned(quillux: Quillux, folder: Path) -> None:
    quillux("source", "add", "shop", "sqlite:///shop.db")
    quillux("source", "add", "gone", "sqlite:///gone.db", "--no-test")
    done = quillux("catalog", "scan", "gone", "shop")
    assert done.returncode == 5
    assert "shop: 2 tables" in done.stderr
