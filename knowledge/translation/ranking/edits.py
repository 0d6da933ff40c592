"""Other queries that the words of a question may mean as well: each edit changes one part of a query."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Query, renamed
from knowledge.translation.reading.draft import Reader

Edit = Callable[[Reader, Query], Iterator[Query]]


def edited(r: Reader, query: Query) -> Iterator[tuple[str, Query]]:
    """Every query that one edit makes, with the name of the edit."""
    for edit in EDITS:
        for made in edit(r, query):
            if made != query and made.select:
                yield edit.__name__, made


def without_table(_: Reader, query: Query) -> Iterator[Query]:
    """A table that is joined only because a word names it is left out."""
    for table in query.also:
        yield replace(query, also=tuple(t for t in query.also if t != table))


def with_table(r: Reader, query: Query) -> Iterator[Query]:
    """A table that a word names, and that nothing else needs, is joined: only rows that have one there are wanted."""
    used = set(query.tables())
    named = dict.fromkeys(c.table for c in r.chunks if c.table and c.table not in used)
    for table in list(named)[:2]:
        if r.index.graph.distance(query.focus, table) <= 2:
            yield replace(query, also=(*query.also, table))


def other_name(r: Reader, query: Query) -> Iterator[Query]:
    """A column that is called the same in another table."""
    for field in _free(query):
        words = r.index.words.get((field.table, field.column))
        tables = [t for t in (*query.tables(), *_about(r)) if t != field.table]
        for table in dict.fromkeys(tables):
            for column in r.index.tables[table].columns:
                if r.index.words.get((table, column.name)) == words or column.name.lower() == field.column.lower():
                    yield _used(renamed(query, field, Field(table, column.name)), field.table)


def other_target(r: Reader, query: Query) -> Iterator[Query]:
    """Another column that the same words fit."""
    used = _free(query)
    for chunk in r.chunks:
        for field in chunk.columns[:1]:
            if field in used:
                for target in chunk.targets:
                    new = Field(target.table, target.column)
                    if target.column and new != field and target.score >= 0.4:
                        yield _used(renamed(query, field, new), field.table)


def key_elsewhere(r: Reader, query: Query) -> Iterator[Query]:
    """A key that a joined table holds anyway, or the key that it points at."""
    for field in dict.fromkeys(query.fields()):
        if field.row:
            continue
        for edge in r.index.graph.edges.get(field.table, ()):
            for a, b in edge.pairs:
                many, one = Field(edge.many, a), Field(edge.one, b)
                if field == one and edge.many in query.tables():
                    yield _used(renamed(query, one, many), one.table)
                if field == many:
                    yield _used(renamed(query, many, one), many.table)


def other_value(r: Reader, query: Query) -> Iterator[Query]:
    """The same words as a value of another column."""
    for f in query.filters:
        for chunk in r.chunks:
            for hit in chunk.hits[:8]:
                if hit.stored.lower() in [str(v).lower() for v in f.values] and hit.field != f.item.field:
                    made = replace(f, item=Item(hit.field), values=(hit.stored,))
                    yield _used(_with(query, f, made), f.item.field.table)


def combined_otherwise(_: Reader, query: Query) -> Iterator[Query]:
    """All or any of two conditions; both of two values, or either."""
    if len(query.filters) == 2 and not any(f.item.fn or f.either for f in query.filters):
        yield replace(query, filters=tuple(replace(f, either=1) for f in query.filters))
    if any(f.either for f in query.filters):
        yield replace(query, filters=tuple(replace(f, either=0) for f in query.filters))
    for f in query.filters:
        if f.op == "in" and len(f.values) == 2 and not query.group:
            first, second = (replace(query, filters=_of(query, f, replace(f, op="=", values=(v,)))) for v in f.values)
            yield replace(first, combine="intersect", second=second)
    if query.combine == "intersect" and query.second:
        yield replace(query, combine="", second=None, filters=(*query.filters, *query.second.filters))
        yield replace(query, combine="union")


EDITS: tuple[Edit, ...] = (
    without_table, with_table, other_name, other_target, other_value, key_elsewhere, combined_otherwise,
)  # fmt: skip
"""The order is part of the trained weights: train again after a change.

Edits of what is shown, grouped or sorted were tried and taken out: they follow the habits of the questions that the
ranker is trained on, such as showing keys, and won nothing on databases that it had not seen.
"""


def _free(query: Query) -> list[Field]:
    """Columns that another may stand for: not those that a stored value was found in."""
    bound = {f.item.field for f in query.filters if any(isinstance(value, str) for value in f.values)}
    return [field for field in dict.fromkeys(query.fields()) if not field.row and field not in bound]


def _about(r: Reader) -> list[str]:
    """Tables that words of the question name."""
    return list(dict.fromkeys(chunk.table for chunk in r.chunks if chunk.table))


def _used(query: Query, table: str) -> Query:
    """The query, in focus where its fields are when nothing of the table is left."""
    left = {field.table for field in query.fields()}
    if query.focus == table and table not in left and left:
        first = next((item.field.table for item in query.select), query.focus)
        return replace(query, focus=first, also=tuple(t for t in query.also if t != first))
    return query


def _of(query: Query, old: Filter, new: Filter) -> tuple[Filter, ...]:
    return tuple(new if f is old else f for f in query.filters)


def _with(query: Query, old: Filter, new: Filter) -> Query:
    return replace(query, filters=_of(query, old, new))
