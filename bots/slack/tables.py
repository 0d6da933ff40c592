"""A table as fixed-width text, or as Slack's table block where that is wanted and the message holds none yet."""

from collections.abc import Sequence
from itertools import accumulate
from unicodedata import east_asian_width

from bots.slack import limits
from bots.slack.blocks import bold, note, preformatted
from bots.slack.text import clean, cut, fenced, length
from conversation.card import Table
from conversation.cells import EMPTY, cell
from conversation.codec import Json, JsonObject

_FENCE = len(fenced(""))
_RIGHT = frozenset({"integer", "number", "money", "percent"})


def table_blocks(table: Table, *, native: bool) -> list[JsonObject]:
    """Title, rows and a line that says what is not shown. `native` chooses the table block."""
    title = " ".join(clean(table.title).split())
    blocks: list[JsonObject] = [{"type": "section", "text": bold(cut(title, limits.FACT_TEXT))}] if title else []
    if not table.columns or not table.rows:
        names = ", ".join(_line(column.name) for column in table.columns)
        return [*blocks, note(f"No rows{' in ' + names if names else ''}.")]
    grid = _grid(table)
    if native:
        shown, block = _native(table, grid)
    else:
        shown, block = _fixed(table, grid)
    left_out = _left_out(table, *shown)
    return [*blocks, block, note(left_out)] if left_out else [*blocks, block]


def _grid(table: Table) -> list[list[str]]:
    """Names and rows as text, in the part that could be shown at all."""
    columns = table.columns[: limits.TABLE_COLUMNS]
    names = [_line(column.name) for column in columns]
    rows = table.rows[: limits.TABLE_ROWS]
    return [names, *([_line(cell(v, c)) for v, c in zip(row, columns, strict=False)] for row in rows)]


def _native(table: Table, grid: Sequence[Sequence[str]]) -> tuple[tuple[int, int], JsonObject]:
    sizes = accumulate(sum(len(text) for text in row) for row in grid)
    kept = max(2, sum(size <= limits.TABLE_TEXT for size in sizes))
    rows: list[Json] = [[{"type": "raw_text", "text": text} for text in row] for row in grid[:kept]]
    settings: list[Json] = [
        {"align": "right" if column.kind in _RIGHT else "left", "is_wrapped": column.kind == "text"}
        for column in table.columns[: limits.TABLE_COLUMNS]
    ]
    return (len(rows) - 1, len(grid[0])), {"type": "table", "rows": rows, "column_settings": settings}


def _fixed(table: Table, grid: Sequence[Sequence[str]]) -> tuple[tuple[int, int], JsonObject]:
    widths, fitting = _widths(grid)
    right = [column.kind in _RIGHT for column in table.columns]
    lines = ["  ".join(_pad(row[n], widths[n], right[n]) for n in range(fitting)).rstrip() for row in grid]
    lines.insert(1, "  ".join("─" * width for width in widths[:fitting]))
    sizes = accumulate(length(fenced(line)) - _FENCE + 1 for line in lines)
    kept = max(3, sum(size <= limits.PREFORMATTED_TEXT for size in sizes))
    return (len(lines[:kept]) - 2, fitting), preformatted("\n".join(lines[:kept]))


def _widths(grid: Sequence[Sequence[str]]) -> tuple[list[int], int]:
    """Widths of the columns, narrower until all fit beside each other; and how many do."""
    widths: list[int] = []
    fitting = 0
    for most in limits.TEXT_TABLE_CELLS:
        widths = [min(most, max(_width(row[n]) for row in grid)) for n in range(len(grid[0]))]
        sizes = accumulate(width + 2 for width in widths)
        fitting = max(1, sum(size - 2 <= limits.TEXT_TABLE_WIDTH for size in sizes))
        if fitting == len(widths):
            break
    return widths, fitting


def _left_out(table: Table, rows: int, columns: int) -> str:
    total = max(table.total, len(table.rows))
    parts = [f"{rows:,} of {total:,} rows"] if rows < total else []
    if columns < len(table.columns):
        parts.append(f"{columns} of {len(table.columns)} columns")
    where = "in the browser or as CSV" if table.result else "in the browser"
    return f"{' and '.join(parts)} – all of it {where}" if parts else ""


def _line(text: str) -> str:
    """One line; Slack refuses an empty cell."""
    return cut(" ".join(clean(text).split()), limits.TABLE_CELL) or EMPTY


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int, right: bool) -> str:
    while _width(text) > width:
        text = text[:-2] + "…"
    space = " " * (width - _width(text))
    return space + text if right else text + space
