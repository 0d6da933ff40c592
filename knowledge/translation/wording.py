"""Fields, items and values as words of a sentence: “the price of the product”, “number of orders”."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from knowledge.catalog.model import DataType
from knowledge.translation.headings import (
    called,
    computed,
    entity,
    in_sentence,
    participle,
    plural,
    spoken,
    stands_for_row,
)
from knowledge.translation.index import Index
from knowledge.translation.ir import METRIC, Field, Filter, Item, Scalar
from knowledge.translation.saying import day
from knowledge.translation.words import root

_MEASURES = {"count": "number of", "sum": "total", "avg": "average", "min": "lowest", "max": "highest",
             "median": "median"}  # fmt: skip
_FIRST = {"min": "earliest", "max": "latest"}
_WINDOWS = {
    "share": "share of the {} (in percent)",
    "running": "running {}",
    "rank": "place by {}",
    "growth": "growth of the {} (in percent)",
}


def joined(parts: Sequence[str]) -> str:
    """“a, b and c”."""
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def noun(index: Index, at: Field) -> str:
    """A column as a noun: “region”, “job title”, “customer” for `customer_id`, “date joined” for `joined_on`."""
    if term := index.term(at):
        return in_sentence(term.name)
    if deed := participle(at):
        return f"date {deed}"
    referred = index.refers(at) if not at.row and spoken(at.column).endswith(" id") else ""
    return entity(index, referred) if referred else called(index, at)


def own(index: Index, at: Field) -> str:
    """A column as a noun behind the name of its row: the “name” or the “total” of an order."""
    if index.term(at):
        return noun(index, at)
    if stands_for_row(index, at) and not at.row:
        return "name" if entity(index, at.table) == spoken(at.column) else spoken(at.column)
    return noun(index, at) if participle(at) or index.refers(at) else spoken(at.column)


def owned(index: Index, at: Field, focus: str) -> str:
    """A column with whose it is, where the question is about rows of another table: “the price of the product”."""
    words, owner = noun(index, at), entity(index, at.table)
    plain = (
        at.table == focus
        or index.term(at) is not None
        or stands_for_row(index, at)
        or index.refers(at)
        or owner in words
    )
    return f"the {words}" if plain else f"the {words} of the {owner}"


def dimension(index: Index, item: Item) -> str:
    """What groups rows: “region”, “month”."""
    if item.grain:
        return item.grain
    return computed(index, item) if item.minus else noun(index, item.field)


def measure(index: Index, item: Item) -> str:
    """An aggregate as a person says it: “number of orders”, “average price”."""
    kind, _, fn = item.fn.partition(" ")
    if item.over or item.shift or item.given or fn:
        return _compared(index, item, kind, fn)
    if item.minus:
        days = "number of " if participle(item.field) else ""
        of = "of " if item.fn == "sum" and not days else ""
        return f"{_MEASURES.get(item.fn, '')} {of}{days}{computed(index, item)}".strip()
    words = noun(index, item.field)
    match item.fn:
        case "count" if not item.field.row:
            return f"number of {'different ' if item.distinct else ''}{plural(words)}"
        case "since":
            return f"days since the latest {words}"
        case "percent":
            return f"percentage of {words}"
        case "sum" if words.endswith("total"):
            return f"sum of {plural(words)}"
        case "min" | "max" if dated(index, item.field):
            return f"{_FIRST[item.fn]} {words}"
    plain = item.fn in ("", METRIC)
    return words if plain else f"{_MEASURES.get(item.fn, item.fn)} {words}"


def _held(index: Index, f: Filter) -> str:
    """What a condition of one figure says: “is at least 4”."""
    words = {"=": "is", "in": "is", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most"}
    return f"{words.get(f.op, f.op)} {joined(numbered(index, f))}"


def _compared(index: Index, item: Item, kind: str, fn: str) -> str:
    """A measure beside another one: a ratio, the same of a time before, its share or growth."""
    if item.over:
        return _ratio(index, replace(item, over=None), item.over)
    if item.given:
        told = " and ".join(f"{owned(index, f.item.field, item.field.table)} {_held(index, f)}" for f in item.given)
        return f"{measure(index, replace(item, given=()))} where {told}"
    if fn:
        return _WINDOWS.get(kind, kind + " {}").format(measure(index, replace(item, fn=fn, shift="")))
    return f"the same one {item.shift} before"


def _ratio(index: Index, above: Item, below: Item) -> str:
    """“average revenue per customer that has any”, “number of returns per order line”."""
    if below.distinct:
        words = measure(index, above).removeprefix("total ").removeprefix("average ")
        return f"average {words} per {entity(index, below.field.table)} that has any"
    return f"{measure(index, above)} divided by the {measure(index, below)}"


def dated(index: Index, at: Field) -> bool:
    """True for a column of dates, days or years."""
    column = index.column(at)
    return bool(column and (column.type.temporal or participle(at) or spoken(at.column).endswith("year")))


def textual(index: Index, at: Field) -> bool:
    """True for a column of text."""
    column = index.column(at)
    return bool(column and column.type == DataType.TEXT)


def value(said: Scalar) -> str:
    """A value as people write it: “2,000”, “1 May 2025”, “Books”."""
    match said:
        case bool():
            return "yes" if said else "no"
        case float() if said.is_integer():
            return f"{int(said):,}"
        case int() | float():
            return f"{said:,}"
        case str() if len(said) == 10 and (moment := _day(said)):
            return day(moment)
        case None:
            return "nothing"
    return f"{said}" if said else "empty"


def numbered(index: Index, f: Filter) -> list[str]:
    """The values of a condition; years go without a comma."""
    plain = f.item.fn == "" and dated(index, f.item.field)
    return [str(v) if plain and isinstance(v, int) else value(v) for v in f.values]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def alike(deed: str, thing: str) -> bool:
    """Whether a deed is that by which a thing comes to be: “ordered” and “order”."""
    return any(len(root(word)) > 2 and deed.startswith(root(word)) for word in thing.split()[-1:])
