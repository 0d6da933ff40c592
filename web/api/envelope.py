"""What goes around every request: its id, the limit on its body, and headers that keep a browser from guessing."""

import re
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

HEADER = "X-Request-ID"
_FIT = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The id of this request: made once, taken over from the client or from an outer application where it fits."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        given = Headers(scope=scope).get(HEADER, "")
        state["request_id"] = given if _FIT.fullmatch(given) else uuid.uuid4().hex
    return str(state["request_id"])


class Envelope:
    """Plain ASGI middleware, so that streams and cancellation pass through untouched."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id = request_id(scope)

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers[HEADER] = id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with bound_contextvars(request=id):
            await self._app(scope, self._limited(scope, receive), sealed)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Stop reading at the limit: by the length that was announced, or by what has come."""
        announced = Headers(scope=scope).get("content-length", "0")
        size = 0

        async def read() -> Message:
            nonlocal size
            if announced.isdigit() and int(announced[:12]) > self._limit:
                raise HTTPException(413)
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                raise HTTPException(413)
            return message

        return read
