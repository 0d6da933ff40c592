"""Tables: a Table element for a few columns, lists of names and values for many."""

from collections.abc import Sequence

from bots.teams import limits
from bots.teams.text import block, clean, one_line, plain, rich
from conversation.card import Facts, Table
from conversation.cells import Column, cell
from conversation.codec import Json, JsonObject, Scalar

_NUMERIC = frozenset({"integer", "number", "money", "percent"})


def render_table(table: Table, rows: int) -> list[Json]:
    """The first rows of a table, and a line that says how many there are."""
    made: list[Json] = []
    if table.title.strip():
        made.append(block(table.title, limits.TITLE_CHARS, "heading"))
    if not table.columns:
        return made
    if len(table.columns) > limits.TABLE_COLUMNS:
        few = limits.RECORDS if len(table.columns) <= 2 * limits.TABLE_COLUMNS else 1
        shown = table.rows[: min(few, rows // 4 or 1)]
        made += _records(table.columns, shown)
    else:
        shown = table.rows[:rows]
        made.append(_grid(table.columns, shown))
    note = _note(len(shown), max(table.total, len(table.rows)))
    return [*made, block(note, limits.TITLE_CHARS, "muted")] if note else made


def render_facts(facts: Facts, limit: int) -> list[Json]:
    """A FactSet, or columns of plain words where a FactSet would read markup in them."""
    pairs = [(one_line(name, limits.CELL_CHARS), clean(value, limit)) for name, value in facts.pairs[: limits.FACTS]]
    if not pairs:
        return []
    if all(plain(name) and plain(value) for name, value in pairs):
        listed: list[Json] = [{"title": name or " ", "value": value or " "} for name, value in pairs]
        return [{"type": "FactSet", "facts": listed}]
    return [_pair(name, value) for name, value in pairs]


def _pair(name: str, value: str) -> JsonObject:
    left: JsonObject = {"type": "Column", "width": 1, "items": [rich(name, weight="Bolder")]}
    right: JsonObject = {"type": "Column", "width": 3, "items": [rich(value)]}
    return {"type": "ColumnSet", "spacing": "Small", "columns": [left, right]}


def _grid(columns: Sequence[Column], rows: Sequence[tuple[Scalar, ...]]) -> JsonObject:
    shown = [[one_line(cell(v, c), limits.CELL_CHARS) for v, c in zip(row, columns, strict=False)] for row in rows]
    names = [one_line(column.name, limits.CELL_CHARS) for column in columns]
    widths: list[Json] = []
    for number, column in enumerate(columns):
        longest = max(len(row[number]) if number < len(row) else 0 for row in [names, *shown])
        side = "Right" if column.kind in _NUMERIC else "Left"
        widths.append({"width": min(max(longest, 6), 30), "horizontalCellContentAlignment": side})
    lines: list[Json] = [_line([_cell(name, weight="Bolder") for name in names])]
    lines += [_line([_cell(words) for words in row]) for row in shown]
    return {"type": "Table", "firstRowAsHeader": True, "gridStyle": "default", "columns": widths, "rows": lines}


def _line(cells: list[Json]) -> JsonObject:
    return {"type": "TableRow", "cells": cells}


def _cell(words: str, **look: Json) -> JsonObject:
    if plain(words):
        return {"type": "TableCell", "items": [{"type": "TextBlock", "text": words or " ", "wrap": True, **look}]}
    return {"type": "TableCell", "items": [rich(words, **look)]}


def _records(columns: Sequence[Column], rows: Sequence[tuple[Scalar, ...]]) -> list[Json]:
    made: list[Json] = []
    for number, row in enumerate(rows, 1):
        made.append(block(f"Row {number}", limits.TITLE_CHARS, "muted"))
        pairs = [(column.name, cell(value, column)) for value, column in zip(row, columns, strict=False)]
        made += render_facts(Facts(tuple(pairs[: limits.RECORD_FIELDS])), limits.CELL_CHARS)
    if len(columns) > limits.RECORD_FIELDS:
        made.append(block(f"and {len(columns) - limits.RECORD_FIELDS} more columns", limits.TITLE_CHARS, "muted"))
    return made


def _note(shown: int, total: int) -> str:
    if total == 0:
        return "No rows."
    return "" if shown >= total else f"The first {shown:,} of {total:,} rows."
