"""Secrets of a server that speaks HashiCorp Vault's HTTP protocol: key-value stores, and secrets made on request."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from infra.secrets.stores import Found, NotFound
from infra.settings import Secrets as SecretSettings
from knowledge.cache.flights import Flights

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1024 * 1024
RENEWED = 2 / 3
"""Part of a lease after which it is renewed."""
FOREVER = float("inf")


class Forbidden(NotFound):
    """The server does not let this token do that; the token may have ended."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a sign-in gave."""

    value: str = field(repr=False)
    until: float = FOREVER
    renewable: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """What was read at a path, and until when it is used as it is. `id` is empty for what has no lease."""

    data: Mapping[str, Any] = field(repr=False)
    until: float
    id: str = ""


class Vault:
    """`${vault:path#field}`, of a key-value store of version 1 or 2 (`path?version=3#field`) or any other path.

    All fields of one path come from one answer, so that a user and a password made together stay together. A lease, and
    the token itself, are renewed after two thirds of their time, and asked for anew where that fails.
    """

    def __init__(
        self,
        settings: SecretSettings,
        clock: Callable[[], float] = time.monotonic,
        hide: Callable[[str], None] = lambda _secret: None,
    ) -> None:
        self._settings = settings
        self._hide = hide
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._token: Token | None = None
        self._leases: dict[str, Lease] = {}
        self._stores: dict[str, str] = {}
        self._flights: Flights[str, Any] = Flights()

    async def __call__(self, name: str) -> Found:
        """The field, or the only one there is."""
        path, _, wanted = name.partition("#")
        if not path.strip("/") or ".." in path.split("/"):
            raise NotFound("write vault:path#field")
        lease = await self._flights.join(path, lambda: self._lease(path))
        if not wanted and len(lease.data) == 1:
            (wanted,) = lease.data
        value = lease.data.get(wanted)
        if not isinstance(value, str | int | float) or value == "":
            raise NotFound(f"the secret has no field “{wanted}”" if wanted else "name one of its fields, path#field")
        return Found(str(value), 0)

    async def close(self) -> None:
        """Forget everything, and give connections back."""
        self._leases.clear()
        self._token = None
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _lease(self, path: str) -> Lease:
        kept = self._leases.get(path)
        if kept is not None and self._clock() < kept.until:
            return kept
        if kept is not None and kept.id and (renewed := await self._renewed(kept)):
            self._leases[path] = renewed
            return renewed
        answer = await self._asked("GET", await self._place(path))
        data = answer.get("data")
        if isinstance(data, dict) and isinstance(data.get("data"), dict) and isinstance(data.get("metadata"), dict):
            data = data["data"]
        if not isinstance(data, dict) or not data:
            raise NotFound("the server has nothing there")
        seconds = _number(answer.get("lease_duration"))
        lease_id = str(answer.get("lease_id") or "") if answer.get("renewable") else ""
        keep = seconds * RENEWED if answer.get("lease_id") and seconds else self._settings.keep
        lease = self._leases[path] = Lease(data, self._clock() + keep, lease_id)
        return lease

    async def _renewed(self, lease: Lease) -> Lease | None:
        try:
            answer = await self._asked("PUT", "sys/leases/renew", {"lease_id": lease.id})
        except NotFound:
            return None
        seconds = _number(answer.get("lease_duration"))
        return Lease(lease.data, self._clock() + seconds * RENEWED, lease.id) if seconds else None

    async def _place(self, path: str) -> str:
        """Where to read a path: a key-value store of version 2 keeps its data below `data/`."""
        plain, _, query = path.strip("/").partition("?")
        mount = self._stores.get(plain)
        if mount is None:
            mount = self._stores[plain] = await self._mount(plain)
        rest = plain.removeprefix(mount)
        if mount and not rest.startswith("data/"):
            plain = f"{mount}data/{rest}"
        return f"{quote(plain)}{'?' if query else ''}{quote(query, safe='=&')}"

    async def _mount(self, path: str) -> str:
        """The mount of a key-value store of version 2 that a path is in; empty for any other, and where none tells."""
        try:
            answer = await self._asked("GET", f"sys/internal/ui/mounts/{quote(path)}")
        except NotFound:
            return ""
        data = answer.get("data")
        options = data.get("options") if isinstance(data, dict) else None
        versioned = isinstance(options, dict) and str(options.get("version")) == "2"
        mount = str(data.get("path", "")) if isinstance(data, dict) and versioned else ""
        return mount if path.startswith(mount) else ""

    async def _asked(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """With our token; with a new one where it is no longer taken."""
        token = await self._flights.join("", self._signed_in)
        try:
            return await self._send(method, path, token.value, body)
        except Forbidden:
            if self._settings.vault_login == "token":
                raise
        if self._token is token:
            self._token = None
        token = await self._flights.join("", self._signed_in)
        return await self._send(method, path, token.value, body)

    async def _signed_in(self) -> Token:
        token = self._token
        if token is not None and self._clock() < token.until:
            return token
        if token is not None and token.renewable:
            try:
                token = self._token = self._granted(await self._send("POST", "auth/token/renew-self", token.value, {}))
            except NotFound:
                self._token = None
            else:
                return token
        self._token = await self._sign_in()
        return self._token

    async def _sign_in(self) -> Token:
        settings = self._settings
        mount = (settings.vault_mount or settings.vault_login).strip("/")
        match settings.vault_login:
            case "token":
                return await self._own()
            case "approle":
                given = {"role_id": settings.vault_role, "secret_id": settings.vault_secret_id.get_secret_value()}
            case "kubernetes":
                given = {"role": settings.vault_role, "jwt": await asyncio.to_thread(_service_account, settings)}
        try:
            return self._granted(await self._send("POST", f"auth/{quote(mount)}/login", "", given))
        except NotFound as refused:
            raise NotFound(f"signing in by {settings.vault_login} failed: {refused}") from None

    async def _own(self) -> Token:
        """The token of the settings, with the time it has left where the server tells."""
        value = self._settings.vault_token.get_secret_value()
        if not value:
            raise NotFound("there is no secrets.vault_token")
        try:
            data = (await self._send("GET", "auth/token/lookup-self", value)).get("data")
        except Forbidden:
            return Token(value)
        seconds = _number(data.get("ttl")) if isinstance(data, dict) else 0
        renewable = isinstance(data, dict) and bool(data.get("renewable"))
        return Token(value, self._clock() + seconds * RENEWED if seconds else FOREVER, renewable)

    def _granted(self, answer: Mapping[str, Any]) -> Token:
        auth = answer.get("auth")
        if not isinstance(auth, dict) or not isinstance(auth.get("client_token"), str):
            raise NotFound("the server gave no token")
        self._hide(auth["client_token"])
        seconds = _number(auth.get("lease_duration"))
        until = self._clock() + seconds * RENEWED if seconds else FOREVER
        return Token(auth["client_token"], until, bool(auth.get("renewable")))

    async def _send(self, method: str, path: str, token: str, body: object = None) -> dict[str, Any]:
        headers = {
            "X-Vault-Request": "true",
            "X-Vault-Namespace": self._settings.vault_namespace,
            "X-Vault-Token": token,
        }
        given = {name: value for name, value in headers.items() if value}
        import httpx

        if self._client is None:
            self._client = await asyncio.to_thread(_client, self._settings)
        try:
            async with self._client.stream(method, f"/v1/{path}", headers=given, json=body) as answer:
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > MOST_BYTES:
                        raise NotFound("the server's answer is too large")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as away:
            raise NotFound(f"the server could not be reached ({type(away).__name__})") from None
        return _read(answer.status_code, content)


def _client(settings: SecretSettings) -> "httpx.AsyncClient":
    import httpx

    address = urlsplit(settings.vault)
    if address.scheme not in ("https", "http") or not address.hostname:
        raise NotFound("secrets.vault is not set to the address of a server")
    if address.scheme == "http" and not _here(address.hostname):
        raise NotFound("secrets.vault is an http address of another machine, which would show the token; use https")
    try:
        verify = ssl.create_default_context(cafile=settings.vault_ca or None)
    except (OSError, ssl.SSLError):
        raise NotFound("the file of secrets.vault_ca can't be used") from None
    return httpx.AsyncClient(base_url=settings.vault, verify=verify, timeout=settings.seconds, trust_env=False)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _service_account(settings: SecretSettings) -> str:
    try:
        return Path(settings.vault_jwt).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise NotFound("the token of the service account (secrets.vault_jwt) can't be read") from None


def _read(status: int, content: bytes) -> dict[str, Any]:
    """The answer as JSON; what the server says of an error is not repeated."""
    match status:
        case 200:
            pass
        case 204:
            return {}
        case 403:
            raise Forbidden("the server does not let Quillux read it")
        case 404:
            raise NotFound("the server has nothing there")
        case 503:
            raise NotFound("the server is sealed or being looked after")
        case _:
            raise NotFound(f"the server answered with status {status}")
    try:
        found = json.loads(content)
    except ValueError:
        raise NotFound("the server's answer is no JSON") from None
    if not isinstance(found, dict):
        raise NotFound("the server's answer is no JSON object")
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0
