"""A catalog as one person sees it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from knowledge.catalog.model import Catalog, Column, ForeignKey, Table
from knowledge.policy.masks import masked_type
from knowledge.policy.port import ALL_OPEN, Key, Mask, TableRules, key_of

PUBLIC = "public"
"""Tag of a column whose values may be known even where rows are filtered."""
KEPT = 64

_kept: OrderedDict[tuple[int, int], tuple[Catalog, Mapping[Key, TableRules], Catalog]] = OrderedDict()


def visible(catalog: Catalog, rules: Mapping[Key, TableRules]) -> Catalog:
    """The catalog without what the rules hide; the same object where they hide nothing.

    Masked columns lose values and statistics and have the type of what is shown; a table with row filters loses the
    values and statistics of all columns that are not tagged `public`. Kept for as long as the same catalog and rules
    are asked with.
    """
    if rules is ALL_OPEN:
        return catalog
    key = id(catalog), id(rules)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key][2]
    seen = _visible(catalog, rules)
    _kept[key] = catalog, rules, seen  # both are held, so that their ids stay theirs
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return seen


def _visible(catalog: Catalog, rules: Mapping[Key, TableRules]) -> Catalog:
    closed = {}
    for table in catalog.tables:
        given = rules.get(key_of(table))
        if given is None or not given.open:
            closed[key_of(table)] = given if given is not None and given.allowed else None
    if not closed:
        return catalog
    tables = (_table(table, closed) for table in catalog.tables if closed.get(key_of(table), True) is not None)
    return replace(catalog, tables=tuple(tables))


def _table(table: Table, closed: Mapping[Key, TableRules | None]) -> Table:
    given = closed.get(key_of(table))
    keys = tuple(key for key in table.keys if _known(key, table, closed))
    if isinstance(given, TableRules):
        columns = tuple(
            _column(column, given.masks.get(column.name.lower()), filtered=bool(given.filters))
            for column in table.columns
            if column.name.lower() not in given.hidden
        )
        names = {column.name.lower() for column in columns}
        table = replace(
            table,
            columns=columns,
            primary_key=table.primary_key if names.issuperset(map(str.lower, table.primary_key)) else (),
            rows=None if given.filters else table.rows,
            watermark=table.watermark if table.watermark.lower() in names else "",
            fresh_at=""
            if given.filters or table.watermark.lower() in given.masks.keys() | given.hidden
            else table.fresh_at,
        )
    if table.definition or table.reads or keys != table.keys:
        table = replace(table, keys=keys, definition="", reads=())
    return table


def _column(column: Column, mask: Mask | None, *, filtered: bool) -> Column:
    if mask is None and (not filtered or PUBLIC in column.tags):
        return column
    kind = column.type if mask is None else masked_type(mask, column.type)
    return Column(
        column.name,
        kind,
        native=column.native if kind is column.type else "",
        comment=column.comment,
        unit=column.unit,
        format=column.format if mask is None else "",
        tags=column.tags,
    )


def _known(key: ForeignKey, table: Table, closed: Mapping[Key, TableRules | None]) -> bool:
    """True when the person sees both ends of a key."""
    schema = table.schema if key.schema is None else key.schema
    target = (key.source or table.source).lower(), schema.lower(), key.target.lower()
    for place, columns in ((key_of(table), key.columns), (target, key.target_columns)):
        given = closed.get(place, _OPEN)
        if given is None or given.hidden & {name.lower() for name in columns}:
            return False
    return True


_OPEN = TableRules()
