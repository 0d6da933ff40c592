"""Cards in a terminal."""

import io

import pytest
from rich.console import Console

from conversation.card import Card, Chart, Code, Details, Facts, Table, Text
from conversation.cells import Column
from infra.cli.terminal import show
from tests.contracts.cards import CARDS


def drawn(card: Card, *, details: bool = False, width: int = 100) -> str:
    """The card as plain text."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    show(card, console, details=details)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


ANSWER = Card(
    (
        Text("1,204 orders", "title"),
        Table((Column("region"), Column("revenue", "money", "EUR")), (("Nord [red]", 1234.5), ("Süd", None)), total=7),
        Chart({"mark": "pie"}, "Nord is largest"),
        Details("How this was made", (Facts((("Rows read", "9"),)), Code("SELECT 1", "sql"))),
    )
)


def test_an_answer_shows_its_headline_rows_and_what_is_left_out() -> None:
    text = drawn(ANSWER)
    assert "1,204 orders" in text
    assert "Nord [red]" in text
    assert "€1,234.50" in text
    assert "… 5 more rows" in text
    assert "Nord is largest" in text
    assert "SELECT 1" not in text


def test_the_receipt_is_laid_open_when_asked() -> None:
    text = drawn(ANSWER, details=True)
    assert "How this was made" in text
    assert "SELECT 1" in text


def test_nothing_in_the_data_steers_the_terminal() -> None:
    text = drawn(Card((Text("\x1b[2J\x9b1m\x07\r[bold]hello"), Code("\x1b]0;x\x07"))))
    assert not set(text) & {"\x1b", "\x9b", "\x07", "\r"}
    assert "[bold]hello" in text


@pytest.mark.parametrize("name", sorted(CARDS))
@pytest.mark.parametrize("width", [40, 120])
def test_every_card_of_the_catalogue_is_drawn(name: str, width: int) -> None:
    text = drawn(CARDS[name], details=True, width=width)
    assert "\x1b" not in text
