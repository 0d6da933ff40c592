"""What `quillux doctor` looks at: the machine, the database, the sources. Each look ends within seconds."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, TypeAlias

from infra.settings import Model as ModelSettings
from infra.settings import Settings, SourceSetting, config_file

SECONDS = 8.0
"""After which a look counts as failed."""

State: TypeAlias = Literal["ok", "off", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing. `off` is not configured, `warning` works but wants attention."""

    name: str
    state: State
    found: str
    next_step: str = ""


Look: TypeAlias = Callable[[], Awaitable[Finding]]


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which they are shown; everything is looked at at once."""
    from infra.cli.examine_channels import channels

    looks: list[tuple[str, Look]] = [
        ("settings", lambda: _settings(settings)),
        ("data folder", lambda: _folder(settings)),
        ("database", lambda: _database(settings)),
        ("server", lambda: _server(settings)),
        *((f"source {source.name}", _source(settings, source)) for source in settings.sources),
        *((("sources", _no_sources),) if not settings.sources else ()),
        ("redis", lambda: _redis(settings)),
        ("model", lambda: _model(settings.model)),
        *channels(settings),
    ]
    return list(await asyncio.gather(*(_within(name, look) for name, look in looks)))


async def _within(name: str, look: Look) -> Finding:
    """A look that takes too long, or meets what its library raises, is a finding too."""
    try:
        async with asyncio.timeout(SECONDS):
            return await look()
    except TimeoutError:
        return Finding(name, "broken", f"no answer within {SECONDS:g} seconds", "Check the address and the network.")


async def _settings(settings: Settings) -> Finding:
    path = config_file()
    if not path.exists():
        return Finding("settings", "warning", f"no {path}: all defaults", "`quillux init` writes one.")
    exposed = path.stat().st_mode & 0o004
    if exposed and _secrets(settings):
        return Finding("settings", "warning", f"{path} holds secrets and everybody can read it", f"chmod 600 {path}")
    return Finding("settings", "ok", f"{path}, tenant {settings.tenant}")


def _secrets(settings: Settings) -> bool:
    held = (settings.slack.bot_token, settings.teams.app_secret, settings.model.api_key, settings.web.secret)
    return any(secret.get_secret_value() for secret in held)


async def _folder(settings: Settings) -> Finding:
    parent = next((path for path in (settings.data, *settings.data.absolute().parents) if path.exists()), None)
    if parent is None or not os.access(parent, os.W_OK):
        return Finding("data folder", "broken", f"{settings.data} can't be written", "Set `data` to another folder.")
    return Finding("data folder", "ok", str(settings.data))


async def _database(settings: Settings) -> Finding:
    from sqlalchemy import inspect, text
    from sqlalchemy.exc import SQLAlchemyError

    from infra.store.engine import open_engine

    kind = "PostgreSQL" if settings.database.startswith("postgres") else "SQLite"
    if not settings.database and not (settings.data / "quillux.sqlite").exists():
        return Finding("database", "ok", "SQLite, made at the first start")
    engine = open_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as away:
        reason = str(away.__cause__ or away).splitlines()[0][:200]
        return Finding("database", "broken", f"{kind}: {reason}", "Check `database` and whether the server runs.")
    finally:
        await engine.dispose()
    ready = "alembic_version" in tables
    return Finding(
        "database", "ok", f"{kind}, {len(tables)} tables" if ready else f"{kind}, tables made at first start"
    )


async def _server(settings: Settings) -> Finding:
    import httpx

    server = settings.server
    host = "127.0.0.1" if server.host in ("0.0.0.0", "") else server.host  # noqa: S104 - compared, not bound
    address = f"http://{host}:{server.port}"
    try:
        async with httpx.AsyncClient(timeout=SECONDS - 1) as client:
            answer = await client.get(f"{address}/ready")
            checks = answer.json().get("checks", [])
    except (httpx.HTTPError, ValueError, AttributeError):
        return Finding("server", "off", f"nothing answers at {address}", "`quillux run` starts it.")
    failing = ", ".join(f"{check['name']} ({check['detail'] or 'down'})" for check in checks if not check["ok"])
    if answer.status_code == 200:
        return Finding("server", "ok", f"ready at {address}")
    return Finding("server", "broken", f"not ready: {failing}", "See its log; `quillux worker` must run too.")


def _source(settings: Settings, source: SourceSetting) -> Look:
    async def look() -> Finding:
        from infra.openings import opened
        from infra.secrets import Secrets
        from knowledge.errors import KnowledgeError

        began = time.perf_counter()
        secrets = Secrets(settings.secrets)
        try:
            place = opened(source, secrets)
            try:
                tables = await place.introspect()
            finally:
                await place.close()
                await secrets.close()
        except KnowledgeError as away:
            return Finding(f"source {source.name}", "broken", away.what, away.next_step or "Check its address.")
        took = time.perf_counter() - began
        rows = sum(table.rows or 0 for table in tables)
        state: State = "ok" if tables else "warning"
        step = "" if tables else "Check what its user may read."
        return Finding(f"source {source.name}", state, f"{len(tables)} tables, {rows:,} rows, {took:.1f} s", step)

    return look


async def _no_sources() -> Finding:
    return Finding("sources", "warning", "none: there is nothing to ask", "`quillux source add NAME ADDRESS`")


async def _redis(settings: Settings) -> Finding:
    address = settings.redis.get_secret_value()
    if not address:
        return Finding("redis", "off", "not configured: each worker counts questions for itself")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        async with Redis.from_url(address, socket_timeout=SECONDS - 1) as client:
            await client.execute_command("PING")  # type: ignore[no-untyped-call]
    except (RedisError, OSError, ValueError) as away:
        return Finding("redis", "broken", str(away)[:200], "Check `redis` and whether the server runs.")
    return Finding("redis", "ok", "answers")


async def _model(model: ModelSettings) -> Finding:
    if not model.name:
        return Finding("model", "off", "not configured: rules answer, nothing is missing")
    provider, _, name = model.name.partition(":")
    if not name:
        step = "Write provider and model, e.g. openai:gpt-4.1."
        return Finding("model", "broken", f"{model.name!r} names no provider", step)
    package = f"langchain_{provider.replace('-', '_')}"
    if find_spec(package) is None:
        return Finding("model", "broken", f"{package} is not installed", "pip install 'quillux[models]'")
    if not model.base_url:
        key = "a key" if model.api_key.get_secret_value() else "no key"
        return Finding("model", "ok", f"{model.name}, {key}; not called, since a call costs")
    return await _reached(model)


async def _reached(model: ModelSettings) -> Finding:
    import httpx

    try:
        async with httpx.AsyncClient(timeout=SECONDS - 1) as client:
            await client.get(model.base_url)
    except (httpx.HTTPError, httpx.InvalidURL) as away:
        return Finding("model", "broken", f"{model.base_url}: {away or type(away).__name__}", "Check model.base_url.")
    return Finding("model", "ok", f"{model.name} at {model.base_url}")
