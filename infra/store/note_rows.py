"""The table of what experts said of keys and tags."""

from sqlmodel import Field, SQLModel

from infra.store.tables import now


class CatalogNoteRow(SQLModel, table=True):
    """One fact about the catalog, confirmed or refuted; the latest word counts."""

    __tablename__ = "catalog_note"

    tenant: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    column: str = Field(primary_key=True)
    aspect: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    confirmed: bool
    said_by: str
    said_at: str = Field(default_factory=now)
