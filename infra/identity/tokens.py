"""API tokens: signed, with an end, for one person."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from conversation.principal import Sender
from infra.settings import Settings

_AUDIENCE = "quillux-api"


def signing_secret(settings: Settings) -> str:
    """The secret of the settings, or one made at the first start and kept in the data folder, readable by us alone."""
    configured = settings.web.secret.get_secret_value()
    if configured:
        return configured
    path = settings.data / "secret"
    if not path.exists():
        settings.data.mkdir(parents=True, exist_ok=True)
        _create(path, secrets.token_urlsafe(48))
    return path.read_text()


def _create(path: Path, content: str) -> None:
    """Write a file that did not exist; of two processes at once the first one wins."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(content)


def issue(secret: str, tenant: str, person: str, name: str, days: int) -> str:
    """A token that lets whoever holds it ask as this person, for some days."""
    now = datetime.now(UTC)
    claims = {
        "sub": person,
        "ten": tenant,
        "name": name,
        "aud": _AUDIENCE,
        "iat": now,
        "exp": now + timedelta(days=days),
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def verify(secret: str, token: str) -> Sender | None:
    """Who the token speaks for; None when it is forged, expired or not for this API."""
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], audience=_AUDIENCE, options={"require": ["exp", "sub", "aud"]}
        )
    except jwt.InvalidTokenError:
        return None
    return Sender("api", str(claims.get("ten", "")), str(claims["sub"]), str(claims.get("name", "")))
