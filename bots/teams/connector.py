"""botbuilder's connector client over asyncio: a token by azure-identity, no redirects, tries again when asked to wait.

botbuilder's own transport blocks a thread a call, follows redirects, and signs requests in the event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeVar

import aiohttp
from azure.core.exceptions import AzureError
from botframework.connector.aio import ConnectorClient
from msrest.pipeline import Request, Response
from msrest.pipeline.async_abc import AsyncHTTPSender, AsyncPipeline
from msrest.pipeline.universal import RawDeserializer
from msrest.universal_http.async_abc import AsyncClientResponse

from bots.teams import limits
from bots.teams.hosts import allowed
from conversation.errors import ChannelRefused

SCOPE = "https://api.botframework.com/.default"
_AGAIN = frozenset({408, 412, 429, 500, 502, 503, 504})
T = TypeVar("T")


class Token(Protocol):
    """An access token; `token` is its text."""

    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """What azure-identity's asynchronous credentials are: they cache tokens and renew them."""

    async def get_token(self, *scopes: str) -> Token: ...
    async def close(self) -> None: ...


class Refused(Exception):
    """The connector answered with an error: `status` is HTTP's, `after` the seconds it asked to wait, or None."""

    def __init__(self, status: int, body: str, after: float | None = None) -> None:
        super().__init__(f"{status}: {body[:300]}")
        self.status = status
        self.after = after


class Lost(Exception):
    """The connection broke after the request was on its way: it may have been carried out."""


class Connector:
    """Calls of the Bot Connector, one client for each service address."""

    def __init__(
        self,
        credential: Credential,
        service_urls: Iterable[str] = (),
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._credential = credential
        self._service_urls = tuple(service_urls)
        self._sleep = sleep
        self._sender = _Sender(credential)
        self._clients: dict[str, Any] = {}

    def allowed(self, service_url: str) -> bool:
        """Whether this service address may be talked to."""
        return allowed(service_url, self._service_urls)

    async def call(
        self,
        service_url: str,
        operation: Callable[[Any], Awaitable[T]],
        *,
        twice: bool = False,
        tries: int = limits.TRIES,
    ) -> T:
        """Run one operation of the client's `conversations`; tried again on 429, 412 and server errors.

        One that got lost on its way is tried again only where it may be done `twice`. Raises Refused, ChannelRefused.
        """
        if not self.allowed(service_url):
            raise ChannelRefused(
                f"The service address {service_url[:200]!r} is not one of Microsoft's.",
                unchanged="Nothing was sent there.",
                next_step="If it is right, add it to the setting teams.service_urls.",
            )
        for number in range(tries):
            last = number == tries - 1
            try:
                return await operation(self._client(service_url).conversations)
            except Refused as no:
                if last or no.status not in _AGAIN:
                    raise
                await self._sleep(min(no.after if no.after is not None else 0.5 * 2**number, limits.WAIT_SECONDS))
            except Lost as lost:
                if last or not twice:
                    raise _unknown(lost) from lost
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close connections and the credential."""
        await self._sender.close()
        await self._credential.close()

    def _client(self, service_url: str) -> Any:
        if service_url not in self._clients:
            self._clients[service_url] = ConnectorClient(
                object(), base_url=service_url, pipeline_type=lambda _: AsyncPipeline([RawDeserializer()], self._sender)
            )
        return self._clients[service_url]


class _Sender(AsyncHTTPSender[Any, Any]):
    """Sends a signed request with aiohttp; an answer that is an error raises Refused."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request[Any], **config: Any) -> Response[Any, Any]:
        http = request.http_request
        headers = {**http.headers, "Authorization": f"Bearer {await self._token()}"}
        headers.pop("Content-Length", None)
        try:
            async with self._open().request(
                http.method, http.url, headers=headers, data=http.data, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except aiohttp.ClientConnectorError as down:
            raise Refused(503, str(down)) from down
        except (aiohttp.ClientError, TimeoutError) as lost:
            raise Lost(type(lost).__name__) from lost
        if answer.status >= 300:
            raise Refused(answer.status, body.decode(errors="replace"), _after(answer.headers.get("Retry-After")))
        return Response(request, _Answer(http, answer, body))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aexit__(self, *exc_details: object) -> None:
        await self.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limits.TIMEOUT_SECONDS))
        return self._session

    async def _token(self) -> str:
        try:
            return (await self._credential.get_token(SCOPE)).token
        except AzureError as refused:
            raise ChannelRefused(
                f"Microsoft Entra gave the bot no token: {str(refused).splitlines()[0][:300]}.",
                unchanged="Nothing was sent.",
                next_step="Check teams.app_id, teams.tenant and the secret or identity; see manifests/teams.md.",
            ) from refused


class _Answer(AsyncClientResponse):
    """What botbuilder's client reads of an answer."""

    def __init__(self, request: Any, answer: aiohttp.ClientResponse, body: bytes) -> None:
        super().__init__(request, answer)
        self.status_code = answer.status
        self.headers = dict(answer.headers)
        self.headers["content-type"] = "application/json"
        self.reason = answer.reason
        self._body = body if body.strip().startswith(b"{") else b"{}"

    def body(self) -> bytes:
        """The whole body; an empty or foreign one is an empty object."""
        return self._body


def _unknown(lost: Lost) -> ChannelRefused:
    return ChannelRefused(
        f"The connection to Teams broke ({lost}).",
        unchanged="The message may or may not have arrived.",
        next_step="Ask again if no answer appears.",
    )


def _after(header: str | None) -> float | None:
    try:
        return max(float(header), 0.0) if header is not None else None
    except ValueError:
        return None
