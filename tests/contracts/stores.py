"""The stores that run through the contract suite; a new implementation adds one line to `KINDS`."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from conversation.audit import Audit
from conversation.channel import Posts
from conversation.directory import Directory
from conversation.gates import Gates
from conversation.gates.delegation import Delegations
from conversation.principal import Principal
from conversation.review import Reviews
from conversation.run import Runs
from infra.identity.directory import SqlDirectory
from infra.settings import Person
from infra.store.audit import SqlAudit
from infra.store.delegations import SqlDelegations
from infra.store.engine import migrate, open_engine
from infra.store.gates import SqlGates
from infra.store.glossary import SqlGlossaries
from infra.store.posts import SqlPosts
from infra.store.results import SqlResults
from infra.store.reviews import SqlReviews
from infra.store.runs import SqlRuns
from infra.store.verified import SqlVerified
from knowledge.glossary import Glossaries
from knowledge.results import Results
from knowledge.verified import VerifiedQueries
from tests.fakes.delegations import MemoryDelegations
from tests.fakes.directory import MemoryDirectory
from tests.fakes.gates import MemoryGates
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.posts import MemoryPosts
from tests.fakes.results import MemoryResults
from tests.fakes.reviews import MemoryReviews
from tests.fakes.runs import MemoryRuns
from tests.fakes.verified import MemoryVerified

PEOPLE = (
    Person(id="ada", name="Ada", roles=("analyst",), groups=("sales",)),
    Person(id="ben", name="Ben", roles=("approver",), identities=("slack:T1:U2",)),
)


@dataclass(frozen=True, slots=True)
class Stores:
    """One implementation of each port that keeps something."""

    runs: Runs
    gates: Gates
    posts: Posts
    results: Results
    directory: Directory
    delegations: Delegations
    reviews: Reviews
    verified: VerifiedQueries
    glossary: Glossaries
    audit: Audit


Opener: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Stores]]


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Stores]:
    """The in-memory twins."""
    directory = MemoryDirectory({"U2": Principal("ben", "acme", "Ben", ("approver",))})
    gates = MemoryGates()
    yield Stores(
        MemoryRuns(),
        gates,
        MemoryPosts(),
        MemoryResults(),
        directory,
        MemoryDelegations(directory, gates.audit),
        MemoryReviews(),
        MemoryVerified(),
        MemoryGlossaries(),
        gates.audit,
    )


def _on(engine: AsyncEngine) -> Stores:
    directory = SqlDirectory(engine, "acme", PEOPLE)
    return Stores(
        SqlRuns(engine),
        SqlGates(engine),
        SqlPosts(engine),
        SqlResults(engine),
        directory,
        SqlDelegations(engine, directory),
        SqlReviews(engine),
        SqlVerified(engine),
        SqlGlossaries(engine),
        SqlAudit(engine),
    )


@cache
def migrated() -> Path:
    """An empty database with every table, made once for each test process: copying it is quicker than migrating."""
    folder = Path(tempfile.mkdtemp(prefix="quillux-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'quillux.sqlite'}")
    return folder / "quillux.sqlite"


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Stores]:
    """The stores of the product on SQLite."""
    shutil.copy(migrated(), folder / "quillux.sqlite")
    url = f"sqlite+aiosqlite:///{folder / 'quillux.sqlite'}"
    engine = open_engine(url)
    try:
        yield _on(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def postgres(address: str) -> AsyncIterator[Stores]:
    """The stores of the product on a PostgreSQL server, emptied first."""
    url = address.replace("postgresql://", "postgresql+psycopg://", 1)
    migrate(url)
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            # As a superuser: the triggers of the audit log would refuse it.
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in reversed(SQLModel.metadata.sorted_tables):
                await connection.execute(table.delete())
        yield _on(engine)
    finally:
        await engine.dispose()


KINDS: dict[str, Opener] = {"memory": memory, "sqlite": sqlite}
