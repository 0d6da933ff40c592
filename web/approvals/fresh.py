"""A fresh sign-in for one decision: a password typed again, or the word of the proxy or provider that vouches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from conversation.gates.ceremony import FRESH_SECONDS
from conversation.principal import Sender
from web.port import Authenticate

MOST_FAILURES = 5
"""Wrong passwords of one person in `FRESH_SECONDS`, after which no further one is looked at."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that vouches for people. `vouch` reads whom from a request's headers, None without its secret.

    `time_header` holds when they signed in there, in seconds since 1970; at `again` it signs people in anew.
    """

    vouch: Callable[[Mapping[str, str]], Sender | None]
    time_header: str = ""
    again: str = ""


@dataclass(slots=True)
class FreshSignIn:
    """What counts here as a fresh sign-in. Failures are counted in this process."""

    authenticate: Authenticate | None = None
    proxy: Proxy | None = None
    realm: str = ""
    _failures: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)

    @property
    def again(self) -> str:
        """Where people whom a proxy vouches for sign in anew; empty where there is no such place."""
        return self.proxy.again if self.proxy else ""

    def takes_password(self, sender: Sender) -> bool:
        """Whether this person may type a password."""
        return self.authenticate is not None and sender.workspace == self.realm

    async def by_password(self, sender: Sender, password: str, at: str) -> bool:
        """Whether the password is theirs; False without a look after too many wrong ones."""
        now, key = datetime.fromisoformat(at), (sender.workspace, sender.user)
        recent = [one for one in self._failures.get(key, []) if one > now - timedelta(seconds=FRESH_SECONDS)]
        self._failures[key] = recent
        if not self.takes_password(sender) or self.authenticate is None or len(recent) >= MOST_FAILURES:
            return False
        recent.append(now)  # before the look, so that many at once are counted too
        known = await self.authenticate(sender.user, password)
        if known is None or (known.workspace, known.user) != (sender.workspace, sender.user):
            return False
        recent.remove(now)
        return True

    def locked(self, sender: Sender) -> bool:
        """Whether too many wrong passwords were typed lately."""
        return len(self._failures.get((sender.workspace, sender.user), [])) >= MOST_FAILURES

    def by_proxy(self, sender: Sender, headers: Mapping[str, str], at: str) -> str:
        """When the proxy says that this very person signed in, if that was just now; empty otherwise."""
        if self.proxy is None or not self.proxy.time_header:
            return ""
        vouched = self.proxy.vouch(headers)
        said = headers.get(self.proxy.time_header.lower(), "")
        if vouched is None or (vouched.workspace, vouched.user) != (sender.workspace, sender.user):
            return ""
        age = datetime.fromisoformat(at).timestamp() - (float(said) if said.isascii() and said.isdigit() else 0.0)
        if not 0 <= age < FRESH_SECONDS:
            return ""
        return (datetime.fromisoformat(at) - timedelta(seconds=age)).isoformat(timespec="microseconds")
