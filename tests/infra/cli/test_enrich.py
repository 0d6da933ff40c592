"""`quillux enrich`, as the real command."""

import json
import sqlite3
from pathlib import Path

from tests.infra.cli.conftest import Quillux


def test_proposals_are_listed_with_evidence_and_sent_to_review_once(quillux: Quillux, folder: Path) -> None:
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.execute("ALTER TABLE orders ADD COLUMN placed_at TIMESTAMP NOT NULL DEFAULT '2025-01-01 00:00:00'")
    shop.close()
    quillux("source", "add", "shop", "sqlite:///shop.db")
    listed = quillux("enrich")
    assert listed.returncode == 0, listed.stderr
    assert "Define “order amount”" in listed.stdout
    assert "SUM(amount) over shop.orders" in listed.stdout
    found = json.loads(quillux("enrich", "--aspect", "metric", "--json").stdout)
    assert [one["term"]["metric"]["time"] for one in found] == ["placed_at"]
    for _ in range(2):
        sent = quillux("enrich", "--aspect", "metric", "--send", "5")
        assert "1 wait for review" in sent.stderr
    waiting = json.loads(quillux("reviews", "--json").stdout)
    assert [(item["kind"], item["question"]) for item in waiting] == [("proposal", "Define “order amount”")]


def test_an_empty_catalog_has_nothing_to_propose(quillux: Quillux) -> None:
    done = quillux("enrich", "--send", "3")
    assert done.returncode == 0, done.stderr
    assert "nothing to propose" in done.stderr
