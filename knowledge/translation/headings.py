"""What people call things: tables, columns and measures, as headings of a result and as words of a sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from knowledge.translation.index import Index
from knowledge.translation.ir import METRIC, Field, Item

ADDED = frozenset({"revenue", "turnover", "profit", "sales", "quantity", "total", "sum", "amount", "cost"})
"""Words of measures whose sum goes by their own name: “revenue”, not “total revenue”."""
_BARE = frozenset({"name", "title", "label", "code", "id", "full"})
_GENERIC = frozenset({"total", "amount", "value", "sum", "number", "count", "status"})
"""Column names that only say something beside the name of their table."""
_FUNCTIONS = {"avg": "average", "median": "median", "sum": "total", "min": "lowest", "max": "highest"}
SIGNS = {"-": "less", "+": "plus", "*": "times", "/": "by"}
"""How two columns that are joined row by row are told."""
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_IN_NAMES = str.maketrans({" ": "_", ".": "_", "(": "", ")": ""})
_SAME = frozenset({"series", "species", "news", "data", "media"})


def spoken(name: str) -> str:
    """An identifier as words, be it `order_date` or `orderDate`."""
    return " ".join(_HUMPS.sub(" ", name.replace("_", " ")).split()).lower()


def entity(index: Index, table: str) -> str:
    """What one row of a table is called, such as “order line”; “order (shop)” where others are called so too."""
    words = " ".join(index.words.get((table, ""), (spoken(table),)))
    return f"{words} ({home})" if (home := _home(index, table)) else words


def table_name(index: Index, table: str) -> str:
    """A table as words: “order lines”; “orders (shop)” where others have that name."""
    home, model = _home(index, table), index.tables.get(table)
    return f"{spoken(model.name)} ({home})" if home and model else spoken(table)


def _home(index: Index, table: str) -> str:
    """Where a table is, when its name alone does not say which it is."""
    model = index.tables.get(table)
    return spoken(table.removesuffix(model.name).strip("._")) if model and table != model.name else ""


def plural(words: str) -> str:
    """The plural of an English noun; what stands in brackets behind it stays."""
    noun, bracket, rest = words.partition(" (")
    return _plural(noun) + bracket + rest


def _plural(words: str) -> str:
    if words in _SAME or words.endswith(("data", "people")):
        return words
    if words.endswith("person"):
        return words[:-6] + "people"
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("s", "x", "ch", "sh", "z")) else "s")


def stands_for_row(index: Index, at: Field) -> bool:
    """Whether a column is just the name of its row, so that it goes by what the row is: “region”, not “name”."""
    words = set(index.words.get((at.table, at.column), ()))
    own = set(index.words.get((at.table, ""), ()))
    shown = index.display(at.table)
    named = len(shown) == 1 and at == shown[0] and not index.is_key(at)
    return named and bool(words & _BARE) and words <= _BARE | own


def in_sentence(name: str) -> str:
    """The name of a term inside a sentence: “net revenue”, but “GMV”."""
    return f"{name[:1].lower()}{name[1:]}" if name[1:2].islower() else name


def called(index: Index, at: Field) -> str:
    """A column as people say it: “region”, “city”, “job title”."""
    if at.row:
        return plural(entity(index, at.table))
    if term := index.term(at):
        return in_sentence(term.name)
    if stands_for_row(index, at):
        return entity(index, at.table)
    words = spoken(at.column)
    return f"{entity(index, at.table)} {words}" if words in _GENERIC else words


def computed(index: Index, item: Item) -> str:
    """One column less another: “price less cost”, “days from shipped to delivered”."""
    assert item.minus is not None  # noqa: S101
    if participle(item.field):
        return f"days from {participle(item.minus)} to {participle(item.field)}"
    less = f"{spoken(item.times.column)} × " if item.times else ""
    return f"{called(index, item.field)} {SIGNS[item.sign]} {less}{called(index, item.minus)}"


def date_name(at: Field, nouns: Mapping[str, str]) -> str:
    """A date column as a noun: “order date” for `ordered_at`; `nouns` says what to call the deed of a participle."""
    deed = participle(at)
    if not deed:
        return spoken(at.column)
    return f"{nouns.get(deed, deed)} date"


def participle(at: Field) -> str:
    """The deed that a date column is the moment of: “shipped” for `shipped_at`; empty for others."""
    words = spoken(at.column).split()
    done = len(words) == 2 and words[1] in ("at", "on") and words[0].endswith(("ed", "id", "t", "n"))
    return words[0] if done else ""


def headings(index: Index, select: Sequence[Item]) -> list[str]:
    """One name for each item, all different; a plain column keeps its own name unless that says nothing."""
    made = [heading(index, item) for item in select]
    full = [f"{_identifier(entity(index, i.field.table))}_{name}" for i, name in zip(select, made, strict=True)]
    names = [full[at] if made.count(name) > 1 and not select[at].fn else name for at, name in enumerate(made)]
    return [name if names.index(name) == at else f"{name}_{at + 1}" for at, name in enumerate(names)]


def heading(index: Index, item: Item) -> str:
    """The name of one item in a result, as an identifier."""
    kind, _, fn = item.fn.partition(" ")
    if item.over:
        below = entity(index, item.over.field.table) if item.over.distinct else spoken(heading(index, item.over))
        return _identifier(f"{spoken(heading(index, replace(item, over=None)))} per {below}")
    if item.shift and not fn and item.fn:
        return f"{heading(index, replace(item, shift=''))}_{item.shift}_before"
    if fn:
        told = {"running": f"running_{heading(index, replace(item, fn=fn))}", "rank": "place"}
        return told.get(kind, f"{kind}_percent")
    if item.fn == "since":
        return _identifier(f"days since {called(index, item.field)}")
    if item.minus or item.fn in _FUNCTIONS or item.fn == METRIC:
        return _identifier(_measure(index, item))
    words = called(index, item.field)
    match item.fn:
        case "count":
            return _identifier(words if item.field.row else plural(words))
        case "percent":
            return "percent"
    plain = item.grain or (words if stands_for_row(index, item.field) else "")
    return _identifier(plain) if plain else item.field.column


def _measure(index: Index, item: Item) -> str:
    words = computed(index, item) if item.minus else called(index, item.field)
    if item.minus and not participle(item.field):
        words = "profit" if item.times else "margin" if _margin(index, item) else words
    plain = item.fn in ("", METRIC) or (item.fn == "sum" and (item.minus or ADDED & set(words.split())))
    return words if plain else f"{_FUNCTIONS[item.fn]} {words}"


def _margin(index: Index, item: Item) -> bool:
    """Whether what is taken off is what a thing costs."""
    cost = item.minus is not None and "cost" in index.words.get((item.minus.table, item.minus.column), ())
    return cost and item.sign == "-"


def _identifier(words: str) -> str:
    return words.translate(_IN_NAMES).lower()
