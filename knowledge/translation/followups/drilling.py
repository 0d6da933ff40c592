"""“drill down”, “roll up”, “drill down into Germany”: the question before, by another level."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from knowledge.glossary import Term
from knowledge.translation.followups.memory import Before
from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Item, Query
from knowledge.translation.meaning.understanding import index_places
from knowledge.translation.reading.resting import ordered

_DOWN = r"(?:drill|go|break (?:it|this|that|them)) (?:one level )?down(?: (?:one|a) level)?|one level (?:down|deeper)"
_UP = r"(?:drill|roll|go) (?:it )?(?:one level )?up(?: (?:one|a) level)?|one level up"
_NEXT = r"(?:show (?:it|this|that) )?by the next level(?: down)?|(?:the )?next level(?: down)?"
_REST = r"(?: (?:into|to|in|for|on) (?P<rest>.+?))?"
_SAID = re.compile(rf"\s*(?:please )?(?:(?P<down>{_DOWN}|{_NEXT})|(?P<up>{_UP})){_REST}[ .?!]*\Z", re.IGNORECASE)
_TIMES = ("year", "quarter", "month", "week", "day")


@dataclass(frozen=True, slots=True)
class Drilled:
    """The question by another level, and what it is limited to; `missing` says why there is no other level."""

    query: Query | None
    rest: str = ""
    missing: str = ""


def drilled(text: str, before: Before) -> Drilled | None:
    """The question before, one level deeper or higher; None for a text that asks for neither."""
    found = _SAID.match(text)
    if found is None:
        return None
    step = 1 if found["down"] else -1
    rest = (found["rest"] or "").strip()
    groups = [item for item in before.query.group if not item.fn]
    for item in groups:
        if made := _by_time(before.query, item, step) or _by_level(before.query, item, step, before.index):
            return Drilled(made, rest)
    names = [_called(item) for item in groups if item.field.column not in _keys(before.index, item.field.table)]
    if not names:
        return Drilled(None, rest, "The answer before has no groups. Ask by something first, such as “by region”.")
    way = "below" if step > 0 else "above"
    return Drilled(None, rest, f"The glossary has no level {way} {' and '.join(names)}, and neither has time.")


def _by_time(query: Query, item: Item, step: int) -> Query | None:
    if item.grain not in _TIMES:
        return None
    at = _TIMES.index(item.grain) + step
    at += step if 0 <= at < len(_TIMES) and _TIMES[at] == "week" else 0  # Weeks do not lie within months.
    if not 0 <= at < len(_TIMES):
        return None
    return _with(query, [item], [replace(item, grain=_TIMES[at])], [])


def _by_level(query: Query, item: Item, step: int, index: Index) -> Query | None:
    for levels in _hierarchies(index):
        homes = [_home(level, index) for level in levels]
        at = next((n for n, home in enumerate(homes) if home and _is(item, home, index)), None)
        goal = at + step if at is not None else -1
        target = homes[goal] if 0 <= goal < len(homes) else None
        own = homes[at] if at is not None else None
        if target is None or own is None:
            continue
        old = [one for one in (*query.group, *query.select) if not one.fn and _is(one, own, index)]
        if target.column:
            return _with(query, old, [Item(target)], [])
        key = index.key(target.table)
        keys = [Item(Field(target.table, key))] if key else []
        return _with(query, old, [*map(Item, index.display(target.table))], keys)
    return None


def _hierarchies(index: Index) -> Iterator[list[Term]]:
    for term in index.glossary.terms:
        if term.kind == "hierarchy" and term.status != "deprecated":
            yield [level for id in term.levels if (level := index.glossary.get(id))]


def _home(level: Term, index: Index) -> Field | None:
    """The column of a level, or its table with an empty column."""
    found = next(iter(index_places(level, index)), None)
    return Field(found[0], found[1].column) if found and not found[1].condition else None


def _is(item: Item, home: Field, index: Index) -> bool:
    """Whether a group is by this level: its column, or what tells the rows of its table apart."""
    if item.grain:
        return False
    if home.column and item.field.column.lower() == home.column.lower() and item.field.table == home.table:
        return True
    names = {field.column for field in index.display(home.table)}
    told = not home.column or home.column in names
    return told and item.field.table == home.table and item.field.column in names | _keys(index, home.table)


def _keys(index: Index, table: str) -> set[str]:
    return {index.key(table)} if table in index.tables else set()


def _with(query: Query, old: list[Item], shown: list[Item], keys: list[Item]) -> Query:
    kept = [item for item in query.select if item not in old]
    group = [item for item in query.group if item not in old]
    also = tuple(table for table in query.also if table != shown[0].field.table)
    made = replace(query, select=(*shown, *kept), group=(*keys, *shown, *group), also=also)
    return ordered(replace(made, order=(), limit=None, within=(), arranged=()))


def _called(item: Item) -> str:
    return item.grain or item.field.column.replace("_", " ")
