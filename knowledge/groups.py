"""How many groups a query can have at most, by what the catalog knows of the columns that it groups by."""

from collections import defaultdict
from math import prod

from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.tables import table_of


def most_groups(query: exp.Expr, tables: tuple[Table, ...]) -> int | None:
    """An upper bound for the rows of a grouped query; None without groups, or for groups that are not plain columns."""
    grouping = query.args.get("group")
    if not isinstance(query, exp.Select) or not isinstance(grouping, exp.Group) or not grouping.expressions:
        return None
    named = {node.alias_or_name.lower(): table_of(node, tables) for node in query.find_all(exp.Table)}
    counts: dict[str, list[int]] = defaultdict(list)
    for item in grouping.expressions:
        name = item.table.lower() if isinstance(item, exp.Column) else ""
        table = named.get(name)
        column = table.by_name.get(item.name.lower()) if table is not None else None
        if table is None or column is None or column.distinct is None:
            return None
        counts[name].append(column.distinct + 1)  # null is a group too
    return prod(min(prod(distinct), _rows(named[name]) or prod(distinct)) for name, distinct in counts.items())


def _rows(table: Table | None) -> int | None:
    return table.rows if table else None
