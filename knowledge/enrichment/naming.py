"""Names for people, from the names of tables and columns."""

import re

from knowledge.catalog.model import Column, Table
from knowledge.catalog.naming import singular, words
from knowledge.translation.lexicon import load

_PREFIX = re.compile(r"^(?:dim|fact|fct|tbl|stg|raw|src)_", re.IGNORECASE)


def spoken(name: str) -> str:
    """An identifier as words, abbreviations written out: `order_qty` is “order quantity”."""
    known = load().abbreviations
    return " ".join(" ".join(known.get(word, (word,))) for word in words(_PREFIX.sub("", name))) or name.lower()


def thing(table: Table) -> str:
    """What one row of a table is, in words: “order line”."""
    parts = spoken(table.name).split()
    return " ".join((*parts[:-1], singular(parts[-1])))


def place_name(table: Table) -> str:
    """A table as the glossary writes it, with its schema where it has one."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


def slug(*parts: str) -> str:
    """An id for a term: lower-case words joined by hyphens, at most 80 characters."""
    found = re.findall(r"[^\W_]+", " ".join(parts).lower())
    return "-".join(found)[:80] or "term"


def whole_name(table: Table, column: Column) -> str:
    """A column's name with what it is of, no word twice in a row: “store city”, “exchange rate”."""
    words = f"{thing(table)} {spoken(column.name)}".split()
    return " ".join(word for at, word in enumerate(words) if at == 0 or words[at - 1] != word)


def plain(column: Column) -> bool:
    """Whether people speak of a column by itself, as they do not of numbers that only join tables."""
    return not column.name.lower().endswith(("_id", "_key", "_uuid", "_guid")) and column.name.lower() != "id"
