"""The cheapest connected tree of tables over the keys of one source or of all."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.catalog.model import Table
from knowledge.translation.labels import Labels, labels_of
from knowledge.translation.words import lemma, pieces

SHARED = 2.5
"""What it costs to join two tables only because both refer to the same row of a third."""


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

    def add(self, edge: Edge) -> None:
        """Make a key known at both its ends."""
        self.edges.setdefault(edge.many, []).append(edge)
        self.edges.setdefault(edge.one, []).append(edge)

    def distance(self, start: str, goal: str) -> int:
        """Keys between two tables; 99 when nothing joins them."""
        if start == goal:
            return 0
        path = self.path([start], goal, frozenset())
        return len(path) if path is not None else 99

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
                cost = 1.0 if key.declared else 1.3
                graph.add(Edge(label, target, tuple(zip(key.columns, key.target_columns, strict=True)), cost))
    called = _by_key_name(inside, known)
    for label, table in inside.items():
        for edge in _inferred(label, table, called, graph):
            graph.add(edge)
    return graph


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A table with one key column; `order` is its place among all."""

    order: int
    label: str
    table: Table


def _by_key_name(inside: Mapping[str, Table], known: Labels) -> dict[tuple[str, str, bool], list[tuple[str, _Keyed]]]:
    """Tables by source and by what a column that refers to them is called, wholly or at its end, with their schema.

    The schema is empty for tables whose name is in one schema only: they may be referred to from any.
    """
    found: dict[tuple[str, str, bool], list[tuple[str, _Keyed]]] = {}
    for order, (label, table) in enumerate(inside.items()):
        if len(table.primary_key) != 1:
            continue
        key = table.primary_key[0].lower()
        alone = (table.source.lower(), table.name.lower()) in known.by_name
        kept = ("*" if alone else table.schema, _Keyed(order, label, table))
        found.setdefault((table.source, f"{lemma(table.name.lower())}_{key}", True), []).append(kept)
        if key not in ("id", "name", "code"):
            found.setdefault((table.source, key, False), []).append(kept)
    return found


@lru_cache(maxsize=20_000)
def _ends(name: str) -> tuple[str, ...]:
    """A name, and what stands behind each underscore of it."""
    return (name, *(name[at + 1 :] for at, char in enumerate(name) if char == "_"))


def _inferred(
    label: str, table: Table, called: Mapping[tuple[str, str, bool], Sequence[tuple[str, _Keyed]]], graph: Graph
) -> list[Edge]:
    """Keys that nobody declared: a column of the same name (and an id-like one) as another table's only key column."""
    linked = {edge.other(label) for edge in graph.edges.get(label, ())}
    found: dict[tuple[int, int], Edge] = {}
    for place, column in enumerate(table.columns):
        name = column.name.lower()
        ends = _ends(name)
        met = [
            *called.get((table.source, name, False), ()),
            *(m for e in ends for m in called.get((table.source, e, True), ())),
        ]
        for schema, other in met:
            if other.label != label and other.label not in linked and schema in ("*", table.schema):
                pairs = ((column.name, other.table.primary_key[0]),)
                found[other.order, place] = Edge(label, other.label, pairs, 1.6)
    return [found[at] for at in sorted(found)]
