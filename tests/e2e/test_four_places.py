"""Four kinds of source are added by the command line, scanned, and asked questions that join them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests import mariadb, postgres
from tests.e2e.four_places import (
    KEY,
    TICKETS_YAML,
    in_one_place,
    ticket_service,
    write_sales,
    write_stock,
    write_visits,
)

pytestmark = pytest.mark.xdist_group("postgres")

ROOT = Path(__file__).parents[2]
QUESTIONS = {
    "total amount per supplier country": (
        "SELECT s.country, sum(o.amount) FROM orders o JOIN products USING (product_id) JOIN suppliers s "
        "USING (supplier_id) GROUP BY 1",
        {"sales", "stock"},
    ),
    "number of visits per city": (
        "SELECT city, count(*) FROM visits JOIN customers USING (customer_id) GROUP BY 1",
        {"sales", "web"},
    ),
    "number of tickets per segment": (
        "SELECT segment, count(*) FROM tickets JOIN customers USING (customer_id) GROUP BY 1",
        {"sales", "support"},
    ),
    "number of tickets with priority high per city": (
        "SELECT city, count(*) FROM tickets JOIN customers USING (customer_id) WHERE priority = 'high' GROUP BY 1",
        {"sales", "support"},
    ),
}
Command: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def quillux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The real command, in a folder in which the four sources were added and scanned."""
    if reason := postgres.why_not() or mariadb.why_not():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("four")
    with ExitStack() as stack:
        sales = stack.enter_context(postgres.postgres_server())
        stock = stack.enter_context(mariadb.mariadb_server())
        service = stack.enter_context(ticket_service())
        write_sales(sales)
        write_stock(stock)
        write_visits(folder / "web")
        (folder / "tickets.yaml").write_text(TICKETS_YAML.format(address=service))
        secrets = {"SALES_PASSWORD": postgres.PASSWORD, "STOCK_PASSWORD": mariadb.PASSWORD, "TICKETS_KEY": KEY}

        def command(*words: str) -> "subprocess.CompletedProcess[str]":
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("QUILLUX_")}
            return subprocess.run(
                [sys.executable, "-m", "infra.cli.main", *words],
                cwd=folder,
                env={**inherited, **secrets, "PYTHONPATH": str(ROOT), "COLUMNS": "140", "HOME": str(folder)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

        for name, address in (
            ("sales", sales.replace(postgres.PASSWORD, "${env:SALES_PASSWORD}")),
            ("stock", stock.replace(mariadb.PASSWORD, "${env:STOCK_PASSWORD}")),
            ("web", str(folder / "web")),
            ("support", f"rest://{folder / 'tickets.yaml'}"),
        ):
            added = command("source", "add", name, address)
            assert added.returncode == 0, added.stderr
        scanned = command("catalog", "scan")
        assert scanned.returncode == 0, scanned.stderr
        yield command


@pytest.mark.parametrize("question", list(QUESTIONS))
def test_a_question_over_two_of_them_is_answered_right(quillux: Command, question: str) -> None:
    sql, places = QUESTIONS[question]
    done = quillux("ask", question, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert _sorted(said["rows"]) == _sorted(in_one_place(sql))
    steps = said["receipt"]["steps"]
    assert {step["source"] for step in steps if not step["place"]} == places
    assert all(step["milliseconds"] > 0 for step in steps)


def test_the_receipt_shows_which_part_ran_where(quillux: Command) -> None:
    done = quillux("ask", "total amount per supplier country", "--receipt")
    assert done.returncode == 0, done.stderr
    assert "sales" in done.stdout
    assert "stock" in done.stdout
    assert "What ran where" in done.stdout or "Step" in done.stdout
    for secret in (postgres.PASSWORD, KEY):
        assert secret not in done.stdout + done.stderr


def _sorted(rows: Any) -> list[tuple[object, ...]]:
    return sorted(tuple(round(float(str(v)), 2) if _number(v) else v for v in row) for row in rows)


def _number(value: object) -> bool:
    return not isinstance(value, str) and value is not None
