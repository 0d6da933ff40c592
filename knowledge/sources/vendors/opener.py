"""From an address of a vendor to a source."""

import sqlalchemy as sa

from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening
from knowledge.sources.port import Source
from knowledge.sources.sdk.database import DatabaseSource
from knowledge.sources.vendors.records import VENDORS, Vendor


def vendor(opening: Opening) -> Source:
    """`scheme://...` as the vendor's SQLAlchemy dialect takes it; `scheme+driver://` for another of its drivers."""
    return open_with(VENDORS[_scheme(opening.address).partition("+")[0]], opening)


def open_with(record: Vendor, opening: Opening) -> Source:
    """A source of this vendor."""

    def engine(address: str) -> sa.Engine:
        record.before()
        try:
            return sa.create_engine(alchemical(record, address), poolclass=sa.NullPool)
        except ImportError as error:
            raise SourceUnavailable(
                f"The driver for {record.title} can't be loaded: {error.name or error.msg}.",
                next_step="Install what it needs on this machine; for SQL Server unixODBC and Microsoft's driver.",
            ) from None

    return DatabaseSource(opening, engine, record.speech)


def alchemical(record: Vendor, address: str) -> str:
    """The address with SQLAlchemy's scheme; one that names a driver keeps it."""
    scheme = _scheme(address)
    return address if "+" in scheme else f"{record.driver}{address[len(scheme) :]}"


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()
