"""Whether a request really comes from the Bot Framework.

The same checks as botbuilder's, which fetches keys with a blocking client and lets wrong tokens end as errors of ours.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
import jwt
from jwt.algorithms import RSAAlgorithm

from bots.teams import limits

METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ISSUER = "https://api.botframework.com"
CHANNEL_ID = "msteams"
_ALGORITHMS = ["RS256", "RS384", "RS512"]
_LEEWAY = 300
_FRESH = 24 * 3600.0
_PATIENCE = 300.0

Fetch: TypeAlias = Callable[[str], Awaitable[Any]]


class Forged(Exception):
    """This request does not come from the Bot Framework, or is not for us."""


class KeysUnavailable(Exception):
    """The Bot Framework's keys could not be fetched, so nothing can be verified just now."""


class Tokens:
    """Verifies the token of a request to the bot `app_id`."""

    def __init__(
        self,
        app_id: str,
        metadata: str = METADATA,
        issuer: str = ISSUER,
        *,
        fetch: Fetch | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app_id = app_id
        self._issuer = issuer
        self._keys = SigningKeys(metadata, fetch or _fetch, clock)

    async def claims(self, authorization: str) -> Mapping[str, Any]:
        """The verified claims of an Authorization header. Raises Forged, KeysUnavailable."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Forged("no bearer token")
        try:
            kid = jwt.get_unverified_header(token.strip()).get("kid")
        except jwt.PyJWTError as unreadable:
            raise Forged("unreadable token") from unreadable
        key = await self._keys.find(str(kid))
        if key is None:
            raise Forged("unknown key")
        endorsed = key.get("endorsements")
        if endorsed is not None and CHANNEL_ID not in endorsed:
            raise Forged("the key does not vouch for Teams")
        return self._decoded(token.strip(), key)

    def _decoded(self, token: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                RSAAlgorithm.from_jwk(json.dumps(key)),  # type: ignore[arg-type]
                algorithms=_ALGORITHMS,
                audience=self._app_id,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as wrong:
            raise Forged(str(wrong)) from wrong
        return claims


def check_service_url(claims: Mapping[str, Any], service_url: object) -> None:
    """The token names the address that the activity asks us to answer at. Raises Forged."""
    named = claims.get("serviceurl") or claims.get("serviceUrl")
    if not isinstance(named, str) or not isinstance(service_url, str):
        raise Forged("no service address")
    if named.rstrip("/") != service_url.rstrip("/"):
        raise Forged("another service address")


class SigningKeys:
    """The Bot Framework's public keys: fetched once a day, and when an unknown one appears, at most every 5 minutes."""

    def __init__(self, metadata: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._metadata = metadata
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> Mapping[str, Any] | None:
        """The key of this id, or None. Old keys serve while new ones cannot be had. Raises KeysUnavailable."""
        if not self._due(kid):
            return self._keys.get(kid)
        async with self._lock:
            if self._due(kid):
                await self._refresh()
        return self._keys.get(kid)

    def _due(self, kid: str) -> bool:
        now = self._clock()
        if self._fetched is None:
            return True
        rested = self._tried is None or now - self._tried >= _PATIENCE
        return rested and (kid not in self._keys or now - self._fetched >= _FRESH)

    async def _refresh(self) -> None:
        self._tried = self._clock()
        try:
            metadata = await self._fetch(self._metadata)
            found = await self._fetch(metadata["jwks_uri"])
            keys = {str(key["kid"]): key for key in found["keys"] if key.get("kty") == "RSA"}
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as why:
            if self._fetched is None:
                raise KeysUnavailable(f"{type(why).__name__}: {why}") from why
            return
        self._keys, self._fetched = keys, self._clock()


async def _fetch(url: str) -> Any:
    timeout = aiohttp.ClientTimeout(total=limits.TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
        answer.raise_for_status()
        return await answer.json(content_type=None)
