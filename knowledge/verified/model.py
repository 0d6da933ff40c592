"""A question and the query that a person approved for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["value", "number", "period"]


@dataclass(frozen=True, slots=True)
class Place:
    """A literal of the query, by its position among all literals of the tree (`sqlglot`'s order of `find_all`).

    `text` is what stands there. `form` says how a period gives it: `start`, `end`, `last` (its last day) or `day` (a
    single one), a colon, and a format of `strftime`; it is empty for values and numbers.
    """

    at: int
    text: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that stands both in the question and in the query, so that another may stand there.

    `said` are the question's own words. `column` is (source, schema, table, column) of a value, whose other values may
    stand there; `whole` numbers stay whole.
    """

    kind: Kind
    said: str
    places: tuple[Place, ...]
    column: tuple[str, str, str, str] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A table that the query reads, with the kind of each column (`number EUR`) as it was at approval."""

    source: str
    schema: str
    table: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VerifiedQuery:
    """An approved pair. `sql` is in `dialect`; `day` (ISO) is the one that “last month” was counted from.

    `approved_by` is a name for people, `approved_at` an ISO time in UTC. `catalog` is the version it was approved
    under, and `reads` what would have to change for it to be stale. `scope` names roles or groups for whom it is;
    empty: for everybody of the tenant who may see all that it reads.
    `terms` are the approved terms of its question, each with a digest of what it stood for (`verified.terms`).
    """

    id: str
    tenant: str
    name: str
    question: str
    sql: str
    source: str
    dialect: str
    day: str
    approved_by: str
    approved_at: str
    catalog: str
    reads: tuple[Reading, ...]
    parameters: tuple[Parameter, ...] = ()
    scope: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()

    @property
    def made_by(self) -> str:
        """Who vouches for it, for receipts and cards."""
        return f"verified by {self.approved_by} on {self.approved_at[:10]}"


class VerifiedQueries(Protocol):
    """Where verified queries are kept. Every look-up is bound to a tenant."""

    async def of(self, tenant: str) -> Sequence[VerifiedQuery]:
        """All of a tenant, oldest first; the same object again for as long as none was added, changed or removed."""

    async def get(self, tenant: str, id: str) -> VerifiedQuery | None:
        """One by its id, or None."""

    async def put(self, query: VerifiedQuery) -> None:
        """Keep it, in place of one with the same id."""

    async def remove(self, tenant: str, id: str) -> bool:
        """Forget it; False when there is none."""
