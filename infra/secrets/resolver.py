"""From a reference in the settings to its secret, at the moment it is used."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.secrets.azure import EntraTokens, Identity, KeyVault
from infra.secrets.redact import REDACTION, Redaction
from infra.secrets.stores import Files, Found, NotFound, Store, from_environment, from_keyring
from infra.secrets.vault import Vault
from infra.settings import Secrets as SecretSettings
from knowledge.cache.flights import Flights
from knowledge.errors import SourceUnavailable


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: float


class Secrets:
    """`knowledge.sources.opening.Resolve`: `env:NAME`, `file:/path`, `keyring:service/user`, `azure:VAULT/NAME`,
    `entra:SCOPE`, `vault:path#field`.

    A secret is remembered in memory for as long as the settings say, and hidden from logs and errors from then on.
    Looked up several times at once, its place is asked once.
    """

    def __init__(
        self,
        settings: SecretSettings | None = None,
        redaction: Redaction = REDACTION,
        *,
        stores: Mapping[str, Store] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings or SecretSettings()
        self._redaction = redaction
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._flights: Flights[str, str] = Flights()
        for own in (self._settings.vault_token, self._settings.vault_secret_id):
            redaction.add(own.get_secret_value())
        identity = Identity(self._settings)
        self._stores: dict[str, Store] = {
            "env": from_environment,
            "file": Files(open_files=self._settings.open_files),
            "keyring": from_keyring,
            "azure": KeyVault(self._settings, identity),
            "entra": EntraTokens(identity),
            "vault": Vault(self._settings, clock, redaction.add),
            **(stores or {}),
        }

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._stores))})"

    async def __call__(self, reference: str) -> str:
        """The secret. Raises SourceUnavailable, which names the reference and shows no secret."""
        kept = self._kept.get(reference)
        if kept is not None and self._clock() < kept.until:
            return kept.value
        return await self._flights.join(reference, lambda: self._look_up(reference))

    async def close(self) -> None:
        """Forget everything, and give connections back."""
        self._kept.clear()
        for store in self._stores.values():
            if close := getattr(store, "close", None):
                await close()

    async def _look_up(self, reference: str) -> str:
        kind, _, name = reference.partition(":")
        store = self._stores.get(kind)
        try:
            if store is None:
                raise NotFound(f"there is no store “{kind}”; there are {', '.join(sorted(self._stores))}")
            async with asyncio.timeout(self._settings.seconds):
                found = await store(name)
        except NotFound as missing:
            raise _unavailable(reference, self._redaction.text(str(missing))) from None
        except TimeoutError:
            raise _unavailable(reference, f"it took longer than {self._settings.seconds:g} seconds") from None
        self._redaction.add(found.value)
        self._keep(reference, found)
        return found.value

    def _keep(self, reference: str, found: Found) -> None:
        seconds = self._settings.keep if found.seconds is None else found.seconds
        if seconds > 0:
            self._kept[reference] = _Kept(found.value, self._clock() + seconds)


def _unavailable(reference: str, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"The secret ${{{reference}}} could not be looked up: {why}.",
        next_step="Correct the reference in the settings, or put the secret where it points.",
    )
