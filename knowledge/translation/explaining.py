"""A query in plain language, made from the query itself and not from the question, clause by clause."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from knowledge.translation.conditions import linked, said
from knowledge.translation.headings import computed, entity, participle, plural, stands_for_row
from knowledge.translation.index import Index
from knowledge.translation.ir import Filter, Item, Order, Query
from knowledge.translation.reading.resting import usual_order
from knowledge.translation.wording import dated, dimension, joined, measure, noun, own, textual

Part: TypeAlias = tuple[str, Hashable]
"""What of a query a clause tells: an Item, Filter or Order, the limit, a table, each behind what it is."""

MOST_SHOWN = 5
"""Columns that are named; what shows more is told as the rows themselves."""
_COMBINED = {"intersect": "and also", "except": "but not", "union": "or also"}


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the sentence; `link` joins it to what stands before. What goes without saying is `silent`.

    `alone` is the text where it stands by itself, if it then says more.
    """

    link: str
    text: str
    parts: tuple[Part, ...]
    silent: bool = False
    alone: str = ""


def explain(query: Query, index: Index) -> str:
    """One sentence, such as “Number of orders per region, shipped from 1 to 31 October 2026.”"""
    return sentence(clauses(query, index))


def sentence(told: Sequence[Clause]) -> str:
    """The clauses as one sentence."""
    text = "".join(clause.link + clause.text for clause in told if not clause.silent).strip()
    return f"{text[:1].upper()}{text[1:]}."


def clauses(query: Query, index: Index) -> tuple[Clause, ...]:
    """The sentence in parts, in order."""
    measures = [item for item in query.select if item.fn]
    plain = [item for item in query.select if not item.fn]
    tested: tuple[Filter, ...] = ()
    if any(item.fn == "percent" for item in measures):
        tested = tuple(f for f in query.filters if not f.item.fn and f.op not in ("within", "not within"))
        made = [*_percentage(index, query, measures[0], tested), *_per(index, plain, ", per ")]
    elif measures:
        made = _measured(index, measures)
        made += _per(index, plain, ", per " if made[-1].text.endswith("that has any") else " per ", _counted(measures))
    else:
        made = _listing(index, query, plain)
    rest = [f for f in query.filters if f not in tested]
    rows = not measures or (len(query.select) == 1 and measures[0].fn == "count" and measures[0].field.row)
    groups = said(query, index, rest)
    alone = rows and (len(made) == 1 or made[-1].link == " of ")
    made += _conditions(linked(groups, listed=rows, first=" " if alone else ", "))
    made = [_with_periods(clause, query) for clause in made]
    columns = any(clause.link == " of " for clause in made)
    return (*made, *_combined(index, query, columns=columns), *_sorting(index, query))


def _with_periods(clause: Clause, query: Query) -> Clause:
    """Periods that are compared say by which unit of time."""
    apart: list[Part] = [("filter", f) for f in query.filters if f.either and f.op == "within"]
    unit = any(isinstance(part, Item) and part.grain for _, part in clause.parts)
    return replace(clause, parts=(*clause.parts, *apart)) if unit else clause


def _conditions(told: Sequence[tuple[str, str, Filter]]) -> list[Clause]:
    return [Clause(link, text, (("filter", f),)) for link, text, f in told]


def _measured(index: Index, measures: Sequence[Item]) -> list[Clause]:
    last = len(measures) - 1
    links = ["", *([", "] * (last - 1)), *([" and "] if last else [])]
    return [Clause(link, measure(index, i), _measure_parts(i)) for link, i in zip(links, measures, strict=True)]


def _measure_parts(item: Item) -> tuple[Part, ...]:
    """An aggregate, the rows that it counts, and the words that make it a share or a trend."""
    rows = (("table", item.field.table),) if item.field.row else ()
    kind = item.fn.partition(" ")[0]
    marks: dict[str, Part] = {"share": ("share", True), "percent": ("share", True), "ratio": ("averaged", True)}
    return ("item", item), *rows, *([marks[kind]] if kind in marks else [("trend", kind)] if " " in item.fn else [])


def _plain_parts(index: Index, item: Item) -> tuple[Part, ...]:
    """A column, and its table where the column just names the row."""
    rows = not item.minus and not item.grain and stands_for_row(index, item.field)
    return (("item", item), ("table", item.field.table)) if rows else (("item", item),)


def _counted(measures: Sequence[Item]) -> str:
    """The table whose rows are counted, and nothing else."""
    rows = {item.field.table for item in measures if item.fn.endswith("count") and item.field.row}
    return rows.pop() if len(rows) == len(measures) == 1 else ""


def _per(index: Index, plain: Sequence[Item], link: str, counted: str = "") -> list[Clause]:
    made = []
    for at, item in enumerate(plain):
        link = link if at == 0 else " and " if at == len(plain) - 1 else ", "
        parts = _plain_parts(index, item)
        mine = item.field.table == counted and not (item.grain or item.minus) and len(parts) == 1
        text = own(index, item.field) if mine else dimension(index, item)
        made.append(Clause(link, text, parts, alone=f"per {text}"))
    return made


def _percentage(index: Index, query: Query, item: Item, tested: Sequence[Filter]) -> list[Clause]:
    rows = replace(query, focus=item.field.table, select=())
    told = linked(said(rows, index, tested), listed=True)
    return [Clause("", measure(index, item), _measure_parts(item)), *_conditions(told)]


def _listing(index: Index, query: Query, shown: Sequence[Item]) -> list[Clause]:
    """“Customers”, “products with price”, or “email and city of customers”."""
    rows = plural(entity(index, query.focus))
    table: Part = ("table", query.focus)
    mine = [i for i in shown if i.field.table == query.focus and not i.minus]
    if len(shown) > MOST_SHOWN and mine:
        return [Clause("", rows, (table, *(("item", i) for i in shown)))]
    if mine and (stands_for_row(index, mine[0].field) or mine[0].field.column == index.key(query.focus)):
        return [Clause("", rows, (table, ("item", mine[0]))), *_beside(index, [i for i in shown if i != mine[0]], mine)]
    texts = [own(index, i.field) if i in mine else dimension(index, i) for i in shown]
    texts = [plural(text) for text in texts] if query.distinct or query.group else texts
    texts = [f"different {text}" if query.distinct and not at else text for at, text in enumerate(texts)]
    made = [
        Clause(link, text, _plain_parts(index, i))
        for link, text, i in zip(_links(len(shown), ""), texts, shown, strict=True)
    ]
    return [*made, Clause(" of ", rows, (table,))] if mine else made


def _beside(index: Index, items: Sequence[Item], mine: Sequence[Item]) -> list[Clause]:
    texts = [own(index, i.field) if i in mine else dimension(index, i) for i in items]
    links = _links(len(items), " with ")
    return [Clause(link, text, _plain_parts(index, i)) for link, text, i in zip(links, texts, items, strict=True)]


def _links(many: int, first: str) -> Iterator[str]:
    for at in range(many):
        yield first if at == 0 else " and " if at == many - 1 else ", "


def _combined(index: Index, query: Query, *, columns: bool) -> list[Clause]:
    """What is put together with another query; of `columns` it is said once more whose they are."""
    if not (query.second and query.combine):
        return []
    other = query.second
    own = [f for f in other.filters if f not in query.filters]
    told = linked(said(other, index, own), listed=True)
    link = f", {_COMBINED.get(query.combine, query.combine)} "
    alone = other.focus == query.focus and told
    rows = f"{'of ' if columns else ''}{plural(entity(index, other.focus))}"
    head = [] if alone and not columns else [Clause("", rows, (("table", other.focus),))]
    made = [*head, *_conditions(told)]
    return [replace(made[0], link=link), *made[1:]]


def _sorting(index: Index, query: Query) -> list[Clause]:
    made = []
    asked = query.limit is not None or query.order != usual_order(query)
    if query.limit is not None:
        by = () if query.arranged else _orders(query.order)
        made.append(Clause(", ", _best(index, query), (("limit", query.limit), *by)))
    elif query.order:
        made.append(replace(_sorted(index, query, query.order), silent=not asked))
    if query.arranged:
        made.append(_sorted(index, query, query.arranged))
    return made


def _orders(order: Sequence[Order]) -> tuple[Part, ...]:
    return tuple(("order", each) for each in order)


def _best(index: Index, query: Query) -> str:
    """“the 3 highest”, “the one with the latest date in each region”."""
    order, limit = (query.order[0] if query.order else None), query.limit or 0
    if order is None or (not query.within and query.order == usual_order(query) and not order.item.fn):
        return f"the first {limit:,} only" if limit > 1 else "the first one only"
    item = order.item
    deed = "" if item.fn or item.grain or item.minus else participle(item.field)
    if query.within:
        each = joined([_each(index, key) for key in query.within])
        return f"{_many(limit)} {_extreme(index, order)} in each {each}"
    if deed and item.field.table == query.focus:
        return f"{_many(limit)} {deed} {'last' if order.desc else 'first'}"
    if item in query.select and item.fn:
        return f"the {'' if limit == 1 else f'{limit:,} '}{'highest' if order.desc else 'lowest'}"
    return f"{_many(limit)} {_extreme(index, order)}"


def _many(limit: int) -> str:
    return f"the {limit:,}" if limit > 1 else "the one"


def _extreme(index: Index, order: Order) -> str:
    item = order.item
    by = item.grain or (measure(index, item) if item.fn else own_or_noun(index, item))
    if item.grain or (not item.fn and dated(index, item.field)):
        return f"with the {'latest' if order.desc else 'earliest'} {by}"
    return f"with the {'highest' if order.desc else 'lowest'} {by}"


def own_or_noun(index: Index, item: Item) -> str:
    """A plain item of an order as words."""
    return computed(index, item) if item.minus else noun(index, item.field)


def _each(index: Index, key: Item) -> str:
    at = key.field
    return entity(index, at.table) if at.column == index.key(at.table) else dimension(index, key)


def _sorted(index: Index, query: Query, order: Sequence[Order]) -> Clause:
    many = len(order) > 1
    told = [_direction(index, query, each, "{} ({})" if many else "{}, {}") for each in order]
    return Clause(", ", f"sorted by {joined(told)}", _orders(order))


def _direction(index: Index, query: Query, order: Order, form: str) -> str:
    item = order.item
    mine = item.field.table == query.focus and not (item.fn or item.minus or item.grain)
    by = own(index, item.field) if mine else item.grain or measure(index, item)
    if not item.fn and (item.grain or dated(index, item.field)):
        return form.format(by, "latest first" if order.desc else "earliest first")
    if not item.fn and textual(index, item.field):
        return form.format(by, "from Z to A" if order.desc else "from A to Z")
    return form.format(by, "largest first" if order.desc else "smallest first")
