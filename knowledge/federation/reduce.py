"""Semi-joins: which fetch waits for another, so that it asks only for rows that can match."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from knowledge.federation.plan import Fetch, Field, Reduction
from knowledge.federation.predicates import conjuncts
from knowledge.federation.relations import relations_of
from knowledge.federation.walk import every, has

PAYS = 0.5
"""A reduction pays when it leaves at most this part of the rows."""
MOST_KEYS = 10_000
_UNMEASURED = 1_000_000


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of a fetch."""

    fetch: str
    column: str


@dataclass(frozen=True, slots=True)
class _Edge:
    """Rows of `target` whose value is not among those of `giver` can't matter."""

    giver: _Place
    target: _Place


def reduced(tree: exp.Query, fetches: tuple[Fetch, ...], worth: int) -> tuple[Fetch, ...]:
    """The fetches with the reductions that will probably pay: the most selective first, the others after those.

    A fetch of no more than `worth` rows waits for nobody.
    """
    edges = list(dict.fromkeys(_edges(tree, {fetch.name for fetch in fetches})))
    by_name = {fetch.name: fetch for fetch in fetches}
    rows = {fetch.name: float(_UNMEASURED if fetch.rows is None else fetch.rows) for fetch in fetches}
    alone = dict(rows)
    done: dict[str, Fetch] = {}
    while len(done) < len(fetches):
        name = min((name for name in by_name if name not in done), key=lambda name: rows[name])
        fetch = by_name[name]
        found = [edge for edge in edges if edge.target.fetch == name and edge.giver.fetch in done]
        chosen = [edge for edge in found if alone[name] > worth and _share(edge, by_name, rows, alone) <= PAYS]
        reductions = tuple(made for edge in chosen if (made := _reduction(edge, fetch)) is not None)
        done[name] = replace(fetch, reductions=reductions)
        for edge in edges:
            if edge.giver.fetch == name and edge.target.fetch not in done:
                rows[edge.target.fetch] *= _share(edge, by_name, rows, alone)
    return tuple(done[fetch.name] for fetch in fetches)


def _share(edge: _Edge, fetches: dict[str, Fetch], rows: dict[str, float], alone: dict[str, float]) -> float:
    """The part of the target's rows that is probably left; `alone` are the rows of fetches that wait for nobody."""
    giver, target = _field(fetches[edge.giver.fetch], edge.giver), _field(fetches[edge.target.fetch], edge.target)
    if giver is None or target is None or giver.family != target.family:
        return 1.0
    keys = min(rows[edge.giver.fetch], giver.distinct or rows[edge.giver.fetch])
    if keys > 2 * MOST_KEYS:
        return 1.0
    whole = target.distinct or giver.distinct or alone[edge.target.fetch]
    return min(1.0, max(keys, 1.0) / max(whole, 1.0))


def _field(fetch: Fetch, place: _Place) -> Field | None:
    return next((field for field in fetch.fields if field.name == place.column), None)


def _reduction(edge: _Edge, fetch: Fetch) -> Reduction | None:
    field = _field(fetch, edge.target)
    if field is None:
        return None
    target = _inside(fetch.query, edge.target.column)
    return Reduction(edge.giver.fetch, edge.giver.column, target, field)


def _inside(query: exp.Query, column: str) -> exp.Expr | None:
    """The column behind an output column, where a condition on it chooses the same rows before the query's own work."""
    if not isinstance(query, exp.Select) or any(query.args.get(key) for key in ("limit", "offset", "qualify")):
        return None
    item = next((item.unalias() for item in query.expressions if item.alias_or_name == column), None)
    if not isinstance(item, exp.Column) or any(has(part, exp.Window) for part in query.expressions):
        return None
    distinct, group = query.args.get("distinct"), query.args.get("group")
    if (distinct and distinct.args.get("on")) or (group and item not in group.expressions):
        return None
    aggregated = any(has(part, exp.AggFunc) for part in query.expressions)
    return item if group or not aggregated else None


def _edges(tree: exp.Query, names: set[str]) -> Iterator[_Edge]:
    finder = _Finder(tree, names)
    for select in every(tree, exp.Select):
        own = {relation.alias for relation in relations_of(select)}
        for condition in conjuncts(select.args.get("where")):
            yield from finder.equal(condition, own, own)
            yield from finder.within(condition, own)
        for relation in relations_of(select):
            join = relation.join
            if join is None or join.method or join.kind.upper() not in ("", "INNER", "CROSS", "OUTER"):
                continue
            targets = {"": own, "LEFT": {relation.alias}, "RIGHT": own - {relation.alias}}.get(join.side.upper(), set())
            for condition in conjuncts(join, "on"):
                yield from finder.equal(condition, targets, own)


class _Finder:
    """Which fetch a column comes from, through derived tables and WITH."""

    def __init__(self, tree: exp.Query, names: set[str]) -> None:
        self._fetches: dict[str, str] = {}
        self._made: dict[str, exp.Expr] = {}
        self._shared: set[str] = set()
        bodies = {cte.alias: cte.this for cte in every(tree, exp.CTE)}
        for table in every(tree, exp.Table):
            if table.name in bodies:
                self._made[table.alias_or_name] = bodies[table.name]
                self._shared.add(table.alias_or_name)
            elif table.name in names:
                self._fetches[table.alias_or_name] = table.name
        for item in every(tree, exp.Subquery):
            if item.alias and not item.args["alias"].columns:
                self._made[item.alias] = item.this

    def equal(self, condition: exp.Expr, targets: set[str], own: set[str]) -> Iterator[_Edge]:
        """`a.x = b.y`: each side reduces the other, if that is a target of this SELECT."""
        if not isinstance(condition, exp.EQ):
            return
        for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if not isinstance(one, exp.Column) or not isinstance(other, exp.Column) or one.table == other.table:
                return
            if one.table in targets and one.table in own:
                yield from self._edge(self.place(other), self.place(one, target=True))

    def within(self, condition: exp.Expr, own: set[str]) -> Iterator[_Edge]:
        """`a.x IN (SELECT b.y ...)`, both ways."""
        query = condition.args.get("query") if isinstance(condition, exp.In) else None
        inner = query.unnest() if isinstance(query, exp.Subquery) else query
        if not isinstance(inner, exp.Select) or not isinstance(condition.this, exp.Column):
            return
        item = inner.selects[0].unalias()
        if isinstance(item, exp.Column) and condition.this.table in own:
            yield from self._edge(self.place(item), self.place(condition.this, target=True))
            if _passes(inner, item):
                yield from self._edge(self.place(condition.this), self.place(item, target=True))

    def place(self, column: exp.Column, *, target: bool = False) -> _Place | None:
        """The fetch's column whose values these are; a target only where a condition may be moved down to it."""
        if fetch := self._fetches.get(column.table):
            return _Place(fetch, column.name)
        query = self._made.get(column.table)
        if not isinstance(query, exp.Select) or (target and column.table in self._shared):
            return None
        item = next((item.unalias() for item in query.selects if item.alias_or_name == column.name), None)
        if not isinstance(item, exp.Column) or (target and not _passes(query, item)):
            return None
        return self.place(item, target=target)

    def _edge(self, giver: _Place | None, target: _Place | None) -> Iterator[_Edge]:
        if giver is not None and target is not None and giver.fetch != target.fetch:
            yield _Edge(giver, target)


def _passes(query: exp.Select, column: exp.Column) -> bool:
    """True when rows of the query's result depend only on rows of its FROM with the same value of the column."""
    if any(query.args.get(key) for key in ("limit", "offset", "qualify", "windows")):
        return False
    if any(has(item, exp.Window) for item in query.expressions):
        return False
    distinct, group = query.args.get("distinct"), query.args.get("group")
    if distinct and distinct.args.get("on"):
        return False
    if group is not None:
        return column in group.expressions and not any(
            value for key, value in group.args.items() if key != "expressions"
        )
    return not any(has(item, exp.AggFunc) for item in query.expressions)
