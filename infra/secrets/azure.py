"""Secrets of an Azure Key Vault, and Microsoft Entra's tokens in the place of a password."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from infra.secrets.stores import Found, NotFound
from infra.settings import Secrets as SecretSettings

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.keyvault.secrets.aio import SecretClient

EARLY = 300.0
"""Seconds before its end after which a token is no longer used."""
_SHORT = re.compile(r"(?P<vault>[A-Za-z0-9][A-Za-z0-9-]*)/(?P<name>[A-Za-z0-9-]{1,127})(?:/(?P<version>[A-Za-z0-9]+))?")
_LONG = re.compile(r"https://(?P<host>[^/?#@]+)/secrets/(?P<name>[A-Za-z0-9-]{1,127})(?:/(?P<version>[A-Za-z0-9]+))?/?")


class Identity:
    """Who Quillux is in Azure: the credential that the settings choose, made at its first use."""

    def __init__(self, settings: SecretSettings) -> None:
        self._settings = settings
        self._made: AsyncTokenCredential | None = None

    async def credential(self) -> "AsyncTokenCredential":
        """The credential; the same each time."""
        if self._made is None:
            self._made = await asyncio.to_thread(_credential, self._settings)
        return self._made

    async def close(self) -> None:
        """Give its connections back."""
        made, self._made = self._made, None
        if made is not None:
            await made.close()


class EntraTokens:
    """`${entra:SCOPE}`: an access token, for databases that take one as password."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def __call__(self, scope: str) -> Found:
        """A token that is good for minutes at least."""
        credential = await self._identity.credential()
        async with _explained("Entra"):
            token = await credential.get_token(scope)
        return Found(token.token, max(token.expires_on - time.time() - EARLY, 0))

    async def close(self) -> None:
        """Give connections back."""
        await self._identity.close()


class KeyVault:
    """`${azure:VAULT/NAME}`, `${azure:VAULT/NAME/VERSION}`, or the secret's whole identifier, `${azure:https://...}`."""

    def __init__(self, settings: SecretSettings, identity: Identity) -> None:
        self._settings = settings
        self._identity = identity
        self._clients: dict[str, SecretClient] = {}

    async def __call__(self, name: str) -> Found:
        """The secret's value."""
        url, secret, version = self._place(name)
        client = self._clients.get(url)
        if client is None:
            credential = await self._identity.credential()
            client = self._clients[url] = await asyncio.to_thread(self._client, url, credential)
        async with _explained("Key Vault"):
            found = await client.get_secret(secret, version)
        if not found.value:
            raise NotFound("the secret is empty")
        return Found(found.value)

    async def close(self) -> None:
        """Give connections back."""
        while self._clients:
            await self._clients.popitem()[1].close()
        await self._identity.close()

    def _place(self, name: str) -> tuple[str, str, str | None]:
        """Address of the vault, name of the secret, its version. No token is sent to a host of another domain."""
        domain = self._settings.azure_domain
        if short := _SHORT.fullmatch(name):
            return f"https://{short['vault']}.{domain}", short["name"], short["version"]
        long = _LONG.fullmatch(name)
        if long is None:
            raise NotFound("write azure:VAULT/NAME, azure:VAULT/NAME/VERSION or the secret's https identifier")
        if not long["host"].lower().endswith(f".{domain.lower()}"):
            raise NotFound(f"that is no Key Vault of {domain}; another cloud's domain is set by secrets.azure_domain")
        return f"https://{long['host']}", long["name"], long["version"]

    def _client(self, url: str, credential: "AsyncTokenCredential") -> "SecretClient":
        from azure.keyvault.secrets.aio import SecretClient

        trusted = self._settings.azure_ca or True
        return SecretClient(url, credential, connection_verify=trusted, retry_total=1, permit_redirects=False)


def _credential(settings: SecretSettings) -> "AsyncTokenCredential":
    from azure.identity import aio

    known: dict[str, Any] = {"client_id": settings.azure_client_id} if settings.azure_client_id else {}
    match settings.azure:
        case "managed":
            return aio.ManagedIdentityCredential(**known)
        case "workload":
            return aio.WorkloadIdentityCredential(**known)
        case "environment":
            return aio.EnvironmentCredential()
        case "cli":
            return aio.AzureCliCredential()
        case "default":
            names = ("managed_identity_client_id", "workload_identity_client_id")
            return aio.DefaultAzureCredential(**{name: settings.azure_client_id for name in names if known})


@asynccontextmanager
async def _explained(service: str) -> AsyncIterator[None]:
    """What the service's client raises, in words of ours: its own may repeat what was sent."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

    try:
        yield
    except ResourceNotFoundError:
        raise NotFound("the vault has no such secret, or no such version") from None
    except ClientAuthenticationError:
        raise NotFound(f"{service} did not accept Quillux's identity; see secrets.azure") from None
    except HttpResponseError as refused:
        raise NotFound(_status(service, refused.status_code)) from None
    except AzureError as away:
        raise NotFound(f"{service} could not be reached ({type(away).__name__})") from None
    except ValueError:
        raise NotFound(f"{service} asked for a sign-in at a place that is not its own, or the scope is none") from None


def _status(service: str, status: int | None) -> str:
    if status == 403:
        return f"Quillux's identity may not read it; give it the right to get secrets in {service}"
    return f"{service} answered with status {status}"
