"""Who is signed in: between Chainlit's user, whose identifier is one string, and the `Sender` of the core."""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING

from conversation.principal import Sender
from web.port import CHANNEL

if TYPE_CHECKING:
    from web.app import WebSettings


def identifier(sender: Sender) -> str:
    """One string for a person of a workspace; `sender_of` reads it back."""
    return f"{sender.workspace.replace('%', '%25').replace('/', '%2F')}/{sender.user}"


def sender_of(identifier: str, name: str = "") -> Sender | None:
    """The sender behind an identifier; None for a string that is not one."""
    workspace, slash, user = identifier.partition("/")
    if not slash or not user:
        return None
    return Sender(CHANNEL, workspace.replace("%2F", "/").replace("%25", "%"), user, name or user)


def sender_from_cookies(cookies: Mapping[str, str]) -> Sender | None:
    """Who is signed in to the pages by these cookies; None without a valid session."""
    from chainlit.auth.cookie import get_token_from_cookies
    from chainlit.auth.jwt import decode_jwt
    from jwt import InvalidTokenError

    token = get_token_from_cookies(dict(cookies))
    if not token:
        return None
    try:
        user = decode_jwt(token)
    except (InvalidTokenError, TypeError):
        return None
    return sender_of(user.identifier, user.display_name or "")


def sender_from_proxy(headers: Mapping[str, str], settings: "WebSettings") -> Sender | None:
    """Whom a proxy vouches for; None unless it knows the shared secret. `headers` are looked up in lower case."""
    known = headers.get("x-proxy-secret", "")
    if not settings.trusted_header or not settings.trusted_secret:
        return None
    if not hmac.compare_digest(known.encode(), settings.trusted_secret.encode()):
        return None
    user = headers.get(settings.trusted_header.lower(), "").strip()
    return Sender(CHANNEL, settings.realm, user, user) if user else None


def sender_from_entra(person: Mapping[str, object], settings: "WebSettings") -> Sender | None:
    """Whom Microsoft Graph's /me describes; the object id, which no administrator can give to somebody else."""
    id = str(person.get("id") or "")
    name = str(person.get("displayName") or person.get("userPrincipalName") or id)
    return Sender(CHANNEL, settings.entra_tenant, id, name) if id else None
