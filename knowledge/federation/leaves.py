"""A relation, or several of one source joined, that is fetched by one query."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from knowledge.federation.estimates import Statistics
from knowledge.federation.plan import Fetch, Field
from knowledge.federation.tree import SPACE, Bound
from knowledge.federation.walk import every


@dataclass(eq=False)
class Relation:
    """What stands in FROM or after JOIN. `nullable` rows may be made up of nulls, `optional` ones are LEFT JOINed."""

    alias: str
    item: exp.Expr
    join: exp.Join | None
    nullable: bool = False
    optional: bool = False

    @property
    def plain(self) -> bool:
        """No sampling, no pivot: the table as it is."""
        return not any(self.item.args.get(key) for key in ("sample", "pivots", "joins", "laterals", "when"))


@dataclass(eq=False)
class Leaf:
    """One query of one source in the making. `node` is what it will stand for in the tree.

    With `totals`, by name, it is grouped by every other column that is read of it.
    """

    alias: str
    source: str
    members: list[exp.Expr]
    node: exp.Expr
    nullable: bool = False
    whole: bool = False
    root: bool = False
    where: list[exp.Expr] = field(default_factory=list)
    totals: dict[str, exp.Expr] = field(default_factory=dict)

    @property
    def aliases(self) -> set[str]:
        """The aliases of all members."""
        return {member.alias for member in self.members}


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken; it is taken from now on."""
    free, at = name, 2
    while free in taken:
        free, at = f"{name}_{at}", at + 1
    taken.add(free)
    return free


def fetch_of(
    leaf: Leaf, name: str, needed: Mapping[str, Mapping[str, None]], found: Bound, dialect: str
) -> tuple[Fetch, dict[tuple[str, str], str]]:
    """The fetch, and the new names of columns by alias and column."""
    wanted = [(member.alias, column) for member in leaf.members for column in needed.get(member.alias, {})]
    several, taken = len(leaf.members) > 1, set[str]()
    renamed = {
        (alias, column): free_name(f"{alias}_{column}" if several else column, taken) for alias, column in wanted
    }
    statistics = Statistics(found.tables, leaf.members)
    fields = tuple(
        statistics.field(alias, column, new, found.types.get((alias, column), ""), native=dialect == "duckdb")
        for (alias, column), new in renamed.items()
    )
    query = _query(leaf, renamed)
    rows = statistics.rows(leaf.members, leaf.where)
    read = statistics.rows_read(query)
    tables = tuple(dict.fromkeys(found.tables[node.alias].name for node in every(query, exp.Table) if node.db == SPACE))
    fetch = Fetch(name, leaf.source, dialect, _real(query, found), fields or (Field("one"),), tables, rows, read)
    return fetch, renamed if several else {}


def placed(leaf: Leaf, name: str) -> None:
    """Puts the fetch into the tree where its first relation stood."""
    alias = exp.TableAlias(this=exp.to_identifier(leaf.alias, quoted=True))
    leaf.node.replace(exp.Table(this=exp.to_identifier(name, quoted=True), alias=alias))


def _query(leaf: Leaf, renamed: Mapping[tuple[str, str], str]) -> exp.Query:
    if leaf.whole and not leaf.where:
        query: exp.Query = leaf.members[0].this
        if leaf.root or list(renamed.values()) == query.named_selects:
            return query
    select = exp.Select()
    columns = {
        new: leaf.totals.get(column) or exp.column(column, table=alias, quoted=True)
        for (alias, column), new in renamed.items()
    }
    items: list[exp.Expr] = [exp.alias_(value, new, quoted=True) for new, value in columns.items()]
    select.set("expressions", items or [exp.alias_(exp.Literal.number(1), "one", quoted=True)])
    if leaf.totals:
        keys = [value.copy() for value in columns.values() if isinstance(value, exp.Column)]
        select.set("group", exp.Group(expressions=keys))
    select.set("from_", exp.From(this=leaf.members[0]))
    select.set("joins", [exp.Join(this=member, kind="CROSS") for member in leaf.members[1:]])
    return select.where(*leaf.where, copy=False) if leaf.where else select


def _real(query: exp.Query, found: Bound) -> exp.Query:
    """The tables and columns as the source names them."""
    for column in every(query, exp.Column):
        table = found.tables.get(column.table)
        if table is not None and (known := table.by_name.get(column.name.lower())):
            column.set("this", exp.to_identifier(known.name, quoted=True))
    for node in every(query, exp.Table):
        if node.db == SPACE:
            table = found.tables[node.alias]
            node.set("this", exp.to_identifier(table.name, quoted=True))
            node.set("db", exp.to_identifier(table.schema, quoted=True) if table.schema else None)
    for identifier in every(query, exp.Identifier):
        identifier.set("quoted", True)
    return query
