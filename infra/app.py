"""The server process: verifies, accepts, acknowledges and shows. Turns are worked off elsewhere, by the worker."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlmodel import col
from starlette.requests import Request

from conversation.directory import Accept
from conversation.gates.ceremony import Ceremony
from conversation.home import Home
from conversation.principal import Principal, Sender
from infra.catalogs import StoredCatalogs
from infra.channels import slack_settings, teams_settings
from infra.cli.version import current
from infra.durable import TurnQueue
from infra.identity.passwords import verify_password
from infra.identity.tokens import signing_secret, verify
from infra.schemas import JsonSchemas
from infra.secrets import Secrets
from infra.settings import Settings
from infra.store.references import SqlReferences
from infra.store.tables import WorkerRow, now
from infra.store.web import SqlWebStore
from infra.stores import Stores, inbox, open_stores
from knowledge.catalog.suggestions import suggestions
from knowledge.charts import draw
from knowledge.glossary.lineage import Lineage
from web.api.app import ApiRoute
from web.api.app import build as build_api
from web.api.services import ApiServices, Check, GlossaryServices
from web.app import WebSettings, mount
from web.approvals import list as approvals_list
from web.approvals.fresh import FreshSignIn, Proxy
from web.approvals.gate import GatePages
from web.feed import PollingFeed
from web.login import sender_from_cookies, sender_from_proxy
from web.services import Services

log = logging.getLogger(__name__)

WORKER_SILENCE = 20.0
"""Seconds without a sign of life after which the worker counts as gone."""
HOUSEKEEPING = 3600.0


def build(settings: Settings) -> FastAPI:
    """The whole server as one ASGI application; its lifespan opens and closes what it uses."""
    stores = open_stores(settings)
    queue = TurnQueue(settings)
    secrets = Secrets(settings.secrets)
    catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources, secrets, settings.breaker, scans=False)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await queue.start()
        chores = asyncio.create_task(_forget(queue))
        async with contextlib.AsyncExitStack() as stack:
            for start, stop in ends:
                await start()
                stack.push_async_callback(stop)
            yield
            chores.cancel()
            await feed.close()
        await catalogs.close()
        await secrets.close()
        await queue.stop()
        await stores.engine.dispose()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    ends = [*_slack(app, settings, stores, queue.accept)]
    _teams(app, settings, stores, queue.accept)
    services = _api(app, settings, stores, queue, catalogs)
    feed = _web(app, settings, stores, queue, catalogs, services)
    return app


def _slack(app: FastAPI, settings: Settings, stores: Stores, accept: Accept):  # type: ignore[no-untyped-def]
    slack = slack_settings(settings)
    if slack is None:
        return
    from bots.slack.app import SlackApp

    home = Home(stores.directory, stores.runs, inbox(settings, stores))
    served = SlackApp(slack, accept, lambda sender, _workspace: home.card(sender), stores.posts)
    app.router.routes.extend(served.routes)
    yield served.start, served.stop


def _teams(app: FastAPI, settings: Settings, stores: Stores, accept: Accept) -> None:
    teams = teams_settings(settings)
    if teams is None:
        return
    from bots.teams.app import teams_routes
    from bots.teams.channel import teams_channel

    references = SqlReferences(stores.engine, settings.tenant)
    typing = teams_channel(teams, references).typing
    app.router.routes.extend(teams_routes(teams, accept, references, typing=typing))


def _api(app: FastAPI, settings: Settings, stores: Stores, queue: TurnQueue, catalogs: StoredCatalogs) -> ApiServices:
    secret = signing_secret(settings)

    async def by_token(token: str) -> Sender | None:
        return verify(secret, token)

    async def by_cookie(request: Request) -> Sender | None:
        return sender_from_cookies(request.cookies)

    async def lineage(_tenant: str) -> Lineage:
        return await catalogs.impacts.lineage()

    async def checks() -> Sequence[Check]:
        return [await _worker_check(stores)]

    services = ApiServices(
        accept=queue.accept,
        progress=queue.progress,
        runs=stores.runs,
        gates=stores.gates,
        inbox=inbox(settings, stores),
        schemas=JsonSchemas(),
        directory=stores.directory,
        results=stores.results,
        verify_token=by_token,
        sender_from_cookie=by_cookie,
        chart_png=lambda spec, dark: draw(dict(spec), dark=dark),
        checks=checks,
        glossary=GlossaryServices(stores.glossary, catalogs.catalog, lineage),
        public_url=settings.server.public_url,
        version=current(),
    )
    app.router.routes.append(ApiRoute(build_api(services)))
    app.router.routes.extend(approvals_list.routes(services))
    return services


async def _worker_check(stores: Stores) -> Check:
    """The database answers, and it holds a recent sign of life of a worker."""
    query = select(func.max(col(WorkerRow.seen_at)))
    async with stores.engine.connect() as connection:
        seen = (await connection.execute(query)).scalar_one_or_none()
    oldest = (datetime.now(UTC) - timedelta(seconds=WORKER_SILENCE)).isoformat(timespec="microseconds")
    if seen is None:
        return Check("worker", False, "No worker has started yet.")
    return Check("worker", seen > oldest, f"Last sign of life {seen}.")


def _web(
    app: FastAPI,
    settings: Settings,
    stores: Stores,
    queue: TurnQueue,
    catalogs: StoredCatalogs,
    services: ApiServices,
) -> PollingFeed:
    web = settings.web
    store = SqlWebStore(stores.engine)
    feed = PollingFeed(store)
    people = {person.id: person for person in settings.people}
    nobody = "scrypt$4096$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"

    async def authenticate(name: str, password: str) -> Sender | None:
        person = people.get(name)
        # An unknown name takes as long as a known one.
        stored = person.password.get_secret_value() if person else ""
        right = await asyncio.to_thread(verify_password, password[:1_000], stored or nobody)
        return Sender("web", settings.tenant, name, person.name or name) if person and right else None

    async def suggest(_who: Principal) -> Sequence[str]:
        return settings.questions or suggestions(await catalogs.catalog(settings.tenant))

    pages = WebSettings(
        root=settings.data / "web",
        secret=signing_secret(settings),
        realm=settings.tenant,
        public_url=settings.server.public_url,
        password=web.password,
        entra_tenant=web.entra_tenant,
        entra_client_id=web.entra_client_id,
        entra_client_secret=web.entra_client_secret.get_secret_value(),
        trusted_header=web.trusted_header,
        trusted_secret=web.trusted_secret.get_secret_value(),
    )
    fresh = FreshSignIn(
        authenticate if web.password else None,
        Proxy(lambda headers: sender_from_proxy(headers, pages), web.trusted_time_header, web.trusted_again),
        settings.tenant,
    )
    ceremony = Ceremony(settings.server.public_url, JsonSchemas(), stores.proofs)
    app.router.routes.extend(GatePages(services, ceremony, fresh, now).routes())
    mount(app, pages, Services(queue.accept, stores.directory, authenticate, store, feed, suggest))
    return feed


async def _forget(queue: TurnQueue) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING)
        await queue.forget()


def server(settings: Settings) -> uvicorn.Server:
    """A server that is not running yet."""
    config = uvicorn.Config(
        build(settings),
        host=settings.server.host,
        port=settings.server.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        proxy_headers=bool(settings.server.public_url),
    )
    return uvicorn.Server(config)
