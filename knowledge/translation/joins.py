"""The cheapest connected tree of tables over the keys of one source or of all."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.catalog.model import Table
from knowledge.translation.labels import Labels, labels_of
from knowledge.translation.words import lemma, pieces

SHARED = 2.5
"""What it costs to join two tables only because both refer to the same row of a third."""


OPTIONAL = 0.1
"""What it costs more to follow a key that some rows leave empty."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A key from `many` to `one`, column by column; `cost` is higher for keys that were only inferred."""

    many: str
    one: str
    pairs: tuple[tuple[str, str], ...]
    cost: float = 1.0

    def other(self, table: str) -> str:
        """The table at the other end."""
        return self.one if table == self.many else self.many

    def words(self) -> frozenset[str]:
        """Lemmas of the referring columns, which tell roles such as “home team” and “away team” apart."""
        return frozenset(lemma(piece) for column, _ in self.pairs for piece in pieces(column))


@dataclass
class Graph:
    """Keys between tables, which go by their labels."""

    edges: dict[str, list[Edge]] = field(default_factory=dict)
    _distances: dict[tuple[str, str], int] = field(default_factory=dict, repr=False, compare=False)

    def add(self, edge: Edge) -> None:
        """Make a key known at both its ends."""
        self.edges.setdefault(edge.many, []).append(edge)
        self.edges.setdefault(edge.one, []).append(edge)
        self._distances.clear()

    def distance(self, start: str, goal: str) -> int:
        """Keys between two tables; 99 when nothing joins them."""
        if start == goal:
            return 0
        known = self._distances.get((start, goal))
        if known is None:
            path = self.path([start], goal, frozenset())
            known = self._distances[start, goal] = len(path) if path is not None else 99
        return known

    def path(self, starts: Iterable[str], goal: str, hints: frozenset[str]) -> list[Edge] | None:
        """The cheapest path from any of the starts to the goal, in walking order; None when there is none."""
        queue: list[tuple[float, int, str, tuple[Edge, ...]]] = [(0.0, i, s, ()) for i, s in enumerate(starts)]
        seen: set[tuple[str, bool]] = set()
        tie = len(queue)
        while queue:
            cost, _, here, walked = heapq.heappop(queue)
            if here == goal:
                return list(walked)
            up = bool(walked) and walked[-1].one == here
            if (here, up) in seen:
                continue
            seen.add((here, up))
            for edge in self.edges.get(here, ()):
                tie += 1
                turn = SHARED if up and edge.one == here else 0.0
                heapq.heappush(queue, (cost + _cost(edge, hints) + turn, tie, edge.other(here), (*walked, edge)))
        return None

    def star(self, centre: str, tables: list[str], hints: frozenset[str]) -> list[Edge] | None:
        """Edges by which each row of `centre` finds its one row of every table, each touching those before.

        What is measured says whose region is meant: that of the customer who ordered, not that of the supplier of a
        product that is shown as well. None where a table has several rows for one of the centre.
        """
        found: dict[Edge, None] = {}
        for table in tables:
            here, path = centre, self.path([centre], table, hints)
            for edge in path or ():
                if edge.many != here:
                    return None
                here = edge.one
                found[edge] = None
            if here != table:
                return None
        return _touching(tables[0], list(found))

    def tree(self, tables: list[str], hints: frozenset[str]) -> list[Edge] | None:
        """Edges that connect all tables, each next edge touching what is connected already; None when impossible."""
        inside, edges, missing = [tables[0]], [], list(dict.fromkeys(tables[1:]))
        while missing:
            paths = [(self.path(inside, table, hints), table) for table in missing if table not in inside]
            found = [(sum(_cost(e, hints) for e in path), table, path) for path, table in paths if path is not None]
            if len(found) < len(paths):
                return None
            if not found:
                break
            _, table, path = min(found, key=lambda entry: (entry[0], missing.index(entry[1])))
            edges.extend(path)
            inside.extend(name for edge in path for name in (edge.many, edge.one) if name not in inside)
            missing.remove(table)
        return edges


def _touching(start: str, edges: list[Edge]) -> list[Edge]:
    """The edges in an order in which each touches the start or one before."""
    inside, ordered, left = {start}, [], list(edges)
    while left:
        edge = next(e for e in left if e.many in inside or e.one in inside)
        inside |= {edge.many, edge.one}
        ordered.append(edge)
        left.remove(edge)
    return ordered


def _cost(edge: Edge, hints: frozenset[str]) -> float:
    return edge.cost - 0.2 * min(2, len((edge.words() - {"id", "code"}) & hints))


def graph_of(tables: Iterable[Table], known: Labels | None = None) -> Graph:
    """The graph of the keys, within sources and between them; `known` has the labels of these tables and of others.

    Tables of one source that no key joins get keys inferred from equal column names.
    """
    tables = tuple(tables)
    known = known or labels_of(tables)
    graph = Graph()
    inside = {known.of(table): table for table in tables}
    for label, table in inside.items():
        for key in table.keys:
            target = known.target(table, key)
            if target in inside and len(key.columns) == len(key.target_columns):
                cost = (1.0 if key.declared else 1.3) + (OPTIONAL if _may_lack(table, key.columns) else 0.0)
                graph.add(Edge(label, target, tuple(zip(key.columns, key.target_columns, strict=True)), cost))
    called = _by_key_name(inside, known)
    for label, table in inside.items():
        for edge in _inferred(label, table, called, graph):
            graph.add(edge)
    return graph


def _may_lack(table: Table, columns: Iterable[str]) -> bool:
    empty = {column.name for column in table.columns if column.nulls}
    return bool(empty & set(columns))


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A table with one key column. `order` is its place among all; `schema` is None where any may refer to it."""

    order: int
    label: str
    key: str
    schema: str | None


@dataclass(slots=True)
class _Called:
    """Tables of one source by what a column that refers to them is called: wholly, or at its end."""

    wholly: dict[str, list[_Keyed]] = field(default_factory=dict)
    ending: dict[str, list[_Keyed]] = field(default_factory=dict)
    last: set[str] = field(default_factory=set)

    def met(self, name: str) -> Iterator[_Keyed]:
        """The tables that a column of this name may refer to."""
        if name.rpartition("_")[2] in self.last:
            yield from self.wholly.get(name, ())
            for end in _ends(name):
                yield from self.ending.get(end, ())


def _by_key_name(inside: Mapping[str, Table], known: Labels) -> dict[str, _Called]:
    found: dict[str, _Called] = {}
    for order, (label, table) in enumerate(inside.items()):
        called = found.setdefault(table.source, _Called())
        if len(table.primary_key) == 1:
            alone = (table.source.lower(), table.name.lower()) in known.by_name
            made = _Keyed(order, label, table.primary_key[0], None if alone else table.schema)
            key = made.key.lower()
            called.ending.setdefault(f"{lemma(table.name.lower())}_{key}", []).append(made)
            called.last.add(key.rpartition("_")[2])
            if key not in ("id", "name", "code"):
                called.wholly.setdefault(key, []).append(made)
    return found


@lru_cache(maxsize=20_000)
def _ends(name: str) -> tuple[str, ...]:
    """A name, and what stands behind each underscore of it."""
    return (name, *(name[at + 1 :] for at, char in enumerate(name) if char == "_"))


def _inferred(label: str, table: Table, called: Mapping[str, _Called], graph: Graph) -> list[Edge]:
    """Keys that nobody declared: a column of the same name (and an id-like one) as another table's only key column."""
    linked = {edge.other(label) for edge in graph.edges.get(label, ())} | {label}
    found: dict[tuple[int, int], Edge] = {}
    for place, column in enumerate(table.columns):
        for other in called[table.source].met(column.name.lower()):
            if other.label not in linked and other.schema in (None, table.schema):
                found[other.order, place] = Edge(label, other.label, ((column.name, other.key),), 1.6)
    return [found[at] for at in sorted(found)]
