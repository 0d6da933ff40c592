"""A card in a terminal: the same card as in a chat, drawn with Rich. Nothing in the data is taken for markup."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table as Grid
from rich.text import Text as Line

from conversation.card import Card, Chart, Code, Details, Element, Facts, File, Image, Input, Progress, Table, Text
from conversation.cells import cell
from infra.cli.bars import chart_lines

_STYLES = {
    "title": "bold",
    "heading": "bold",
    "muted": "dim",
    "good": "green",
    "warning": "yellow",
    "bad": "red",
    "body": "",
}
_NUMERIC = ("integer", "number", "money", "percent")


def render(card: Card, *, width: int, details: bool = False) -> RenderableType:
    """The card from top to bottom; folded parts are laid open with `details`."""
    return Group(*(part for element in card.body for part in _element(element, width, details)))


def show(card: Card, console: Console, *, details: bool = False) -> None:
    """Print a card. Control characters of the data are made visible, so that they cannot steer the terminal."""
    console.print(render(card, width=console.width, details=details))


def _element(element: Element, width: int, details: bool) -> Iterator[RenderableType]:
    match element:
        case Text(text=text, style=style):
            yield _line(text, _STYLES.get(style, ""))
        case Facts(pairs=pairs):
            yield _facts(pairs)
        case Table():
            yield _table(element)
        case Code(text=text, language=language):
            yield Padding(Syntax(tame(text), language or "text", background_color="default", word_wrap=True), (0, 2))
        case Chart():
            yield _chart(element, width)
        case Details():
            yield from _opened(element, width) if details else ()
        case Image(alt=words) | File(name=words) | Progress(label=words) | Input(label=words):
            yield _line(words, "dim")


def _opened(details: Details, width: int) -> Iterator[RenderableType]:
    yield Rule(tame(details.title), align="left", style="dim")
    yield from (part for inner in details.body for part in _element(inner, width, True))


def _facts(pairs: tuple[tuple[str, str], ...]) -> RenderableType:
    grid = Grid.grid(padding=(0, 2))
    for name, value in pairs:
        grid.add_row(_line(name, "dim"), _line(value))
    return grid


def _table(table: Table) -> RenderableType:
    grid = Grid(show_edge=False, header_style="bold", pad_edge=False)
    for column in table.columns:
        right = column.kind in _NUMERIC
        grid.add_column(_line(column.name), justify="right" if right else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*(_line(cell(value, column)) for value, column in zip(row, table.columns, strict=True)))
    more = max(table.total, len(table.rows)) - len(table.rows)
    return Group(grid, _line(f"… {more:,} more rows", "dim")) if more else grid


def _chart(chart: Chart, width: int) -> RenderableType:
    lines = chart_lines(chart.spec, min(width, 100))
    return _line("\n".join(lines), "cyan") if lines else _line(chart.alt, "dim")


def _line(text: str, style: str = "") -> Line:
    return Line(tame(text), style=style)


def tame(text: str) -> str:
    """Text without anything that a terminal obeys: control characters become their pictures."""
    return "".join(_picture(letter) if letter < " " or "\x7f" <= letter <= "\x9f" else letter for letter in text)


def _picture(letter: str) -> str:
    if letter in "\n\t":
        return letter
    return chr(0x2400 + ord(letter)) if letter < " " else "␡"
