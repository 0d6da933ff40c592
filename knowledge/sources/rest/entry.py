"""Lets requests in: keys, bearer tokens, basic auth, and OAuth client credentials whose token is kept until it ends."""

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from knowledge.errors import SourceUnavailable
from knowledge.sources.rest.described import Auth
from knowledge.sources.rest.patience import Patience

EARLY = 30.0
"""Seconds before its end when a token is renewed."""
LONGEST = 3_600.0

Fetch = Callable[[Mapping[str, str], Mapping[str, str]], Any]
"""Posts a form with headers to the token address; gives the JSON of the reply."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a description refers to, as it is now."""

    secret: str = ""
    user: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Without what it holds."""
        return "Credentials(…)"


class Entrance:
    """Adds to a request what lets it in."""

    def __init__(self, source: str, auth: Auth, patience: Patience) -> None:
        self._source = source
        self._auth = auth
        self._patience = patience
        self._guard = threading.Lock()
        self._token = ""
        self._until = 0.0
        self._for: Credentials | None = None

    @property
    def renewable(self) -> bool:
        """Whether a request that was not let in may be let in with a new token."""
        return self._auth.kind == "oauth"

    def sign(self, request: httpx.Request, credentials: Credentials, fetch: Fetch) -> str:
        """Add it; gives the token that was used, empty where there is none."""
        match self._auth.kind:
            case "key" if self._auth.query:
                request.url = request.url.copy_merge_params({self._auth.query: credentials.secret})
            case "key":
                request.headers[self._auth.header] = _sendable(self._source, credentials.secret)
            case "bearer":
                request.headers["Authorization"] = f"Bearer {_sendable(self._source, credentials.secret)}"
            case "basic":
                request.headers["Authorization"] = basic(credentials)
            case "oauth":
                token = self._current(credentials, fetch)
                request.headers["Authorization"] = f"Bearer {token}"
                return token
            case _:
                pass
        return ""

    def forget(self, token: str) -> None:
        """The token was turned away; one that was fetched since then is kept."""
        with self._guard:
            if token == self._token:
                self._token = ""

    def _current(self, credentials: Credentials, fetch: Fetch) -> str:
        with self._guard:
            if not self._token or credentials != self._for or self._patience.now >= self._until:
                self._token, seconds = self._fetched(credentials, fetch)
                self._for = credentials
                self._until = self._patience.now + max(min(seconds, LONGEST) - EARLY, 1.0)
            return self._token

    def _fetched(self, credentials: Credentials, fetch: Fetch) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
        reply = fetch(form, {"Authorization": basic(credentials)})
        token = reply.get("access_token") if isinstance(reply, dict) else None
        if not isinstance(token, str) or not token:
            raise SourceUnavailable(
                f"The source “{self._source}” got no token: the reply of its token address holds none.",
                next_step="Check auth.token_url in the description of the API.",
            )
        seconds = reply.get("expires_in")
        return _sendable(self._source, token), float(seconds) if isinstance(seconds, int | float) else LONGEST


def basic(credentials: Credentials) -> str:
    """The header of basic auth."""
    return "Basic " + base64.b64encode(f"{credentials.user}:{credentials.secret}".encode()).decode()


def _sendable(source: str, secret: str) -> str:
    if not secret.isascii() or not secret.isprintable():
        raise SourceUnavailable(
            f"A secret of the source “{source}” holds letters that can't be sent in a header.",
            next_step="Check the secret, for instance for a line break at its end.",
        )
    return secret
