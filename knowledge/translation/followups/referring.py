"""The rows that a text points at, and a new question limited to them."""

from dataclasses import dataclass, replace

from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.reading.draft import Reader


@dataclass(frozen=True, slots=True)
class Referent:
    """What was shown: rows of a table (`column` empty), or the values of one column."""

    table: str
    column: str = ""


def referent(before: Query, index: Index) -> Referent:
    """What the rows of an answer stand for: the groups, else what is shown first, else the table in focus."""
    keys = [item.field for item in before.group if index.is_key(item.field) and index.key(item.field.table)]
    if keys:
        return Referent(keys[0].table)
    dims = [item for item in before.select if not item.fn]
    if before.group and dims and not dims[0].grain:
        named = dims[0].field
        return Referent(named.table, "" if named in index.display(named.table) else named.column)
    shown = next((i.field.table for i in dims if i.field in index.display(i.field.table)), before.focus)
    return Referent(shown)


def plain(query: Query) -> bool:
    """Whether the rows of a query are told by conditions alone, which another query can take over."""
    return not (query.limit or query.second or query.within or any(f.item.fn for f in query.filters))


def restricted(made: Query, before: Query, at: Referent, r: Reader) -> Query | None:
    """A new query about the rows that the one before gave; None where they can't be told."""
    if plain(before):
        return still_joined(_conjoined(made, before, at), before, r)
    if not (before.group and at.column) and _same_rows(made, before, at, r):
        return still_joined(_reshown(made, before), before, r)
    return _nested(made, before, at, r)


def still_joined(made: Query, before: Query, r: Reader) -> Query:
    """The query with the tables that told the rows before and of which it now shows nothing."""
    if before.aggregated or before.group or before.limit or made.aggregated:
        return made
    gone = [t for t in before.tables() if t not in made.tables() and r.many(made.focus, t)]
    return replace(made, also=(*made.also, *gone))


def _conjoined(made: Query, before: Query, at: Referent) -> Query:
    own = {f.item.field for f in made.filters}
    kept = tuple(f for f in before.filters if f.item.field not in own or f.query is not None)
    also = tuple(dict.fromkeys((*made.also, at.table, *before.also)))
    return replace(made, filters=(*kept, *made.filters), also=tuple(t for t in also if t != made.focus))


def _same_rows(made: Query, before: Query, at: Referent, r: Reader) -> bool:
    """Whether only other columns of the same rows are asked for."""
    changed = made.filters or made.group or made.order or made.limit or made.second or made.aggregated
    home, known = (at.table, [at.table]) if before.group else (before.focus, before.tables())
    single = all(t in known or not r.many(home, t) for t in made.tables())
    return not changed and single and not before.within


def _reshown(made: Query, before: Query) -> Query:
    group = tuple(dict.fromkeys((*before.group, *made.select))) if before.group else ()
    return replace(before, select=made.select, group=group, arranged=())


def _nested(made: Query, before: Query, at: Referent, r: Reader) -> Query | None:
    """Rows whose key is among those of the query before."""
    key = at.column or r.index.key(at.table)
    if not key or before.within or before.second:
        return None
    field = Field(at.table, key)
    own = {i.field for i in before.group}
    group = before.group if not before.group or field in own else (Item(field), *before.group)
    inner = replace(before, select=(Item(field),), group=group, distinct=False, arranged=())
    if before.limit is None:
        inner = replace(inner, order=())
    here = _key_in(made, field, r)
    also = made.also if here.table in made.tables() else (*made.also, here.table)
    condition = Filter(Item(here), "in", query=inner, phrase="before")
    return replace(made, filters=(*made.filters, condition), also=also)


def _key_in(made: Query, field: Field, r: Reader) -> Field:
    """The column of the new query's own tables that holds the key, so that no join is needed for it."""
    if field.table in made.tables():
        return field
    for edge in r.index.graph.edges.get(made.focus, ()):
        pairs = {one: many for many, one in edge.pairs}
        if edge.many == made.focus and edge.one == field.table and field.column in pairs and len(pairs) == 1:
            return Field(made.focus, pairs[field.column])
    return field


def narrowed(before: Query, at: Referent, r: Reader) -> Query | None:
    """The query before as a list of its own rows, to which conditions, order and limit can be added."""
    if plain(before):
        return replace(before, order=(), limit=None, arranged=())
    bare = replace(before, filters=(), group=(), order=(), limit=None, arranged=(), also=())
    if before.aggregated:
        return None
    return _nested(bare, before, at, r)
