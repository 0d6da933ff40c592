"""`quillux verified` and `quillux reviews`, as the real command."""

import json
import sqlite3
from pathlib import Path

import yaml

from tests.infra.cli.conftest import Quillux

PEOPLE = """
[[people]]
id = "eva"
name = "Eva"
roles = ["member", "expert"]

[[people]]
id = "ann"
roles = ["member"]
"""
SQL = "SELECT SUM(amount) AS amount FROM orders WHERE status = 'shipped'"
QUESTION = "amount of shipped orders"


def prepared(quillux: Quillux, folder: Path) -> None:
    quillux("source", "add", "shop", "sqlite:///shop.db")
    settings = folder / "quillux.toml"
    settings.write_text(settings.read_text() + PEOPLE)


def test_an_expert_verifies_shows_exports_imports_and_removes(quillux: Quillux, folder: Path) -> None:
    prepared(quillux, folder)
    done = quillux("verified", "add", QUESTION, "--sql", SQL, "--by", "eva")
    assert done.returncode == 0, done.stderr
    assert "it gives 1 row now" in done.stderr
    assert "other values may stand for “shipped”" in done.stderr
    id = done.stdout.strip()
    assert "verified by Eva on" in quillux("verified", "list").stdout
    answered = quillux("ask", f"the {QUESTION}?")
    assert "Verified by Eva on" in answered.stdout
    assert "Verified" not in quillux("ask", QUESTION, "--choose", "verified=rules").stdout
    shown = quillux("verified", "show", id)
    assert "SUM(amount)" in shown.stdout
    assert "value: shipped" in shown.stdout
    quillux("verified", "export", "--out", "verified.yaml")
    (entry,) = yaml.safe_load((folder / "verified.yaml").read_text())["verified"]
    assert (entry["question"], entry["source"], entry["approved_by"]) == (QUESTION, "shop", "Eva")
    assert "0 of 1" in quillux("verified", "import", "verified.yaml", "--by", "eva").stderr
    assert quillux("verified", "remove", id, "--by", "eva").returncode == 0
    assert json.loads(quillux("verified", "list", "--json").stdout) == []
    assert "1 of 1" in quillux("verified", "import", "verified.yaml", "--by", "eva").stderr
    assert json.loads(quillux("verified", "list", "--json").stdout)[0]["id"] == id


def test_only_an_expert_may_and_only_what_the_guard_lets_through(quillux: Quillux, folder: Path) -> None:
    prepared(quillux, folder)
    refused = quillux("verified", "add", QUESTION, "--sql", SQL, "--by", "ann")
    assert refused.returncode == 4
    assert "These are: eva" in refused.stderr
    for sql in ("DELETE FROM orders", "SELECT * FROM secrets", f"{SQL}; {SQL}"):
        refused = quillux("verified", "add", QUESTION, "--sql", sql, "--by", "eva")
        assert (refused.returncode, refused.stdout) == (4, ""), sql
    assert json.loads(quillux("verified", "list", "--json").stdout) == []
    assert quillux("verified", "remove", "nothing", "--by", "eva").returncode == 4


def test_a_bad_file_imports_nothing(quillux: Quillux, folder: Path) -> None:
    prepared(quillux, folder)
    good = {"question": QUESTION, "sql": SQL, "source": "shop"}
    bad = {"question": "all orders", "sql": "DROP TABLE orders", "source": "shop"}
    aliases = "a: &a [x, x]\nb: &b [*a, *a]\nverified: [*b]\n"
    texts = [yaml.safe_dump({"verified": [good, bad]}), "verified: 7", aliases, "!!python/object:os.system {}"]
    for text in texts:
        (folder / "bad.yaml").write_text(text)
        done = quillux("verified", "import", "bad.yaml", "--by", "eva")
        assert done.returncode == 4, (text, done.stderr)
    assert json.loads(quillux("verified", "list", "--json").stdout) == []


def test_a_query_whose_column_is_gone_is_listed_as_not_used(quillux: Quillux, folder: Path) -> None:
    prepared(quillux, folder)
    quillux("verified", "add", QUESTION, "--sql", SQL, "--by", "eva")
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.execute("ALTER TABLE orders DROP COLUMN amount")
    shop.close()
    quillux("catalog", "scan")
    assert "not used: shop.orders.amount is gone" in quillux("verified", "list").stdout


def test_reviews_are_listed(quillux: Quillux, folder: Path) -> None:
    prepared(quillux, folder)
    done = quillux("reviews")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing waits for review" in done.stderr
    assert json.loads(quillux("reviews", "--status", "approved", "--json").stdout) == []
