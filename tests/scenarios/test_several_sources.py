"""A question over a database and an API, in Slack; then the API is gone."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.settings import SourceSetting
from tests.e2e.four_places import CUSTOMERS, KEY, TICKETS, TICKETS_YAML, ticket_service
from tests.scenarios.product import Product, product


@dataclass
class World:
    quillux: Product
    service: ExitStack


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Customers in SQLite, tickets behind an API that can be closed."""
    monkeypatch.setenv("TICKETS_KEY", KEY)
    with closing(sqlite3.connect(tmp_path / "sales.db")) as database:
        database.execute(
            "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, customer_name TEXT, city TEXT, segment TEXT)"
        )
        database.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", CUSTOMERS)
        database.commit()
    with ExitStack() as service:
        address = service.enter_context(ticket_service())
        (tmp_path / "tickets.yaml").write_text(TICKETS_YAML.format(address=address))
        sources = (
            SourceSetting(name="sales", address=str(tmp_path / "sales.db")),
            SourceSetting(name="support", address=f"rest://{tmp_path / 'tickets.yaml'}"),
        )
        async with product(tmp_path, monkeypatch, sources=sources) as running:
            yield World(running, service)


async def test_a_question_over_a_database_and_an_api_is_one_answer(here: World) -> None:
    await here.quillux.slack_says("number of tickets per segment")
    shown = here.quillux.slack_shows("D1")[0]
    business = sum(ticket[1] in {who[0] for who in CUSTOMERS if who[3] == "business"} for ticket in TICKETS)
    assert str(business) in shown


async def test_the_source_that_is_gone_is_named_and_can_be_left_out_or_tried_again(here: World) -> None:
    here.service.close()
    await here.quillux.slack_says("number of tickets per city")
    (card,) = here.quillux.slack_shows("D1")
    assert "support" in card
    labels = [
        element["text"]["text"]
        for block in json.loads(card)
        for element in block.get("elements", [])
        if element.get("type") == "button"
    ]
    assert sorted(labels) == ["Answer without support", "Try again"]
    await here.quillux.slack_presses("Answer without support", "U1", "D1")
    answer = here.quillux.slack_shows("D1")[-1]
    assert "Without support this question has no answer." in answer
    assert "Answer without" not in answer
