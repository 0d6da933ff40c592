"""The stores of the product, as every process opens them."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from conversation.gates.clock import zone_of
from conversation.gates.inbox import Inbox
from infra.durable import migrate_queue
from infra.identity.directory import SqlDirectory
from infra.settings import Settings
from infra.store.audit import SqlAudit
from infra.store.delegations import SqlDelegations
from infra.store.engine import migrate, open_engine
from infra.store.feedback import SqlFeedback
from infra.store.gates import SqlGates
from infra.store.glossary import SqlGlossaries
from infra.store.posts import SqlPosts
from infra.store.proofs import SqlProofs
from infra.store.results import SqlResults
from infra.store.reviews import SqlReviews
from infra.store.runs import SqlRuns
from infra.store.tables import now
from infra.store.verified import SqlVerified


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that is kept in the product's database."""

    engine: AsyncEngine
    runs: SqlRuns
    gates: SqlGates
    posts: SqlPosts
    results: SqlResults
    feedback: SqlFeedback
    directory: SqlDirectory
    reviews: SqlReviews
    verified: SqlVerified
    proofs: SqlProofs
    glossary: SqlGlossaries
    delegations: SqlDelegations
    audit: SqlAudit


def inbox(settings: Settings, stores: Stores) -> Inbox:
    """What waits for a person, with times in the zone of the settings."""
    return Inbox(stores.gates, now, stores.delegations, zone_of(settings.approvals.zone))


def prepare(settings: Settings) -> None:
    """Create or migrate the database and the queue's tables. Blocking; runs once, before any process serves."""
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    migrate_queue(settings)


def open_stores(settings: Settings) -> Stores:
    """The stores, on one engine; `stores.engine.dispose()` ends them."""
    engine = open_engine(settings.database_url)
    directory = SqlDirectory(engine, settings.tenant, settings.people, open_access=settings.open_access)
    return Stores(
        engine,
        SqlRuns(engine),
        SqlGates(engine),
        SqlPosts(engine),
        SqlResults(engine),
        SqlFeedback(engine),
        directory,
        SqlReviews(engine),
        SqlVerified(engine),
        SqlProofs(engine),
        SqlGlossaries(engine),
        SqlDelegations(engine, directory),
        SqlAudit(engine),
    )
