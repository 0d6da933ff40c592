"""One text for queries that mean the same: without comments, with one way to write names."""

import re
from collections import Counter
from collections.abc import Sequence

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from knowledge.catalog.model import Table

_DIALECTS = frozenset(("postgres", "redshift", "sqlite", "duckdb", "snowflake"))
"""Those whose rules for upper and lower case in names do not depend on how the database is set up."""
_OURS = re.compile(r"_t\d+")


def normalised(query: exp.Expr, dialect: str, tables: Sequence[Table]) -> str:
    """The text. Literals stay as they are, and so do the names of the columns that come out.

    Where a name might matter in a way that can't be seen in the tree (a column that comes out without a name of its
    own, names that differ only in case), the query is written as it stands: two texts for one meaning cost a hit, one
    text for two meanings would be a wrong answer.
    """
    tree = query.copy()
    names = _names(tree)
    if names is None or dialect not in _DIALECTS or any(len(table.by_name) < len(table.columns) for table in tables):
        return tree.sql(dialect, comments=False)
    normalize_identifiers(tree, dialect=dialect)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", True)
    _rename(tree)
    return "\n".join((tree.sql(dialect, comments=False), *names))


def _names(tree: exp.Expr) -> list[str] | None:
    """What the columns of every SELECT are called, as it was written; None where one has no name of its own."""
    names = []
    for select in tree.find_all(exp.Select):
        for column in select.expressions:
            if not isinstance(column, exp.Alias | exp.Column | exp.Star):
                return None
            names.append(column.alias_or_name)
    return names


def _rename(tree: exp.Expr) -> None:
    """Table aliases by their number, those that one table alone has and that are no name of anything else."""
    aliases = [alias for alias in tree.find_all(exp.TableAlias) if not isinstance(alias.parent, exp.CTE) and alias.this]
    count = Counter(alias.name for alias in aliases)
    taken = {part for table in tree.find_all(exp.Table) for part in (table.name, table.db, table.catalog)}
    taken |= {cte.alias for cte in tree.find_all(exp.CTE)}
    if any(_OURS.fullmatch(name) for name in (*count, *taken)):
        return
    fresh: dict[str, str] = {}
    for alias in aliases:
        if count[alias.name] == 1 and alias.name not in taken:
            fresh[alias.name] = f"_t{len(fresh)}"
            alias.this.set("this", fresh[alias.name])
    for column in tree.find_all(exp.Column):
        if column.table in fresh:
            column.args["table"].set("this", fresh[column.table])
