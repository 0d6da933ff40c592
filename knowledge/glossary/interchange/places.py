"""Where in the catalog things of other tools are, and which terms made of them can be used."""

from collections.abc import Iterable

from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError
from knowledge.glossary.checking import blocking, check
from knowledge.glossary.expressions import read_condition
from knowledge.glossary.form import slug, tame
from knowledge.glossary.interchange.model import Form, Imported, Where
from knowledge.glossary.interchange.plain import Lost
from knowledge.glossary.model import Glossary, Place, Term
from knowledge.units import meanings


def table_named(name: str, where: Where) -> Table:
    """The one table of this name: `orders`, `schema.orders` or `database.schema.orders`. Raises Lost."""
    parts = [part.strip('"`[] ').lower() for part in name.split(".")]
    schema = parts[-2] if len(parts) > 1 else ""
    named = [
        table
        for table in where.catalog.of(where.source or "*")
        if table.name.lower() == parts[-1] or name.lower() == f"{table.schema}.{table.name}".lower()
    ]
    best = [table for table in named if schema and table.schema.lower() == schema] or named
    if len(best) == 1:
        return best[0]
    place = where.source or "any source"
    if not best:
        raise Lost(f"there is no table “{tame(name)}” in {place}")
    there = ", ".join(f"{table.source}.{written(table)}" for table in best[:4])
    raise Lost(f"“{tame(name)}” may be {there}; name the source (--source)")


def written(table: Table) -> str:
    """A table as terms write it."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


def place_of(expression: str, table: Table, dialect: str) -> Place:
    """A column, or rows by a condition, from the SQL of a field. Raises Lost for a computed value."""
    column = table.by_name.get(expression.strip('"`[] ').lower())
    if column is not None:
        return Place(table.source, written(table), column.name)
    try:
        tree = read_condition(expression, dialect)
    except KnowledgeError as error:
        raise Lost(f"“{tame(expression)}” is computed, and is neither a column nor a condition") from error
    return Place(table.source, written(table), condition=tree.sql(dialect))


def unit_of(tree: exp.Expr, table: Table) -> str:
    """The unit of an expression over a table's columns; empty where none is known."""
    query = exp.select(tree.copy()).from_(exp.table_(table.name, quoted=True))
    return meanings(query, [table], ["value"])[0].unit


class Ids:
    """Ids that are given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        """An id made of a name."""
        id = slug(name, self._taken)
        self._taken.add(id)
        return id


def usable(terms: Iterable[Term], left: Iterable[str], where: Where, form: Form) -> Imported:
    """What can be kept of terms, with a sentence for each that can't."""
    every = tuple(terms)
    glossary = Glossary(every)
    kept: list[Term] = []
    lost = list(left)
    for term in every:
        against = blocking(check(term, glossary, where.catalog), term.status)
        if against:
            lost.append(f"{term.name}: {against[0].what}")
        else:
            kept.append(term)
    return Imported(tuple(kept), tuple(lost), form)
