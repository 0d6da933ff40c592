"""What answering a question needs of the world."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from knowledge.catalog.model import Catalog
from knowledge.results import Results
from knowledge.sources.port import Limits, Source
from knowledge.translation.assisted import Proposer
from knowledge.translation.model import Translator


class Catalogs(Protocol):
    """Catalogs and sources of a tenant."""

    async def catalog(self, tenant: str) -> Catalog:
        """What can be asked."""

    def source(self, tenant: str, name: str) -> Source:
        """An open source. Raises SourceUnavailable (of `knowledge.errors`) when it is not configured."""


@dataclass(frozen=True, slots=True)
class Approval:
    """When a query waits for somebody's approval, and whose. Thresholds are estimates, in rows."""

    rows_read: int
    rows_returned: int
    roles: tuple[str, ...]
    self_approval: bool
    policy: str = "query-cost-1"


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools on the table. `today` gives the date that “last month” is counted from.

    `proposer` asks the chat model, and is None where none is configured.
    """

    catalogs: Catalogs
    translator: Translator
    results: Results
    limits: Limits
    approval: Approval
    today: Callable[[], date]
    language: str = "en"
    proposer: Proposer | None = None
