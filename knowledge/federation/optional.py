"""Which fetches an answer can do without: the sides of LEFT JOINs, and branches of a UNION."""

from collections.abc import Mapping

from sqlglot import exp

from knowledge.federation.predicates import conjuncts, null_rejecting, outside
from knowledge.federation.relations import relations_of
from knowledge.federation.walk import every, has


def optional_fetches(tree: exp.Query, sources: Mapping[str, str]) -> set[str]:
    """The names of fetches that may be empty; `sources` are the sources by fetch."""
    found: set[str] = set()
    _walk(tree, False, sources, found)
    return found


def _walk(query: exp.Expr, free: bool, sources: Mapping[str, str], found: set[str]) -> None:
    """Looks at one query; all of it can be left out when it is `free`."""
    match query:
        case exp.Subquery():
            _walk(query.this, free, sources, found)
        case exp.Union():
            sides = (query.left, query.right)
            for side, other in (sides, sides[::-1]):
                spared = _sources(side, sources).isdisjoint(_sources(other, sources))
                _walk(side, free or (spared and not _counts(side)), sources, found)
        case exp.SetOperation():
            _walk(query.left, free, sources, found)
        case exp.Select():
            _select(query, free, sources, found)


def _select(query: exp.Select, free: bool, sources: Mapping[str, str], found: set[str]) -> None:
    needed = {
        alias
        for condition in conjuncts(query.args.get("where"))
        if null_rejecting(condition)
        for alias in outside(condition)
    }
    for relation in relations_of(query):
        open_ = free or (relation.optional and relation.alias not in needed)
        if isinstance(relation.item, exp.Table):
            if open_ and relation.item.name in sources:
                found.add(relation.item.name)
        elif isinstance(relation.item, exp.Subquery):
            _walk(relation.item.this, open_ and not _counts(relation.item.this), sources, found)


def _sources(query: exp.Expr, sources: Mapping[str, str]) -> set[str]:
    return {sources[table.name] for table in every(query, exp.Table) if table.name in sources}


def _counts(query: exp.Expr) -> bool:
    """True when an empty FROM gives a row all the same: a total of nothing, which would look like a fact."""
    if isinstance(query, exp.Subquery):
        return _counts(query.this)
    if not isinstance(query, exp.Select) or query.args.get("group"):
        return False
    return any(has(item, exp.AggFunc) and not has(item, exp.Window) for item in query.expressions)
