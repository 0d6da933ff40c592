"""How many groups a query can have at most, by what the catalog knows of the columns that it groups by."""

from collections import defaultdict
from math import prod

from sqlglot import exp

from knowledge.catalog.model import Table


def most_groups(query: exp.Expr, tables: tuple[Table, ...]) -> int | None:
    """An upper bound for the rows of a grouped query; None without groups, or for groups that are not plain columns."""
    grouping = query.args.get("group")
    if not isinstance(query, exp.Select) or not isinstance(grouping, exp.Group) or not grouping.expressions:
        return None
    by_name = {table.name.lower(): table for table in tables}
    named = {table.alias_or_name.lower(): by_name.get(table.name.lower()) for table in query.find_all(exp.Table)}
    counts: dict[str, list[int]] = defaultdict(list)
    for item in grouping.expressions:
        table = named.get(item.table.lower()) if isinstance(item, exp.Column) else None
        column = table.by_name.get(item.name.lower()) if table is not None else None
        if table is None or column is None or column.distinct is None:
            return None
        counts[table.name].append(column.distinct + 1)  # null is a group too
    return prod(min(prod(distinct), by_name[name.lower()].rows or prod(distinct)) for name, distinct in counts.items())
