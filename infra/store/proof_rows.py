"""The table of fresh sign-ins."""

from sqlmodel import Field, SQLModel

from infra.store.tables import now


class ProofRow(SQLModel, table=True):
    """Somebody signed in anew for one action; `activity` is what it was spent on, empty before."""

    __tablename__ = "proof"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    person: str = Field(index=True)
    gate: str
    digest: str
    at: str
    activity: str = Field(default="", index=True)
    created_at: str = Field(default_factory=now, index=True)
