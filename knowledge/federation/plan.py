"""What is fetched from which source, in what order, and what is done with it here."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.federation.types import PADDED, TEXT, is_number
from knowledge.guard import render

WORTH = 1_000
"""Rows for which it is worth waiting for another fetch."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a fetch, with what the catalog knows of its values.

    `kind` is DuckDB's type for it, empty where unknown; `type` the one to make of what comes, empty to take it as it
    is.
    """

    name: str
    type: str = ""
    kind: str = ""
    distinct: int | None = None
    minimum: str | None = None
    maximum: str | None = None

    @property
    def family(self) -> str:
        """Values of one family are equal in every database exactly when they are here."""
        if is_number(self.kind):
            return "number"
        return "text" if self.kind in (TEXT, PADDED) else self.kind


@dataclass(frozen=True, slots=True)
class Reduction:
    """Only rows whose `field` is among the values of `column` of the fetch `giver` can matter.

    `target` is the field within the fetched query, as its source names it; None where only its result can be asked.
    """

    giver: str
    column: str
    target: exp.Expr | None
    field: Field


@dataclass(frozen=True, slots=True)
class Fetch:
    """One query of one source. `query` is written for it, in DuckDB's dialect; `name` is its relation in the tree.

    `optional` fetches may be empty and the rest still answers the question.
    """

    name: str
    source: str
    dialect: str
    query: exp.Query
    fields: tuple[Field, ...]
    tables: tuple[str, ...]
    rows: int | None = None
    rows_read: int | None = None
    optional: bool = False
    reductions: tuple[Reduction, ...] = ()

    def sql(self, *, pretty: bool = False) -> str:
        """The query in the source's dialect, without keys shipped."""
        return render(self.query, self.dialect, pretty=pretty)


@dataclass(frozen=True, slots=True)
class Plan:
    """Fetches, and the tree over them in DuckDB's dialect. `names` are the result's columns as they were asked for.

    A plan that is `direct` has one fetch, which is the whole answer.
    """

    fetches: tuple[Fetch, ...]
    tree: exp.Query
    names: tuple[str, ...]
    direct: bool = False


def plan(query: exp.Query, catalog: Catalog, dialects: Mapping[str, str], *, worth: int = WORTH) -> Plan:
    """Splits a tree over several sources. Pure: equal arguments give equal plans, and no source is asked.

    `query` is in DuckDB's dialect with tables `source.table` or `source.schema.table`; `dialects` are sqlglot's names
    by source. A fetch that gives more than `worth` rows may wait for the keys of another. Only the tables that the
    query names are looked at. Raises Refused and NotAllowed for what can't be read.
    """
    from knowledge.federation.split import split

    return split(query, catalog, dialects, worth)
