"""The same thing in several places: columns of different sources that hold the same values under like names."""

from collections import defaultdict
from collections.abc import Iterator

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.enrichment.model import Evidence, Proposal
from knowledge.enrichment.naming import place_name, plain, slug, spoken, thing
from knowledge.glossary import Place, Term

SHARED = 0.5
"""Share of the smaller column's values that the other must hold."""
FEWEST = 3
"""Common values below which likeness is an accident."""
_BARE = frozenset({"name", "code", "type", "status", "title", "description", "kind", "label", "value"})


def mappings(catalog: Catalog) -> Iterator[Proposal]:
    """One dimension for columns of several sources, each pair of which shares values."""
    named: dict[str, list[tuple[Table, Column]]] = defaultdict(list)
    for table in catalog.tables:
        for column in table.columns:
            if plain(column) and column.type is DataType.TEXT and not column.tags and len(column.values) >= FEWEST:
                named[_name(table, column)].append((table, column))
    for name, columns in named.items():
        first = columns[0]
        alike = [first, *(other for other in columns[1:] if other[0].source != first[0].source and _same(first, other))]
        if len(alike) > 1:
            yield _one(name, alike)


def _name(table: Table, column: Column) -> str:
    name = spoken(column.name)
    return f"{thing(table)} {name}" if name in _BARE else name


def _same(one: tuple[Table, Column], other: tuple[Table, Column]) -> bool:
    return _share(one[1], other[1]) >= SHARED and len(_values(one[1]) & _values(other[1])) >= FEWEST


def _one(name: str, columns: list[tuple[Table, Column]]) -> Proposal:
    places = tuple(Place(table.source, place_name(table), column.name) for table, column in columns)
    written = [f"{place.source}.{place.table}.{place.column}" for place in places]
    (_, first), *others = columns
    least = min(_share(first, other) for _, other in others)
    examples = ", ".join(sorted(_values(first) & _values(others[0][1]))[:3])
    proof = Evidence(
        "values", f"{' and '.join(written)} share values such as {examples}; at least {least:.0%} of the smaller."
    )
    term = Term(slug(name), name, "dimension", places=places)
    return Proposal(
        "mapping", f"Say that “{name}” is the same in {len(places)} sources", min(0.9, 0.4 + least / 2), (proof,), term
    )


def _share(one: Column, other: Column) -> float:
    a, b = _values(one), _values(other)
    return len(a & b) / max(1, min(len(a), len(b)))


def _values(column: Column) -> frozenset[str]:
    return frozenset(value.strip().casefold() for value in column.values)
