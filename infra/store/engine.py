"""The database: SQLite in WAL mode by default, PostgreSQL by setting, brought up to date by Alembic at start."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> AsyncEngine:
    """An engine for `url`; SQLite waits up to 10 s for a lock and fsyncs at checkpoints only."""
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=10, pool_pre_ping=True)
        event.listen(engine.sync_engine, "before_cursor_execute", _without_nul, retval=True)
        return engine
    engine = create_async_engine(url, pool_size=8, connect_args={"timeout": 10})
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    return engine


def _without_nul(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """PostgreSQL's text holds no NUL: one that a person sent is kept as the replacement character."""
    many = [parameters] if isinstance(parameters, dict) else parameters
    for row in many if isinstance(many, list) else []:
        for name, value in row.items() if isinstance(row, dict) else ():
            if isinstance(value, str) and "\x00" in value:
                row[name] = value.replace("\x00", "\ufffd")
    return statement, parameters


def _tune_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(url: str) -> None:
    """Bring the schema to the newest revision; creates the SQLite file and its folder where missing."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        address = address.set(drivername="sqlite")
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            if _revision(connection) != newest():
                _upgrade(connection)
    finally:
        engine.dispose()


def newest() -> str:
    """The newest revision; its files are numbered."""
    return max(file.stem.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str:
    """The revision of the schema. Alembic itself is loaded only when there is something to do."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")


def config(connection: Connection) -> "Config":
    """Alembic's configuration on an open connection."""
    from alembic.config import Config

    alembic = Config()
    alembic.set_main_option("script_location", str(MIGRATIONS))
    alembic.attributes["connection"] = connection
    return alembic
