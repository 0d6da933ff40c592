"""Asks an API for one page at a time: bounded, patient, and never elsewhere with its credentials."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.meter import SMALLER
from knowledge.sources.rest.described import Api
from knowledge.sources.rest.entry import Credentials, Entrance
from knowledge.sources.rest.network import allowed_host
from knowledge.sources.rest.patience import Patience

REDIRECTS = 5
_AGAIN = (429, 502, 503, 504)
_ELSEWHERE = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a page: its JSON, its size in bytes, and the headers that matter here."""

    content: Any
    size: int
    headers: Mapping[str, str]
    link: str = ""


class Client:
    """One API. Raises SourceUnavailable and TooMuch; no error holds an address with its query, a header or a body."""

    def __init__(self, source: str, api: Api, patience: Patience) -> None:
        self._source = source
        self._api = api
        self._patience = patience
        self._entrance = Entrance(source, api.auth, self._patience)
        limits = httpx.Limits(max_connections=api.bounds.parallel + 1)
        self._http = httpx.Client(trust_env=False, limits=limits)  # else what ~/.netrc holds would be sent

    def get(self, address: str, params: Mapping[str, str | list[str]], credentials: Credentials, until: float) -> Reply:
        """The reply at a path or address of this API, before the clock says `until`."""
        url = self.address(address)
        renewed = False
        for attempt in range(self._api.bounds.attempts):
            last = attempt == self._api.bounds.attempts - 1
            token, response, body = self._once(url, params, credentials, until, last=last)
            if response is not None and response.status_code == 401 and token and not renewed:
                renewed = True
                self._entrance.forget(token)
                _, response, body = self._once(url, params, credentials, until, last=last)
            if response is not None and (response.status_code not in _AGAIN or last):
                return self._read(response, body, url)
            self._wait(response, attempt, until)
        raise self._error("does not answer", "Try again later")  # every attempt ended in the loop

    def address(self, target: str) -> str:
        """The whole address of a path, or of a link that the API gave. Raises SourceUnavailable for another host."""
        url = urljoin(self._api.base + "/", target) if "://" in target else self._api.base + target
        if _origin(url) != _origin(self._api.base):
            raise self._error("points to another host, where its credentials may not go", "Check `base`")
        return url

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def _once(
        self, url: str, params: Mapping[str, str | list[str]], credentials: Credentials, until: float, *, last: bool
    ) -> tuple[str, httpx.Response | None, bytes]:
        """One attempt, redirects within the host followed; no response where the network failed."""
        self._patience.turn(self._api.bounds.rate)
        try:
            for _ in range(REDIRECTS):
                request = self._http.build_request("GET", url, params=httpx.QueryParams(params) if params else None)
                request.headers.update({"Accept": "application/json", **dict(credentials.headers)})
                token = self._entrance.sign(request, credentials, lambda form, more: self._token(form, more, until))
                response, body = self._send(request, until)
                if response.status_code not in _ELSEWHERE:
                    return token, response, body
                url, params = self._within(urljoin(url, response.headers.get("location", ""))), {}
        except httpx.TransportError as error:
            if last or _hopeless(error):
                raise self._unreachable(error) from None
            return "", None, b""
        raise self._error("sends from one address to the next without end", "Check `base` and `path`")

    def _within(self, url: str) -> str:
        if _origin(url) != _origin(self._api.base):
            raise self._error(
                f"sends to another host, {urlsplit(url).hostname}, where its credentials may not go", "Check `base`"
            )
        return url

    def _send(self, request: httpx.Request, until: float) -> tuple[httpx.Response, bytes]:
        left = until - self._patience.now
        if left <= 0:
            raise self._late()
        if not self._api.link_local:
            allowed_host(self._source, request.url.host, request.url.port or 443)
        request.extensions["timeout"] = httpx.Timeout(min(left, self._api.bounds.request_seconds)).as_dict()
        response = self._http.send(request, stream=True)
        try:
            return response, self._body(response, until)
        finally:
            response.close()

    def _body(self, response: httpx.Response, until: float) -> bytes:
        most, parts, size = self._api.bounds.page_bytes, [], 0
        for part in response.iter_bytes(64 * 1024):
            size += len(part)
            if size > most:
                raise TooMuch(
                    f"A page of the source “{self._source}” is larger than {most // 1024 // 1024:,} MB.",
                    next_step="Ask the API for smaller pages (pages.size), or raise limits.page_bytes.",
                )
            if self._patience.now > until:
                raise self._late()
            parts.append(part)
        return b"".join(parts)

    def _token(self, form: Mapping[str, str], headers: Mapping[str, str], until: float) -> Any:
        request = self._http.build_request("POST", self._api.auth.token_url, data=dict(form), headers=dict(headers))
        request.headers["Accept"] = "application/json"
        response, body = self._send(request, until)
        if response.status_code != 200:
            raise self._error(f"got no token: its token address answered {response.status_code}", "Check `auth`")
        return self._json(body, response, "its token address")

    def _read(self, response: httpx.Response, body: bytes, url: str) -> Reply:
        path, status = urlsplit(url).path, response.status_code
        if status in (401, 403):
            raise self._error(f"did not accept the credentials at {path} ({status})", "Check `auth` and its secrets")
        if status in (429, 503):
            raise self._error(f"is too busy at {path} ({status})", "Ask again in some minutes")
        if status != 200:
            raise self._error(f"answered {status} at {path}", "Check `path` and `params`")
        link = response.links.get("next", {}).get("url", "")
        content = self._json(body, response, path)
        return Reply(
            content, len(body), {k.lower(): v for k, v in response.headers.items()}, urljoin(url, link) if link else ""
        )

    def _json(self, body: bytes, response: httpx.Response, path: str) -> Any:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            return json.loads(body)
        except RecursionError:
            raise self._error(f"answered at {path} with JSON that is nested too deeply", "Check `path`") from None
        except (ValueError, UnicodeDecodeError):
            said = kind if kind and "json" not in kind else "text that is no JSON"
            raise self._error(f"answered at {path} with {said} instead of JSON", "Check `base` and `path`") from None

    def _wait(self, response: httpx.Response | None, attempt: int, until: float) -> None:
        """Wait as long as the API asks for, within bounds, or longer each time."""
        asked = self._patience.asked_to_wait(response.headers.get("retry-after", "")) if response is not None else None
        seconds = asked if asked is not None else self._patience.backoff(attempt)
        if seconds > min(self._api.bounds.longest_wait, until - self._patience.now):
            raise self._error(f"asks to wait for {seconds:,.0f} seconds", "Ask again later")
        self._patience.pause(seconds)

    def _unreachable(self, error: httpx.TransportError) -> SourceUnavailable:
        match error:
            case httpx.TimeoutException():
                return self._error("did not answer in time", "Ask again later")
            case httpx.ConnectError() if _hopeless(error):
                return self._error("has a certificate that can't be trusted", "Check its certificate and `base`")
            case httpx.ConnectError():
                return self._error("can't be reached", "Check `base` and the network")
            case _:
                return self._error("broke off its answer", "Ask again later")

    def _late(self) -> TooMuch:
        return TooMuch(
            f"Reading the source “{self._source}” took longer than {self._api.bounds.seconds:g} seconds.",
            next_step=SMALLER,
        )

    def _error(self, why: str, then: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self._source}” could not be read: the API {why}.",
            next_step=f"{then}; `quillux source test` shows whether it works.",
        )


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme.lower(), (parts.hostname or "").lower(), port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _hopeless(error: httpx.TransportError) -> bool:
    """Whether trying again can't help."""
    return "CERTIFICATE" in str(error).upper() or isinstance(error, httpx.UnsupportedProtocol)
