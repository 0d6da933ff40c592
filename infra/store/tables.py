"""Every table of the product. Each row carries its tenant."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


def now() -> str:
    """The current time in UTC, ISO 8601 with microseconds: sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class RunRow(SQLModel, table=True):
    """One run. `card`, `memory`, `place` and `asked_by` are the JSON of `conversation.codec`."""

    __tablename__ = "run"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    place_key: str = Field(index=True)
    place: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    person: str = Field(index=True)
    asked_by: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    text: str
    flow: str = ""
    state: str = Field(default="submitted", index=True)
    card: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    memory: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    stop_asked: bool = False
    created_at: str = Field(default_factory=now, index=True)
    finished_at: str = ""
    card_key: str = ""


class PostRow(SQLModel, table=True):
    """A card that was or is about to be posted; `message` is None between reservation and record."""

    __tablename__ = "post"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    topic: str = Field(default="", index=True)
    place_key: str = Field(default="", index=True)
    message: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: str = Field(default_factory=now)


class PersonPlaceRow(SQLModel, table=True):
    """Where a person was last met alone, per channel."""

    __tablename__ = "person_place"

    tenant: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    principal: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    place: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    met_at: str = Field(default_factory=now)


class ResultRow(SQLModel, table=True):
    """The rows of an answer as Parquet."""

    __tablename__ = "result"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    rows: int
    parquet: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: str = Field(default_factory=now, index=True)


class FeedbackRow(SQLModel, table=True):
    """What a person thought of an answer; the latest word counts."""

    __tablename__ = "feedback"

    tenant: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    value: str
    reason: str = ""
    created_at: str = Field(default_factory=now)


class VerifiedQueryRow(SQLModel, table=True):
    """A verified query; `record` is the JSON of `knowledge.verified.codec`."""

    __tablename__ = "verified_query"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    source: str
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: str = Field(default_factory=now)
    changed_at: str = Field(default_factory=now, index=True)


class ReviewRow(SQLModel, table=True):
    """A review item; `record` is the item without its decision, which is set once, by the first to decide.

    `people`, `assignee`, `asked` and `change` stand for those of the record.
    """

    __tablename__ = "review"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    fingerprint: str = Field(index=True)
    kind: str
    status: str = Field(default="open", index=True)
    people: int = 1
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    decision: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    version: str = Field(default="", sa_column_kwargs={"server_default": ""})
    assignee: str = Field(default="", sa_column_kwargs={"server_default": ""})
    asked: str = Field(default="", sa_column_kwargs={"server_default": ""})
    change: str = Field(default="", sa_column_kwargs={"server_default": ""}, index=True)
    created_at: str = Field(default_factory=now)


class ComplaintRow(SQLModel, table=True):
    """What one person said of an answer; the latest word counts."""

    __tablename__ = "complaint"

    tenant: str = Field(primary_key=True)
    review: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: str = Field(default_factory=now)


class CatalogRow(SQLModel, table=True):
    """The present catalog of one source: `version` changes with anything in it, `snapshot` names what it is made of."""

    __tablename__ = "catalog"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    address_digest: str
    version: str
    snapshot: str
    links: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    scanned_at: str = Field(default_factory=now)


class CatalogSnapshotRow(SQLModel, table=True):
    """A source as one scan found it: the digests of its tables, in their order; `changes` since the one before."""

    __tablename__ = "catalog_snapshot"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    source: str = Field(index=True)
    version: str
    dialect: str
    digests: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    taken_at: str = Field(default_factory=now)


class CatalogTableRow(SQLModel, table=True):
    """One table by its digest, as `knowledge.catalog.codec.pack` made it; snapshots share what did not change."""

    __tablename__ = "catalog_table"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CatalogEntryRow(SQLModel, table=True):
    """A table as it was last measured: `knowledge.catalog.ledger.Entry`."""

    __tablename__ = "catalog_entry"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    schema_name: str = Field(primary_key=True)
    table_name: str = Field(primary_key=True)
    structure: str
    position: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    measured_at: str
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    open: bool = True


class TeamsReferenceRow(SQLModel, table=True):
    """How a Teams conversation is reached without having been spoken to."""

    __tablename__ = "teams_reference"

    tenant: str = Field(primary_key=True)
    place_key: str = Field(primary_key=True)
    person: str = Field(default="", index=True)
    reference: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    met_at: str = Field(default_factory=now)


class WorkerRow(SQLModel, table=True):
    """The last sign of life of a worker; `tenant` is empty, for a worker serves them all."""

    __tablename__ = "worker"

    executor: str = Field(primary_key=True)
    tenant: str = ""
    seen_at: str = Field(default_factory=now)
