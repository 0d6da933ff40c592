"""What asks for data, and what comes back: one query tree over one source or many, on behalf of one person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.receipt import Step
from knowledge.sources.port import Estimate, Limits, Source

EVERYWHERE = "*"
"""The source of a query over several sources. Its dialect is DuckDB's; its tables are written `source.table`, or
`source.schema.table` where the schema is not the source's default one."""


@dataclass(frozen=True, slots=True)
class Request:
    """A query tree in the dialect of `source` (or `EVERYWHERE`), for a person, within limits.

    `partial` is set when the person asked for an answer without the sources that fail.
    """

    query: exp.Expr
    source: str
    asker: Asker
    limits: Limits = field(default_factory=Limits)
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows, and how they came: each step that ran, the policies applied, the sources that were left out."""

    table: pa.Table
    steps: tuple[Step, ...]
    policies: tuple[str, ...] = ()
    cached: bool = False
    missing: tuple[str, ...] = ()


class Sources(Protocol):
    """Catalogs and open sources of a tenant."""

    async def catalog(self, tenant: str) -> Catalog:
        """Everything of the tenant, whoever may see it."""

    def source(self, tenant: str, name: str) -> Source:
        """An open source. Raises SourceUnavailable when it is not configured."""


class Engine(Protocol):
    """Answers requests. All methods raise the errors of `knowledge.errors`; nothing runs before all checks passed."""

    async def catalog(self, asker: Asker) -> Catalog:
        """What this person may ask about."""

    async def estimate(self, request: Request) -> Estimate:
        """What the request will take, after the same checks as for running it."""

    async def run(self, request: Request) -> Answer:
        """All rows as one table. Cancelling the task cancels the queries in their databases."""

    def stream(self, request: Request) -> AsyncIterator[pa.RecordBatch]:
        """The rows as they come, for results that should not be held in memory; the first batch has the schema."""
