"""Splits a bound tree into one query a source and what is left over to do here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.federation.dialects import speech_of
from knowledge.federation.grouping import co_located
from knowledge.federation.leaves import Leaf, Relation, fetch_of, free_name, placed
from knowledge.federation.optional import optional_fetches
from knowledge.federation.partial import totalled
from knowledge.federation.plan import Plan
from knowledge.federation.predicates import (
    belongs_to,
    conjuncts,
    implied,
    null_rejecting,
    prune,
    set_conjuncts,
    sink,
)
from knowledge.federation.pushing import Local, Pusher
from knowledge.federation.queries import put_query, put_relation
from knowledge.federation.reduce import reduced
from knowledge.federation.relations import loosen, outer_columns, relations_of
from knowledge.federation.rules import pusher_for
from knowledge.federation.tree import SPACE, Bound, aliases, bound
from knowledge.federation.types import type_of
from knowledge.federation.walk import every


def split(query: exp.Query, catalog: Catalog, dialects: Mapping[str, str], worth: int) -> Plan:
    """See `plan.plan`."""
    found = bound(query, catalog)
    splitter = _Splitter(found, dialects)
    splitter.query(found.query)
    return splitter.plan(worth)


class _Splitter:
    """One tree on its way to a plan; it is changed in place."""

    def __init__(self, found: Bound, dialects: Mapping[str, str]) -> None:
        self._bound = found
        self._root = found.query
        self._dialects = {name.lower(): dialect for name, dialect in dialects.items()}
        self._taken = set(aliases(found.query))
        self._leaves: list[Leaf] = []
        self._pushers: dict[str, Pusher] = {}

    def plan(self, worth: int) -> Plan:
        """The plan, after the whole tree was looked at."""
        planned = {id(table) for leaf in self._leaves for table in every(leaf.node, exp.Table)}
        for node in list(every(self._root, exp.Table)):
            if node.db == SPACE and id(node) not in planned:
                self._leaves.append(Leaf(node.alias, self._bound.tables[node.alias].source, [node.copy()], node))
        needed: dict[str, dict[str, None]] = {}
        for column in every(self._root, exp.Column):
            needed.setdefault(column.table, {})[column.name] = None
        fetches = []
        names: dict[str, str] = {}
        for at, leaf in enumerate(self._leaves):
            name = free_name(f"f{at + 1}", self._taken)
            fetch, renamed = fetch_of(leaf, name, needed, self._bound, self._dialect(leaf.source))
            fetches.append(fetch)
            placed(leaf, name)
            names |= {f"{alias}\0{column}": f"{leaf.alias}\0{new}" for (alias, column), new in renamed.items()}
        self._rename(names)
        direct = len(fetches) == 1 and self._leaves[0].whole and self._leaves[0].root
        for identifier in every(self._root, exp.Identifier):
            identifier.set("quoted", True)
        optional = optional_fetches(self._root, {fetch.name: fetch.source for fetch in fetches})
        fetches = [replace(fetch, optional=fetch.name in optional) for fetch in fetches]
        return Plan(reduced(self._root, tuple(fetches), worth), self._root, self._bound.names, direct)

    def query(self, node: exp.Expr) -> None:
        """A query anywhere in the tree: as a whole where it can be, otherwise its parts."""
        if isinstance(node, exp.Subquery):
            self.query(node.this)
            return
        if self._whole(node):
            return
        taken = self._select(node) if isinstance(node, exp.Select) else set()
        for inner in list(_nested(node)):
            if id(inner) not in taken:
                self.query(inner)

    def _whole(self, node: exp.Expr) -> bool:
        put, source = self._put(node), self._source(node)
        if put is None or source is None or not isinstance(node, exp.Query):
            return False
        alias = free_name("q", self._taken)
        columns = _distinct_names(put)
        item = exp.Subquery(this=put, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        table = exp.Table(this=exp.to_identifier(alias), alias=exp.TableAlias(this=exp.to_identifier(alias)))
        outer = exp.Select(
            expressions=[
                exp.alias_(exp.column(column, table=alias, quoted=True), name, quoted=True)
                for column, name in zip(columns, node.named_selects, strict=True)
            ],
            from_=exp.From(this=table),
        )
        for column, projection in zip(columns, node.selects, strict=True):
            self._bound.types[alias, column] = self._type(projection)
        leaf = Leaf(alias, source, [item], table, whole=True, root=node is self._root)
        self._leaves.append(leaf)
        if node is self._root:
            self._root = outer
        else:
            node.replace(outer)
        return True

    def _put(self, node: exp.Expr) -> exp.Query | None:
        """The query as one source can run it by itself, or None."""
        source = self._source(node)
        if source is None or outer_columns(node):
            return None
        try:
            return put_query(self._pusher(source), node)
        except Local:
            return None

    def _select(self, node: exp.Select) -> set[int]:
        """Plans one SELECT; the ids of the queries that became fetches."""
        loose = loosen(node)
        leaves: dict[str, Leaf] = {}
        relations = relations_of(node)
        for relation in relations:
            if leaf := self._leaf(relation):
                leaves[relation.alias] = leaf
        if loose:
            merged = co_located(node, leaves, self._bound, self._pusher)
            leaves = {alias: merged.get(alias, leaf) for alias, leaf in leaves.items()}
        self._push_conditions(node, relations, leaves)
        if loose:
            self._total(node, list(dict.fromkeys(leaves.values())))
        self._leaves += dict.fromkeys(leaves.values())
        return {id(relation.item.this) for relation in relations if relation.alias in leaves}

    def _push_conditions(self, node: exp.Select, relations: list[Relation], leaves: dict[str, Leaf]) -> None:
        self._push_where(node, leaves)
        for relation in relations:
            if relation.optional and relation.join is not None and relation.alias in leaves:
                self._push_on(relation.join, leaves[relation.alias])
        for relation in relations:
            if relation.alias not in leaves and not relation.nullable:
                sink(node, relation)
            if relation.alias not in leaves:
                prune(node, relation)

    def _total(self, node: exp.Select, leaves: list[Leaf]) -> None:
        """Totals of one leaf are begun in its source."""
        for leaf in leaves:
            if totalled(node, [leaf], self._pusher(leaf.source), self._bound):
                return

    def _leaf(self, relation: Relation) -> Leaf | None:
        source = self._source(relation.item)
        if source is None or outer_columns(relation.item):
            return None
        if isinstance(relation.item, exp.Table) and not relation.plain:
            return None
        try:
            item = put_relation(self._pusher(source), relation.item)
        except Local:
            return None
        return Leaf(relation.alias, source, [item], relation.item, nullable=relation.nullable)

    def _push_where(self, node: exp.Select, leaves: dict[str, Leaf]) -> None:
        kept = []
        for condition in conjuncts(node.args.get("where")):
            home = belongs_to(condition, leaves)
            if home is None or not self._push(condition, home):
                kept.append(condition)
                for leaf in dict.fromkeys(leaves.values()):
                    if home is None and not leaf.nullable:
                        leaf.where += implied(condition, leaf, self._pusher(leaf.source))
        set_conjuncts(node, "where", kept)

    def _push(self, condition: exp.Expr, leaf: Leaf) -> bool:
        """True when the condition need not be checked again here."""
        if any(self._source(query) != leaf.source for query in _nested(condition)):
            return False
        if leaf.nullable and not null_rejecting(condition):
            return False
        pusher = self._pusher(leaf.source)
        exact = pusher.exact(condition)
        if exact is None:
            if (wider := pusher.wider(condition)) is not None:
                leaf.where.append(wider)
            return False
        leaf.where.append(exact)
        return not leaf.nullable

    def _push_on(self, join: exp.Join, leaf: Leaf) -> None:
        """Conditions of a LEFT JOIN on its right side alone choose the rows that can match."""
        kept = []
        for condition in conjuncts(join, "on"):
            exact = None
            if belongs_to(condition, {leaf.alias: leaf}) is leaf and not list(_nested(condition)):
                exact = self._pusher(leaf.source).exact(condition)
            if exact is None:
                kept.append(condition)
            else:
                leaf.where.append(exact)
        set_conjuncts(join, "on", kept or [exp.true()])

    def _source(self, node: exp.Expr) -> str | None:
        """The one source of all tables in a tree; None for several, for none, and where a WITH outside is read."""
        found = set()
        defined = {cte.alias for cte in every(node, exp.CTE)}
        for table in every(node, exp.Table):
            if table.db == SPACE:
                found.add(self._bound.tables[table.alias].source)
            elif table.name not in defined:
                return None
        return found.pop() if len(found) == 1 else None

    def _dialect(self, source: str) -> str:
        return self._dialects.get(source.lower(), "")

    def _pusher(self, source: str) -> Pusher:
        if source not in self._pushers:
            self._pushers[source] = pusher_for(speech_of(self._dialect(source)), self._known)
        return self._pushers[source]

    def _known(self, column: exp.Column) -> str:
        return self._bound.types.get((column.table, column.name), "")

    def _type(self, projection: exp.Expr) -> str:
        return type_of(projection, self._known)

    def _rename(self, names: dict[str, str]) -> None:
        for column in list(every(self._root, exp.Column)):
            if new := names.get(f"{column.table}\0{column.name}"):
                table, name = new.split("\0")
                column.set("table", exp.to_identifier(table, quoted=True))
                column.set("this", exp.to_identifier(name, quoted=True))


def _nested(node: exp.Expr) -> Iterator[exp.Expr]:
    """The queries directly within a tree, not those within them."""
    for child in node.iter_expressions():
        if isinstance(child, exp.Select | exp.SetOperation):
            yield child
        else:
            yield from _nested(child)


def _distinct_names(query: exp.Query) -> list[str]:
    """Gives each projection a name of its own, and tells the names."""
    names: list[str] = []
    for at, item in enumerate(query.selects):
        name = item.alias_or_name
        if not name or name in names:
            name = free_name(name or f"c{at + 1}", set(names))
            item.replace(exp.alias_(item.unalias().copy(), name, quoted=True))
        names.append(name)
    return names
