"""Descriptions of columns of which nobody wrote any, from the name, the values and the unit."""

from collections.abc import Iterator

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.enrichment.model import Evidence, Proposal
from knowledge.enrichment.naming import place_name, plain, slug, whole_name
from knowledge.glossary import Place, Term

LISTED = 5
"""Values that a description names."""
CODES = 30
"""Different values up to which a text column is a list of kinds."""


def descriptions(catalog: Catalog) -> Iterator[Proposal]:
    """A dimension for each column by which answers are grouped; a comment in the database says it already."""
    for table in catalog.tables:
        for column in table.columns:
            if plain(column) and not (column.tags or column.comment) and (found := _described(table, column)):
                yield found


def _described(table: Table, column: Column) -> Proposal | None:
    told = list(_told(table, column))
    if not told:
        return None
    name = whole_name(table, column)
    term = Term(
        id=slug(name),
        name=name,
        kind="dimension",
        definition=" ".join(sentence for sentence, _ in told),
        places=(Place(table.source, place_name(table), column.name),),
    )
    return Proposal("description", f"Describe “{name}”", 0.5, tuple(proof for _, proof in told), term)


def _told(table: Table, column: Column) -> Iterator[tuple[str, Evidence]]:
    """Sentences about a column, each with what it was made from; nothing where only the name speaks."""
    where = f"{place_name(table)}.{column.name}"
    if column.type is DataType.TEXT and column.values and 1 < (column.distinct or 0) <= CODES:
        shown = ", ".join(value[:40] for value in column.values[:LISTED])
        more = f" and {column.distinct - LISTED} more" if column.distinct and column.distinct > LISTED else ""
        said = f"{where} has {column.distinct} different values; the most frequent is “{column.values[0][:40]}”."
        yield f"One of {shown}{more}.", Evidence("values", said)
    elif column.type.temporal and column.minimum and column.maximum:
        span = f"from {column.minimum[:10]} to {column.maximum[:10]}"
        yield f"Known {span}.", Evidence("values", f"{where} runs {span}.")
    elif column.unit:
        yield f"In {column.unit}.", Evidence("name", f"{where} is in {column.unit}.")
