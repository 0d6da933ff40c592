"""Follow-ups: what a fragment such as “only Germany”, “by month” or “sort by that” changes in the question before."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Filter, Item, Order, Query, load
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.library import Shelf
from knowledge.translation.model import Exchange
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.measuring import grain_of, total
from knowledge.translation.reading.resting import ordered, usual_order
from knowledge.translation.reading.sets import absence
from knowledge.translation.times import moved
from knowledge.translation.words import Token

_MORE = frozenset({"also", "additionally", "add", "include", "too"})
"""Words that keep what was shown and add to it."""


def earlier(history: Sequence[Exchange], shelf: Shelf) -> tuple[Query, Index] | None:
    """The last question that was read, when its source and tables are still there."""
    for query in read_before(history):
        index = next((index for index in shelf.sources if index.source == query.source), None)
        index = shelf.everywhere if query.source == EVERYWHERE else index
        if index and all(table in index.tables for table in query.tables()):
            return query, index
    return None


def read_before(history: Sequence[Exchange]) -> Iterator[Query]:
    """The questions before as they were read, the last one first; those of other translators are passed over."""
    for exchange in reversed(history[-10:]):
        try:
            yield load(_query(exchange.memory))
        except (KeyError, TypeError, ValueError):
            continue


def _query(memory: Any) -> Any:
    return memory["query"]


def refers_back(before: Query, tokens: Sequence[Token], reader: Reader, lexicon: Lexicon) -> bool:
    """Whether the words change the question before rather than ask a new one."""
    text = " ".join(token.lower for token in tokens if token.kind in ("word", "number"))
    draft = reader.draft
    named = [table for table in (draft.focus, *draft.shown) if table]
    asks = any(chunk.has("show", "which", "who", "count") for chunk in reader.chunks)
    more = bool(_MORE & {token.lower for token in tokens})
    elsewhere = asks and not more and any(table not in before.tables() for table in named)
    if reader.superior and before.aggregated and not (draft.select or draft.orders) and not elsewhere:
        return True
    if _begins(text, lexicon.follow["starts"]):
        return not elsewhere
    headed = bool(named or draft.select or asks)
    if _begins(text, lexicon.follow["fragments"]) and not named and not draft.select:
        return True
    if any(f" {cue} " in f" {text} " for cue in lexicon.follow["points"]):
        return not elsewhere
    if any(f" {cue} " in f" {text} " for cue in lexicon.follow["owners"]) and not any(c.table for c in reader.chunks):
        return True
    if draft.select and not any(c.linked or c.value or c.period for c in reader.chunks):
        return True
    changes = draft.filters or draft.groups or draft.orders or draft.limit or draft.share or reader.desc is not None
    return bool(changes) and not headed


def _begins(text: str, cues: Sequence[str]) -> bool:
    return any(text == cue or text.startswith(cue + " ") for cue in cues)


def follow(before: Query, reader: Reader, tokens: Sequence[Token]) -> Query | None:
    """The question before with the changes that were read; None when nothing changed."""
    words = {token.lower for token in tokens}
    usual = before.limit is None and before.order == usual_order(before)
    before = replace(before, within=(), arranged=())
    query = _narrowed(replace(before, order=()) if usual else before, reader)
    if _begins(" ".join(token.lower for token in tokens), reader.lexicon.follow["compares"]):
        query = _compared(before, query)
    query = _shown(query, reader, words)
    query = _regrouped(query, reader, words)
    query = _sorted(query, reader)
    query = _by_entity(query, reader)
    if reader.draft.share:
        query = _shared(query)
    query = ordered(query)
    sorts = reader.draft.orders or reader.desc is not None
    return query if query != before or sorts else None


def _compared(before: Query, query: Query) -> Query:
    """“compared to last year”: the period before and the new one side by side."""
    old = next((f for f in before.filters if f.op == "within" and all(f.values)), None)
    new = next((f for f in query.filters if f.op == "within" and all(f.values)), None)
    if not old or not new or old.values == new.values or not query.aggregated:
        return query
    time = Item(new.item.field, grain=grain_of(new))
    filters = [f for f in query.filters if f is not new]
    filters += [replace(f, either=90) for f in (old, new)]
    dims = [item for item in query.select if not item.fn and not item.grain]
    measures = [item for item in query.select if item.fn]
    group = tuple(dict.fromkeys([time, *(g for g in query.group if not g.grain)]))
    return replace(query, select=(time, *dims, *measures), group=group, filters=tuple(filters), order=(), limit=None)


def _by_entity(query: Query, reader: Reader) -> Query:
    """A condition or order by an aggregate, over plain rows, is per row of the table in focus."""
    measured = any(o.item.fn for o in query.order) or any(f.item.fn for f in query.filters)
    if not measured or query.group or query.aggregated:
        return query
    key = reader.index.key(query.focus)
    keys = [Item(Field(query.focus, key))] if key else []
    return replace(query, group=tuple(dict.fromkeys([*keys, *query.select])))


_SHIFT = re.compile(r"\b(?:the )?(?:same )?(day|week|month|quarter|year) (?:before|earlier|prior)(?: that)?\b", re.I)


def spelled_out(text: str, before: Query) -> str:
    """“the month before” as days, counted from the period of the question before."""
    period = next((f.values for f in before.filters if f.op == "within" and all(f.values)), None)
    found = _SHIFT.search(text)
    if not found or not period:
        return text
    start, end = (date.fromisoformat(str(value)[:10]) for value in period)
    unit = found.group(1).lower()
    first, last = moved(start, unit), moved(end, unit) - timedelta(days=1)
    return f"{text[: found.start()]}from {first} to {last}{text[found.end() :]}"


def measured_tables(query: Query) -> list[str]:
    """The tables of a query, those of its measures first."""
    items = [*query.select, *(order.item for order in query.order)]
    return list(dict.fromkeys([*(i.field.table for i in items if i.fn), *query.tables()]))


def _narrowed(query: Query, reader: Reader) -> Query:
    """New conditions take the place of those on the same column, or on the same kind of date."""
    filters = list(query.filters)
    for made in reader.draft.filters:
        same = [f for f in filters if _replaces(made, f, reader)]
        made = _same_date(made, same)
        filters = [f for f in filters if f not in same]
        filters.append(made)
    table = reader.draft.absent
    if table and table != query.focus and table in reader.index.tables:
        lacking = absence(reader, query, table, tuple(reader.draft.within))
        filters += [lacking] if lacking else []
    return replace(query, filters=tuple(filters))


def _replaces(new: Filter, old: Filter, reader: Reader) -> bool:
    if old.query is not None or old.item.fn != new.item.fn:
        return False
    dates = reader.temporal(new.item.field) and reader.temporal(old.item.field)
    return old.item.field == new.item.field or (dates and old.op in ("within", ">=", "<") and new.op == "within")


def _same_date(made: Filter, same: list[Filter]) -> Filter:
    """A new period is about the date that the question before was about."""
    return replace(made, item=same[0].item) if same and made.op == "within" else made


def _shown(query: Query, reader: Reader, words: set[str]) -> Query:
    """New things to show: added after “also”, else in place of what was shown."""
    draft = reader.draft
    new = [replace(i, field=Field(query.focus, "*")) if not i.field.table else i for i in draft.select]
    for table in draft.shown:
        if table != query.focus:
            new += [Item(field) for field in reader.index.display(table)]
    if not new:
        return query
    measures, dims = _parts(query)
    if all(item.fn for item in new):
        keep = measures if words & _MORE else []
        return _with(query, dims if measures else [], [*keep, *new], ())
    if measures:
        return _with(query, [*(dims if "also" in words else []), *(i for i in new if not i.fn)], measures, ())
    select = [*query.select, *new] if words & _MORE else new
    return replace(query, select=tuple(dict.fromkeys(select)), distinct=draft.distinct)


def _parts(query: Query) -> tuple[list[Item], list[Item]]:
    """Measures and dimensions of a query."""
    return [i for i in query.select if i.fn], [i for i in query.select if not i.fn]


def _with(query: Query, dims: Sequence[Item], measures: Sequence[Item], keys: Sequence[Item]) -> Query:
    """The query with other dimensions and measures, its order kept where it still makes sense."""
    kept = [k for k in query.group if any(k.field.table == d.field.table for d in dims) and k not in query.select]
    group = tuple(dict.fromkeys([*keys, *kept, *dims])) if measures else ()
    select = tuple(dict.fromkeys([*dims, *measures]))
    order = tuple(o for o in query.order if o.item in select and not o.item.grain)
    return replace(query, select=select, group=group, order=order, limit=query.limit if order else None)


def _regrouped(query: Query, reader: Reader, words: set[str]) -> Query:
    """“by month” groups by month instead; “also by month” as well."""
    groups = reader.draft.groups
    if not groups:
        return query
    measures, dims = _parts(query)
    shown: list[Item] = []
    keys: list[Item] = []
    for item in groups:
        if item.field.row:
            shown += [Item(field) for field in reader.index.display(item.field.table)]
            key = reader.index.key(item.field.table)
            keys += [Item(Field(item.field.table, key))] if key else []
        else:
            shown.append(_on_same_date(item, query, reader))
    if not measures:
        numeric = [i for i in dims if reader.numeric(i.field) and not reader.index.is_key(i.field)]
        measures = [total(reader, i.field) for i in numeric] or [Item(Field(query.focus, "*"), "count")]
        dims = []
    made = _with(query, [*(dims if words & {"also", "and", "additionally", "both"} else []), *shown], measures, keys)
    return replace(made, order=(), limit=None)


def _on_same_date(item: Item, query: Query, reader: Reader) -> Item:
    """A unit of time cuts the date that the question is already filtered by."""
    dated = [f.item.field for f in query.filters if reader.temporal(f.item.field)]
    return replace(item, field=dated[0]) if item.grain and dated else item


def _sorted(query: Query, reader: Reader) -> Query:
    draft = reader.draft
    orders = [
        Order(replace(o.item, field=Field(query.focus, "*")) if not o.item.field.table else o.item, o.desc)
        for o in draft.orders
    ]
    measures, dims = _parts(query)
    if measures and orders:
        orders = [Order(next((m for m in measures if m.field == o.item.field), o.item), o.desc) for o in orders]
        orders = [o for o in orders if o.item.fn or o.item in dims]
    asked = any(chunk.has("order", "asc", "desc", "alphabetical") for chunk in reader.chunks)
    if not orders and (asked or draft.limit):
        wanted = (dims if any(c.has("alphabetical") for c in reader.chunks) else measures) or list(query.select)
        orders = [Order(wanted[0], reader.desc if reader.desc is not None else bool(measures))]
        orders = list(query.order) if query.order and draft.limit and not asked else orders
    if not orders:
        return query
    if asked and query.limit and draft.limit is None and all(o.item in query.select for o in orders):
        return replace(query, arranged=tuple(orders))
    return replace(query, order=tuple(orders), limit=draft.limit if draft.limit is not None else query.limit)


def _shared(query: Query) -> Query:
    """Each measure as a share of the whole, in percent."""
    select = tuple(replace(i, fn=f"share {i.fn}") if i.fn and not i.fn.startswith("share") else i for i in query.select)
    swapped = {a: b for a, b in zip(query.select, select, strict=True)}
    return replace(query, select=select, order=tuple(replace(o, item=swapped.get(o.item, o.item)) for o in query.order))
