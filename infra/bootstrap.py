"""The worker's core: every adapter that a turn needs, built as the settings say."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from redis.asyncio import Redis

from conversation.allowance import Allowance
from conversation.channel import Channel, Delivery
from conversation.gates import Deciders
from conversation.gates.ceremony import Ceremony
from conversation.gates.clock import QuietHours, Times, zone_of
from conversation.run import Flow
from conversation.turn import Ports, TurnHandler
from graphs.admin.flow import ChangesFlow
from graphs.delegation.flow import DelegationFlow, Office
from graphs.documents.beside import WithDocuments
from graphs.documents.flow import DocumentsFlow
from graphs.help.flow import HelpFlow
from graphs.inbox.flow import InboxFlow
from graphs.nlq.desk import Approval, Desk
from graphs.nlq.graph import NlqFlow
from graphs.review.complaints import AnswerComplaints
from graphs.review.flow import ReviewFlow
from graphs.review.noticing import Noticing
from graphs.review.proposing import ProposalsFlow
from graphs.review.terms import TermsFlow
from graphs.review.trail import Trail
from infra.allowance import MemoryAllowance, RedisAllowance
from infra.cache import cached
from infra.catalogs import StoredCatalogs
from infra.channels import channels
from infra.documents import LibraryDocuments, kept_in_step
from infra.joining import bounds, join_engine
from infra.models.proposer import proposer
from infra.rescan import kept_fresh
from infra.reviewing import chores, kept_up, shelf
from infra.risk import risks
from infra.schemas import JsonSchemas
from infra.secrets import Secrets
from infra.settings import Approvals, Settings
from infra.store.results import SqlResults
from infra.store.tables import now
from infra.stores import inbox, open_stores
from knowledge.asker import Asker
from knowledge.federation import DirectEngine, Engine, Sources
from knowledge.glossary import Glossaries
from knowledge.policy import OPEN, Policy
from knowledge.sources.port import Limits
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context
from knowledge.translation.synonyms.vectors import WordVectors
from knowledge.values.index import ValueIndex
from knowledge.values.port import Values
from knowledge.verified import VerifiedQueries


def allowance(settings: Settings) -> Allowance:
    """Counted in Redis where there is one, otherwise in this worker."""
    address, most = settings.redis.get_secret_value(), settings.answers.questions_per_minute
    return RedisAllowance(Redis.from_url(address), most) if address else MemoryAllowance(most)


@contextmanager
def answering(settings: Settings, catalogs: Sources) -> Iterator[Engine]:
    """What runs queries, with the asker's rights and a cache around it. Raises OperatorError for wrong settings."""
    rules = _rules(settings)
    direct = DirectEngine(catalogs, rules, bounds(settings.joins), join_engine(settings.joins))
    try:
        yield cached(settings, direct, catalogs, rules)
    finally:
        direct.close()


def times(approvals: Approvals) -> Times:
    """When people are reminded of what waits for them, when others are asked too, and when it expires."""
    start, end = (time.fromisoformat(at) if at else time() for at in (approvals.quiet_start, approvals.quiet_end))
    weekend = frozenset((5, 6)) if approvals.quiet_weekend else frozenset[int]()
    return Times(
        remind=approvals.remind_hours * 3600,
        escalate=approvals.escalate_hours * 3600,
        due=approvals.due_hours * 3600,
        reopened=approvals.reopen_hours * 3600,
        escalate_to=Deciders(roles=approvals.escalate_to),
        quiet=QuietHours(start, end, approvals.zone, weekend),
    )


def _rules(settings: Settings) -> Policy:
    """The data policy of the settings; Rego is loaded where there is one only."""
    if not settings.policy:
        return OPEN
    from infra.policy import policy

    return policy(settings)


def desk(
    settings: Settings,
    engine: Engine,
    results: SqlResults,
    values: Values,
    verified: VerifiedQueries | None = None,
    glossary: Glossaries | None = None,
) -> Desk:
    """What answering questions needs."""
    answers = settings.answers
    return Desk(
        engine=engine,
        translator=RuleTranslator(values, embeddings=WordVectors(Path(answers.vectors)) if answers.vectors else None),
        results=results,
        limits=Limits(answers.rows, answers.seconds, answers.bytes),
        approval=Approval(
            answers.approval_rows_read, answers.approval_rows_returned, answers.approvers, answers.self_approval
        ),
        today=lambda: datetime.now(UTC).date(),
        language=answers.language,
        proposer=proposer(settings.model),
        verified=verified,
        glossary=glossary,
        risks=risks(settings),
    )


def with_documents(settings: Settings, data: Flow) -> tuple[Flow, ...]:
    """The flow for data, and where folders of documents are configured what answers from these."""
    if not settings.documents:
        return (data,)
    documents = LibraryDocuments(settings)
    return DocumentsFlow(documents), WithDocuments(data, documents)


@asynccontextmanager
async def turn_handler(settings: Settings) -> AsyncIterator[TurnHandler]:
    """The worker's core with every channel; its catalogs are loaded, so that the first question is a quick one."""
    async with AsyncExitStack() as stack:
        stores = open_stores(settings)
        stack.push_async_callback(stores.engine.dispose)
        secrets = Secrets(settings.secrets)
        stack.push_async_callback(secrets.close)
        values = ValueIndex(settings.values)
        stack.callback(values.close)
        catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources, secrets, settings.breaker, values)
        stack.push_async_callback(catalogs.close)
        saver = await stack.enter_async_context(checkpointer(settings))
        reach: Mapping[str, Channel] = await stack.enter_async_context(channels(settings, stores))
        await stack.enter_async_context(kept_fresh(catalogs, settings.scan_hours))
        await stack.enter_async_context(kept_in_step(settings))
        engine = stack.enter_context(answering(settings, catalogs))
        table = desk(settings, engine, stores.results, values, stores.verified, stores.glossary)
        # Builds the translator's index, so that the first person does not wait for it.
        table.translator.translate("how many", await engine.catalog(Asker(settings.tenant, "")), Context(table.today()))
        delivery = Delivery(reach, stores.posts)
        office = Office(
            stores.delegations,
            stores.directory,
            delivery,
            now,
            zone_of(settings.approvals.zone),
            settings.approvals.delegation_days,
        )
        questions = NlqFlow(table, saver)
        *others, asked = with_documents(settings, questions)
        trail = Trail(stores.audit, now)
        wanted = shelf(settings, stores, table, questions, delivery, risks(settings), trail)
        await stack.enter_async_context(
            kept_up(chores(settings, stores, wanted, catalogs, times(settings.approvals).quiet))
        )
        yield TurnHandler(
            Ports(
                directory=stores.directory,
                runs=stores.runs,
                gates=stores.gates,
                delivery=delivery,
                feedback=stores.feedback,
                flows=(
                    HelpFlow(engine),
                    InboxFlow(inbox(settings, stores)),
                    DelegationFlow(office),
                    ChangesFlow(catalogs),
                    ReviewFlow(wanted),
                    ProposalsFlow(stores.glossary, engine.catalog, wanted.changing),
                    TermsFlow(table, stores.glossary, wanted.changing, questions),
                    *others,
                    Noticing(asked, table, stores.reviews, trail, settings.reviews.unsure),
                ),
                now=now,
                allowance=allowance(settings),
                complaints=AnswerComplaints(table, stores.runs, stores.reviews, trail),
                ceremony=Ceremony(settings.server.public_url, JsonSchemas(), stores.proofs),
                delegations=stores.delegations,
                times=times(settings.approvals),
            )
        )


@asynccontextmanager
async def checkpointer(settings: Settings) -> AsyncIterator["BaseCheckpointSaver[Any]"]:
    """LangGraph's checkpoints: a SQLite file in the data folder, or the configured PostgreSQL."""
    if settings.database.startswith("postgres"):
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

        async with AsyncPostgresSaver.from_conn_string(settings.database) as postgres:
            await postgres.setup()
            yield postgres
        return
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(settings.data / "checkpoints.sqlite")) as sqlite:
        await sqlite.setup()
        yield sqlite
