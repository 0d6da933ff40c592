"""The tables of gates, of who can act on them, and of the audit log."""

from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from infra.store.tables import now


class GateRow(SQLModel, table=True):
    """One gate: `record` is all of it; the other columns are what is searched by, taken from it.

    `next_at` is when something has to be done about it, empty for never. `version` grows with every change.
    """

    __tablename__ = "gate"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    run: str = Field(index=True)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str
    state: str = Field(default="open")
    stage: int = 0
    revision: int = 1
    votes: int = 0
    next_at: str = Field(default="", index=True)
    version: int = 1
    created_at: str = Field(default_factory=now, index=True)

    __table_args__ = (Index("ix_gate_waiting", "tenant", "state", "created_at"),)


class GateDeciderRow(SQLModel, table=True):
    """A way to an open gate: `subject` is `role:R`, `user:U` or `group:G` of its current stage.

    `asker` is who can not act on it although they belong, empty where they can. A gate that is not open has no rows.
    """

    __tablename__ = "gate_decider"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    created_at: str = Field(primary_key=True)
    gate: str = Field(primary_key=True, index=True)
    asker: str = ""
    revision: int = 1


class GatePersonRow(SQLModel, table=True):
    """What a person last saw of a gate, and the newest revision that they voted on; 0 for none."""

    __tablename__ = "gate_person"

    gate: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    tenant: str
    seen: int = 0
    voted: int = 0


class AuditRow(SQLModel, table=True):
    """One entry of the audit log: `conversation.audit.Entry`. Triggers refuse every change and removal."""

    __tablename__ = "audit_entry"

    tenant: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: str
    actor: str
    acting_for: str = ""
    channel: str = ""
    what: str
    subject: str
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    previous: str
    digest: str

    __table_args__ = (Index("ix_audit_entry_subject", "tenant", "subject", "seq"),)


class AuditHeadRow(SQLModel, table=True):
    """The end of a tenant's audit log, kept apart, so that a log that was cut off is found. It only grows."""

    __tablename__ = "audit_head"

    tenant: str = Field(primary_key=True)
    seq: int = 0
    digest: str = ""
