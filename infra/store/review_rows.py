"""Tables around reviews: checks of verified queries, and what experts were told when."""

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class VerifiedCheckRow(SQLModel, table=True):
    """The latest check of a verified query; `record` holds what it gave."""

    __tablename__ = "verified_check"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: str
    state: str
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class ReviewToldRow(SQLModel, table=True):
    """When an expert was last told of new items (`notice`), shown the week (`digest`); of nobody, the last `check`."""

    __tablename__ = "review_told"

    tenant: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    at: str
