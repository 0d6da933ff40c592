"""The tables of the glossary. Each row carries its tenant."""

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from infra.store.tables import now


class GlossaryRow(SQLModel, table=True):
    """How often the glossary of a tenant was changed: what every process looks at, and what writers wait for."""

    __tablename__ = "glossary"

    tenant: str = Field(primary_key=True)
    changes: int = 0


class TermRow(SQLModel, table=True):
    """One version of a term. `record` is the JSON of `knowledge.glossary.codec`; changes of a tenant are counted."""

    __tablename__ = "term"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    change: int = Field(index=True)
    latest: bool = Field(default=True, index=True)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: str = Field(default_factory=now)
