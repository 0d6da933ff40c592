"""The table of delegations."""

from sqlmodel import Field, SQLModel

from infra.store.tables import now


class DelegationRow(SQLModel, table=True):
    """Who decides in whose place, and for how long; times in UTC, as `infra.store.tables.now` writes them."""

    __tablename__ = "delegation"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    giver: str = Field(index=True)
    receiver: str = Field(index=True)
    since: str
    until: str = Field(index=True)
    reason: str = ""
    ended_at: str = ""
    created_at: str = Field(default_factory=now)
