"""What words mean here: terms, metrics, dimensions and hierarchies, tied to the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Kind = Literal["term", "metric", "dimension", "hierarchy"]
Status = Literal["draft", "proposed", "approved", "deprecated"]
"""`approved` is used as it stands, `draft` and `proposed` are used and shown as an assumption, `deprecated` is not."""
RelationKind = Literal["is-a", "part-of", "same-as", "maps-to"]
Additivity = Literal["additive", "semi-additive", "non-additive"]


@dataclass(frozen=True, slots=True)
class Place:
    """A table, a column of it, or the rows of it where `condition` holds (SQL in the source's dialect).

    `table` is written as the catalog names it, with its schema where it has one.
    """

    source: str
    table: str
    column: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to another term of the glossary by its id, or with `maps-to` to a concept elsewhere by its IRI."""

    kind: RelationKind
    other: str


@dataclass(frozen=True, slots=True)
class Metric:
    """How a number is made: `expression` is one SQL aggregate over columns of `table`, in the dialect of `source`.

    `filters` are SQL conditions that always hold, over the same table; `grain` the columns of which the table has one
    row each; `time` the column by which it is dated. `unit` is a currency code, a unit or empty; `format` one of
    number, percent, money, duration. Not additive ones are never summed from parts.
    """

    source: str
    table: str
    expression: str
    filters: tuple[str, ...] = ()
    grain: tuple[str, ...] = ()
    additivity: Additivity = "additive"
    time: str = ""
    unit: str = ""
    format: str = "number"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry. `id` is a slug, unique within the tenant, and stays when the name changes.

    `places` are what it stands for in one source or several (same-as in each); a hierarchy's `levels` are ids of
    dimensions, the widest first. `owners` are ids of people or names of roles. `version` counts its changes from 1;
    `changed_by`, `changed_at` (ISO 8601, UTC) and `note` tell of the last one. `removed` is the version of a history
    that took the term away.
    """

    id: str
    name: str
    kind: Kind = "term"
    status: Status = "draft"
    definition: str = ""
    synonyms: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    metric: Metric | None = None
    places: tuple[Place, ...] = ()
    levels: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    version: int = 0
    changed_by: str = ""
    changed_at: str = ""
    note: str = ""
    removed: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Name and synonyms, as people say them."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms of a tenant as they stand; `version` changes with any of them (part of cache keys)."""

    terms: tuple[Term, ...] = ()
    version: str = ""
    _by_id: Mapping[str, Term] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {term.id: term for term in self.terms})

    def get(self, id: str) -> Term | None:
        """The term of this id, or None."""
        return self._by_id.get(id)


EMPTY = Glossary()


class Glossaries(Protocol):
    """Where terms are kept, each change as a version of its own."""

    async def of(self, tenant: str) -> Glossary:
        """Every term as it stands; cheap when nothing changed since the last call."""

    async def put(self, tenant: str, term: Term, *, by: str, note: str = "", base: int | None = None) -> Term:
        """Write the next version of a term and give it. `base` is the version that was changed, 0 for a new term.

        Raises knowledge.errors.Conflict where another version stands meanwhile; None overwrites.
        """

    async def history(self, tenant: str, id: str = "", limit: int = 1_000) -> Sequence[Term]:
        """The versions of a term, the latest first; without `id` those of every term, the latest change first."""

    async def remove(self, tenant: str, id: str, *, by: str, note: str = "") -> bool:
        """Take a term away; its history stays. False where there is none."""
