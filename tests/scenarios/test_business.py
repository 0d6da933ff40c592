"""The demo list: fifty business questions in Slack, in Teams and in the browser, each answered with the right rows."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from conversation.card import Card, Table, Text
from conversation.cells import cell
from graphs.nlq.desk import Desk
from infra import bootstrap
from infra.settings import SourceSetting
from knowledge.results import Results
from tests.knowledge.translation import test_business as lists
from tests.knowledge.translation.warehouse import TODAY, write_warehouse
from tests.scenarios.product import Product, product

WIDE = 5
CASES = yaml.safe_load((lists.HERE / "business.yaml").read_text("utf-8"))


@dataclass
class Kept:
    """Keeps results where they belong and remembers the last one."""

    results: Results
    last: list[pa.Table] = field(default_factory=list)

    async def put(self, tenant: str, table: pa.Table) -> str:
        """Keep a result; gives its reference."""
        self.last.append(table)
        return await self.results.put(tenant, table)

    async def get(self, tenant: str, id: str) -> pa.Table | None:
        """The result, or None when it is unknown."""
        return await self.results.get(tenant, id)


@dataclass
class Shop:
    """The product over the small warehouse, on the day that the list was written for."""

    quillux: Product
    path: Path
    kept: list[Kept]

    def rows(self) -> lists.Rows:
        """The rows of the last answer."""
        columns = [column.to_pylist() for column in self.kept[-1].last[-1].columns]
        return [
            tuple(round(value, 2) if isinstance(value, float) else value for value in row)
            for row in zip(*columns, strict=True)
        ]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.sqlite"
    write_warehouse(path)
    return path


@pytest.fixture
async def shop(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    kept: list[Kept] = []
    made = bootstrap.desk

    def on_that_day(*given: Any, **named: Any) -> Desk:
        table = made(*given, **named)
        kept.append(Kept(table.results))
        return replace(table, today=lambda: TODAY, results=kept[-1])

    monkeypatch.setattr(bootstrap, "desk", on_that_day)
    sources = (SourceSetting(name="shop", address=f"sqlite:///{warehouse}"),)
    async with product(tmp_path, monkeypatch, sources=sources) as running:
        yield Shop(running, warehouse, kept)


async def _in_slack(quillux: Product, ask: str, number: int) -> str:
    await quillux.slack_says(ask, space=f"D{number}")
    return "".join(quillux.slack_shows(f"D{number}"))


async def _in_teams(quillux: Product, ask: str, number: int) -> str:
    await quillux.teams_says(ask, space=f"a:{number}")
    return json.dumps(quillux.teams_shows(f"a:{number}"), ensure_ascii=False)


async def _in_the_browser(quillux: Product, ask: str, number: int) -> str:
    del number
    thread = await quillux.web_thread("ann")
    await quillux.web_says(thread, ask)
    return " ".join(text for shown in await quillux.web_shows(thread) if shown.card for text in _words(shown.card))


@pytest.mark.parametrize("say", [_in_slack, _in_teams, _in_the_browser])
async def test_every_question_of_the_demo_list_is_answered_with_the_right_rows(
    say: Callable[[Product, str, int], Awaitable[str]], shop: Shop
) -> None:
    wrong = []
    for number, case in enumerate(CASES, 1):
        shown = await say(shop.quillux, case["ask"], number)
        expected = lists.rows_of(shop.path, case["sql"])
        right = lists.alike(expected, shop.rows(), bool(case.get("sorted")))
        run = await shop.quillux.stores.runs.get("default", shop.quillux.taken[-1].id)
        assert run is not None
        assert run.card is not None
        lacking = [text for text in _words(run.card) if text not in shown]
        if not right or lacking:
            wrong.append((case["ask"], lacking or shop.rows()[:3]))
    assert not wrong


def _words(card: Card) -> Iterator[str]:
    """The title of an answer and every cell of its table, as people read them; channels cut wide tables."""
    yield from (one.text for one in card.body[:1] if isinstance(one, Text))
    for table in (one for one in card.body if isinstance(one, Table) and len(one.columns) <= WIDE):
        yield from (cell(v, c) for row in table.rows for v, c in zip(row, table.columns, strict=True) if v is not None)
