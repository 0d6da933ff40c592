"""Headers of the pages: nothing is loaded from other hosts, nothing frames us, cookies are secure over https."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        # The page's custom elements are compiled in the browser, which the policy calls eval.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob: https:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class SecureHeaders:
    """ASGI middleware over the whole application; a page that sets its own policy keeps it."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to each HTTP response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(raw=message["headers"]))
            await send(message)

        await self._app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders) -> None:
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("content-security-policy", _POLICY)
        headers.setdefault("x-content-type-options", "nosniff")
        headers.setdefault("referrer-policy", "same-origin")
        if self._https:
            headers.setdefault("strict-transport-security", "max-age=31536000")
            cookies = headers.getlist("set-cookie")
            if cookies:
                del headers["set-cookie"]
            for cookie in cookies:
                headers.append("set-cookie", cookie if "secure" in cookie.lower() else f"{cookie}; Secure")
