"""Rules for time: which date column a period is about, and what it then compares."""

from collections.abc import Sequence
from typing import TypeGuard

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.metrics import metric_time
from knowledge.translation.times import Period
from knowledge.translation.words import root


def owners(r: Reader) -> list[str]:
    """Tables that a condition may be about, nearest first."""
    names = [r.draft.focus, *r.draft.shown, *(i.field.table for i in r.draft.select), *reversed(r.draft.also)]
    names += [c.table for c in r.chunks if c.table]
    names += [c.columns[0].table for c in r.chunks if c.columns and c.targets[0].score >= 0.7]
    names += r.context
    return [name for name in dict.fromkeys(names) if name]


def period(r: Reader) -> bool:
    """“last month”, “in 2014”, “since May”."""
    here = r.see()
    if not here.period:
        return False
    in_period(r, here.period, here)
    return r.step()


def in_period(r: Reader, meant: Period, here: Chunk) -> bool:
    """A condition on a date; one at the beginning, as in “2025 revenue”, leaves what is shown to come."""
    leading = r.clause == "select" and not (r.draft.select or r.draft.shown or r.draft.focus or r.pending)
    _limit_to(r, meant, here)
    r.clause = "select" if leading else r.clause
    return True


def _limit_to(r: Reader, meant: Period, here: Chunk) -> None:
    item = next((i for i in r.pending if r.temporal(i.field) or r.yearly(i.field)), None)
    field = item.field if item else date_column(r, here, meant.grain)
    if field is None:
        r.lost.append(here)
    elif r.yearly(field):
        start = meant.start.year if meant.start else None
        end = meant.end.year - 1 if meant.end and meant.end.month == 1 else meant.end.year if meant.end else None
        if start == end:
            r.add(Item(field), "=", start, phrase=here.text)
        elif start and end:
            r.add(Item(field), "between", start, end, phrase=here.text)
        else:
            r.add(Item(field), ">=" if start else "<=", start or end, phrase=here.text)
    else:
        r.add(Item(field), "within", iso(meant.start), iso(meant.end), phrase=here.text)


def measures(r: Reader, table: str, names: Sequence[str]) -> list[Field]:
    """Number columns called by the names, in the table and its neighbours, nearest first."""
    near = sorted((r.index.graph.distance(table, other), other) for other in r.index.tables)
    found: list[Field] = []
    for name in names:
        for far, other in near:
            columns = [c for c in r.index.tables[other].columns if c.type.numeric and far <= 2]
            fields = [Field(other, c.name) for c in columns if r.index.words[(other, c.name)][-1] == name]
            found += [field for field in fields if not r.index.is_key(field)]
    return found[:4]


def stored_count(r: Reader, table: str) -> Field | None:
    """A column of the table in focus that already holds how many of another table there are."""
    words = set(r.index.words[(table, "")])
    found = r.index.exact.get(frozenset(words | {"number"}), {})
    fields = [Field(*at) for at in found if at[0] == r.about and at[1] and not r.index.is_key(Field(*at))]
    named = [f for f in fields if "number" in (w := r.index.words[(f.table, f.column)])[:1] or w[-1] == "count"]
    named = [f for f in named if words <= set(r.index.words[(f.table, f.column)])]
    return next((field for field in named if r.numeric(field)), None)


def date_column(r: Reader, here: Chunk, grain: str) -> Field | None:
    """The date column that the question's words point at: verbs close by, then the measure, then the focus."""
    near = {root(word.lower()) for c in r.chunks[max(0, r.at - 9) : r.at + 6] for word in c.text.split()}
    told = _deeds(r)
    if not told and (defined := metric_time(r)):
        return r.decide("date", here.text, [defined])
    ranked: list[tuple[float, Field]] = []
    counted, had = [*_just_counted(r), *_acting(r)], _had(r)
    for rank, table in enumerate(dict.fromkeys([*_dated_tables(r), *(field.table for field in told)])):
        for column in r.index.tables[table].columns:
            field = Field(table, column.name)
            if not (r.temporal(field) or (grain == "year" and r.yearly(field))):
                continue
            words = {root(word) for word in r.index.words[(table, column.name)]} - {root("date"), root("time"), "id"}
            own = {root(word) for word in r.index.words[(table, "")]}
            score = (
                1.0 * len(words & near) + 0.4 * bool(own & near) + (table in counted) - 0.3 * rank - 0.02 * len(ranked)
            )
            score += 1.5 * (field in told) + 1.5 * (table == had)
            ranked.append((score, field))
    ranked.sort(key=lambda entry: -entry[0])
    return r.decide("date", here.text, [field for _, field in ranked[:4]])


def _had(r: Reader) -> str:
    """“customers with an order in the last 90 days”: the table of what they have right before the period."""
    before = [c for c in r.chunks[max(0, r.at - 3) : r.at] if c.linked or not c.has("ignore", "prep")]
    if len(before) < 2 or not before[-1].table or before[-1].columns:
        return ""
    has = before[-2].has("rel") and before[-2].text.lower() in ("with", "having", "with an", "with a", "with any")
    return before[-1].table if has else ""


def _deeds(r: Reader) -> list[Field]:
    """Dates that a deed before the period names: “were shipped per region last month”."""
    near = [c for c in r.chunks[max(0, r.at - 9) : r.at] if c.columns and not c.table and c.has("light")]
    return [c.columns[0] for c in near if r.temporal(c.columns[0])]


def _dated_tables(r: Reader) -> list[str]:
    """Tables whose dates may be meant: what is measured, what is shown, what is named, and what they refer to."""
    measured = [i.field.table for i in (*r.draft.select, *(o.item for o in r.draft.orders)) if i.fn and i.field.table]
    measured += [i.field.table for i in r.draft.select if r.draft.measured and r.numeric(i.field)]
    counted = [*_just_counted(r), *_acting(r)]
    tables = list(
        dict.fromkeys(
            [*filter(None, [r.draft.absent]), *counted, *measured, *(r.context if not measured else ()), *owners(r)]
        )
    )[:5]
    if not measured and r.draft.orders:
        tables = list(dict.fromkeys([*(o.item.field.table for o in r.draft.orders if o.item.field.table), *tables]))
    if not measured and any(chunk.text.lower() in r.lexicon.verbs for chunk in r.chunks):
        tables = list(dict.fromkeys([*_on_the_way(r), *tables]))
    found: list[str] = []
    for table in tables:
        found.append(table)
        if not any(r.temporal(Field(table, c.name)) for c in r.index.tables[table].columns):
            found.extend(e.one for e in r.index.graph.edges.get(table, ()) if e.many == table)
    for table in tables[:2]:
        found.extend(e.other(table) for e in r.index.graph.edges.get(table, ()) if table not in found[:1])
    return list(dict.fromkeys(found)) or tables


def _just_counted(r: Reader) -> list[str]:
    """“with 3 orders in 2025”, “who spent 500 in 2025”: the table of the measure right before."""
    return [f.item.field.table for f in r.draft.filters[-1:] if f.item.fn]


def _acting(r: Reader) -> list[str]:
    """“unique customers per month”: where each comes several times, as in the orders of customers."""
    what = r.draft.shown[-1] if r.draft.shown and r.draft.distinct and not r.draft.select else ""
    deeds = [edge.many for edge in r.index.graph.edges.get(what, ()) if edge.one == what]
    deeds = [table for table in deeds if any(r.temporal(Field(table, c.name)) for c in r.index.tables[table].columns)]
    return sorted(deeds, key=lambda table: -(r.index.tables[table].rows or 0))[:1]


def _on_the_way(r: Reader) -> list[str]:
    """Tables with dates between the focus and what a condition is about: the orders of “bought Laptops in 2026”."""
    found: list[str] = []
    for f in r.draft.filters:
        here = r.about or next(iter(r.draft.shown), "")
        for edge in r.index.graph.path([here], f.item.field.table, frozenset()) or [] if here else []:
            here = edge.other(here)
            found += [here] if any(r.temporal(Field(here, c.name)) for c in r.index.tables[here].columns) else []
    return found


def period_compare(r: Reader, op: str, width: int) -> bool:
    here = r.see(width)
    item = r.pending[-1] if r.pending else None
    field = item.field if item else date_column(r, here, "day")
    if field is None or here.period is None:
        return r.step(width + 1)
    dated(r, Item(field), op, here.period, here.text)
    return r.step(width + 1)


def dated(r: Reader, item: Item, op: str, meant: Period, phrase: str) -> None:
    """A comparison of a date column with a period."""
    start, end = iso(meant.start), iso(meant.end)
    match op:
        case ">":
            r.add(item, ">=", end, phrase=phrase)
        case ">=":
            r.add(item, ">=", start, phrase=phrase)
        case "<":
            r.add(item, "<", start, phrase=phrase)
        case "<=":
            r.add(item, "<", end, phrase=phrase)
        case _:
            r.add(item, "within", start, end, phrase=phrase)


def iso(day: object) -> str | None:
    return str(day) if day else None


def is_year(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and 1700 < number < 2101
