"""Logs as one JSON object a line (or plain text), each with the request, run and tenant it belongs to."""

import logging
import sys
from collections.abc import MutableMapping
from io import StringIO
from typing import Any, Literal, TextIO

import structlog

from infra.secrets.redact import REDACTION

_SECRET_NAMES = ("token", "secret", "password", "authorization", "api_key", "cookie")


def configure(form: Literal["json", "text"], level: str) -> None:
    """Send every library's log through one handler on standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    last: structlog.types.Processor
    if form == "json":
        shared.append(structlog.processors.format_exc_info)
        shared.append(REDACTION)
        last = structlog.processors.JSONRenderer()
    else:
        shared.append(REDACTION)
        # Plain tracebacks: others print local variables, secrets among them.
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in (
        "httpx",
        "httpx2",
        "openai",
        "anthropic",
        "aiosqlite",
        "alembic",
        "dbos",
        "uvicorn.access",
        "asyncio",
        "engineio",
        "socketio",
    ):
        logging.getLogger(noisy).setLevel("WARNING")


def _traceback(out: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    """A plain traceback without secrets."""
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    out.write(REDACTION.text(text.getvalue()))


def _redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        if any(secret in name.lower() for secret in _SECRET_NAMES):
            event[name] = "***"
    return event
