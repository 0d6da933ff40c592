"""Questions to start with, made from the catalog itself."""

from collections.abc import Sequence

from knowledge.catalog.model import Catalog, Column, DataType, Table

_ADDITIVE = ("total", "amount", "revenue", "price", "quantity", "value", "cost", "sales", "duration", "views")


def suggestions(catalog: Catalog, most: int = 3) -> Sequence[str]:
    """Up to `most` questions, each about another large table: a total over time, by a category, a count."""
    tables = sorted((table for table in catalog.tables if _plain(table)), key=lambda table: -(table.rows or 0))
    made = [question for table in tables if (question := _question(table))]
    return list(dict.fromkeys(made))[:most]


def _plain(table: Table) -> bool:
    return bool(table.rows) and any(column.type.temporal or _category(column) for column in table.columns)


def _question(table: Table) -> str:
    noun = table.name.replace("_", " ")
    measure = next((column for column in table.columns if _measure(column)), None)
    when = next((column for column in table.columns if column.type.temporal), None)
    category = next((column for column in table.columns if _category(column)), None)
    if measure is not None and when is not None:
        return f"{_words(measure)} of {noun} per month this year"
    if category is not None:
        return f"How many {noun} are there per {_words(category)}?"
    return f"How many {noun} per month this year?"


def _measure(column: Column) -> bool:
    return column.type.numeric and any(word in column.name.lower() for word in _ADDITIVE)


def _category(column: Column) -> bool:
    return column.type is DataType.TEXT and column.distinct is not None and 2 <= column.distinct <= 30


def _words(column: Column) -> str:
    return column.name.replace("_", " ")
