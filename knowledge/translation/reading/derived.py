"""Rules for what is computed from columns: rates, margins, durations, running totals, growth, “the same ... as”."""

from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Order, Query
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.sets import absence
from knowledge.translation.reading.superlatives import limit
from knowledge.translation.words import lemma, root

_UNITS = {"day": 1.0, "week": 7.0}


def trend(r: Reader) -> bool:
    """“running total of revenue by month”, “revenue growth”: a measure along time."""
    here = r.see()
    kind = next((role for role in ("running", "growth") if here.has(role)), "")
    if not kind or here.linked:
        return False
    r.draft.trend, r.draft.measured = kind, True
    return r.step()


def beyond(r: Reader) -> bool:
    """“median”, “forecast”, “why”: what these rules do not work out."""
    if not r.see().has("beyond") or r.see().linked:
        return False
    r.unsupported = f"“{r.see().text.lower()}”"
    return r.step()


def comparing(r: Reader) -> bool:
    """“compare revenue 2024 and 2025”: what is named twice is shown side by side."""
    if not r.see().has("compare") or r.see().linked:
        return False
    r.draft.compared = True
    return r.step()


def rate(r: Reader) -> bool:
    """“return rate”, “cancellation rate”: how many rows of each hundred have one, or are so."""
    word = r.see().text.lower()
    if not r.see(1).has("rate") or r.index.exact.get(frozenset({lemma(word), "rate"})):
        return False
    names = (word, *r.lexicon.rates.get(word, ()))
    made = next((found for name in names if (found := _share_of(r, name))), None)
    if made is None:
        r.unsupported = f"the meaning of “{word} rate”"
        return r.step(2)
    focus, condition = made
    r.draft.focus, r.draft.share, r.draft.measured, r.draft.tested = focus, True, True, True
    r.draft.filters.append(condition)
    r.clause, r.fns = "where", []
    return r.step(2)


def _share_of(r: Reader, word: str) -> tuple[str, Filter] | None:
    """The table whose rows are looked at, and what is tested of each."""
    for table, column in r.index.exact.get(frozenset({lemma(word)}), {}):
        field = Field(table, column)
        if column and r.flag(field):
            return table, Filter(Item(field), "=", (True,), phrase=word)
        owners = [e.one for e in r.index.graph.edges.get(table, ()) if e.many == table]
        if not column and len(owners) == 1:
            made = absence(r, Query(r.index.source, owners[0]), table, ())
            return (owners[0], replace(made, op="in")) if made else None
    hits = [h for text, found in r.index.values.items() if root(text) == root(word) for h in found]
    hits = [h for h in hits if h.field.table in _named_tables(r)] or hits
    return (hits[0].field.table, Filter(Item(hits[0].field), "=", (hits[0].stored,), phrase=word)) if hits else None


def _named_tables(r: Reader) -> set[str]:
    return {chunk.table for chunk in r.chunks if chunk.table} | {r.draft.focus}


def duration(r: Reader) -> bool:
    """“average delivery time”: days from the date before to the one that the word speaks of."""
    word, following = r.see().text.lower(), r.see(1).text.lower()
    if following not in ("time", "times", "duration") or r.index.exact.get(frozenset({lemma(word), "time"})):
        return False
    item = _between(r, word)
    if item is None:
        return False
    fn = r.fns[-1] if r.fns else "avg"
    r.draft.select.append(replace(item, fn=fn))
    r.draft.focus, r.fns = r.draft.focus or item.field.table, []
    return r.step(2)


def _between(r: Reader, word: str) -> Item | None:
    """The date of a deed less the first date of the same table."""
    for label, table in r.index.tables.items():
        dates = [Field(label, c.name) for c in table.columns if r.temporal(Field(label, c.name))]
        for end in dates[1:]:
            deed = end.column.lower().split("_")[0]
            if r.lexicon.dates.get(deed) == word or root(deed) == root(word):
                return Item(end, minus=dates[0])
    return None


def within_days(r: Reader) -> bool:
    """“delivered within 2 days”, “delivered in less than 3 days”."""
    here, width = r.see(), 1
    if not here.columns or not r.temporal(here.columns[0]):
        return False
    op = "<="
    while r.see(width).has("prep", "cmp"):
        op = r.see(width).plays("cmp") or op
        width += 1
    number, unit = r.see(width).number, r.lexicon.units.get(r.see(width + 1).text.lower(), "")
    item = _between(r, here.text.lower())
    if width == 1 or number is None or unit not in _UNITS or item is None:
        return False
    r.add(item, op, number * _UNITS[unit], phrase=r.see(width).text)
    return r.step(width + 2)


def margin(r: Reader) -> bool:
    """“profit by category”, “margin per product”: what is taken in less what is paid."""
    here = r.see()
    if not here.has("margin") or here.linked:
        return False
    unit = _price_less_cost(r) if here.text.lower().startswith("margin") else None
    item = unit or _revenue_less_cost(r)
    if item is None:
        r.unsupported = f"a cost to work out the {here.text.lower()}"
        return r.step()
    item = replace(item, fn=r.fns[-1]) if r.fns else item
    if not item.fn:
        r.draft.select.extend(Item(field) for field in r.index.display(item.field.table))
    direction = r.see(-1).plays("super")
    if direction:
        r.draft.orders.append(Order(item, direction == "desc"))
        limit(r, 1)
    r.draft.select.append(item)
    r.draft.measured, r.fns = True, []
    r.draft.focus = r.draft.focus or item.field.table
    return r.step()


def _number(r: Reader, table: str, *names: str) -> Field | None:
    for name in names:
        for column in r.index.tables[table].columns:
            field = Field(table, column.name)
            if r.index.words[(table, column.name)] == (name,) and r.numeric(field):
                return field
    return None


def _revenue_less_cost(r: Reader) -> Item | None:
    """Revenue less cost in one table, or less the cost of each unit in the table of what was sold."""
    for table in r.index.tables:
        taken, sold = _number(r, table, "revenue", "sale", "income"), _number(r, table, "quantity")
        if taken and (cost := _number(r, table, "cost", "expense")):
            return Item(taken, "sum", minus=cost)
        for edge in r.index.graph.edges.get(table, ()):
            paid = _number(r, edge.one, "cost") if edge.many == table else None
            if taken and sold and paid:
                return Item(taken, "sum", minus=paid, times=sold)
    return None


def _price_less_cost(r: Reader) -> Item | None:
    """What one unit brings, when the question names what is sold, or asks for the average."""
    named = [chunk.table for chunk in r.chunks if chunk.table]
    for table in dict.fromkeys([*named, *(r.index.tables if r.fns else ())]):
        price, cost = _number(r, table, "price"), _number(r, table, "cost")
        if price and cost:
            return Item(price, minus=cost)
    return None


def same_as(r: Reader) -> bool:
    """“in the same store as Ada”: rows that share a column with the row of that name."""
    if r.see().text.lower() not in ("same", "in same") or not r.about or not r.see(1).linked:
        return False
    width = 2
    while r.see(width).has("prep", "ignore", "equals"):
        width += 1
    value, what = r.see(width), r.see(1)
    shared = _shared_column(r, what.table, what.columns)
    if not (value.value or value.capital) or shared is None:
        return False
    hit = next((h for h in value.hits if h.field.table == r.about), None)
    name = hit.field if hit else r.index.display(r.about)[0]
    stored = hit.stored if hit else value.text
    inner = Query(r.index.source, r.about, (Item(shared),), (Filter(Item(name), "=", (stored,), phrase=value.text),))
    r.draft.filters.append(Filter(Item(shared), "in", query=inner, phrase=what.text))
    r.draft.filters.append(Filter(Item(name), "!=", (stored,), phrase=value.text))
    r.clause, r.pending = "where", []
    return r.step(width + 1)


def _shared_column(r: Reader, table: str, columns: tuple[Field, ...]) -> Field | None:
    for edge in r.index.graph.edges.get(r.about, ()):
        if table and edge.many == r.about and edge.one == table and len(edge.pairs) == 1:
            return Field(r.about, edge.pairs[0][0])
    return next((field for field in columns if field.table == r.about), None)
