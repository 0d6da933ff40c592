"""The app package that an administrator uploads to Teams: the manifest, filled in, and two icons in a zip."""

import json
import re
import uuid
import zipfile
from pathlib import Path

from conversation.errors import OperatorError

MANIFESTS = Path(__file__).parents[2] / "manifests" / "teams"
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
_EPOCH = (2025, 1, 1, 0, 0, 0)


def build(
    out: Path,
    app_id: str,
    bot_id: str,
    domain: str,
    *,
    developer: str = "Quillux",
    privacy_url: str = "",
    terms_url: str = "",
    source: Path = MANIFESTS,
) -> Path:
    """Write the zip and give its path; the same arguments give the same bytes.

    `app_id` is the id of the Teams app (any GUID; the bot's does), `bot_id` the Microsoft app id of the bot, `domain`
    the public host name of Quillux. Raises OperatorError for a value that Teams would refuse.
    """
    values = {
        "APP_ID": _guid("app_id", app_id),
        "BOT_ID": _guid("bot_id", bot_id),
        "DOMAIN": _host(domain),
        "URL": f"https://{domain}",
        "DEVELOPER": _name(developer),
        "PRIVACY_URL": _https("privacy_url", privacy_url or f"https://{domain}/privacy"),
        "TERMS_URL": _https("terms_url", terms_url or f"https://{domain}/terms"),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        _add(package, "manifest.json", filled((source / "manifest.json").read_text("utf-8"), values).encode())
        for icon in ("color.png", "outline.png"):
            _add(package, icon, (source / icon).read_bytes())
    return out


def filled(template: str, values: dict[str, str]) -> str:
    """The template with each `{{NAME}}` replaced, values escaped as in JSON."""
    return re.sub(r"\{\{([A-Z_]+)\}\}", lambda found: json.dumps(values[found[1]])[1:-1], template)


def _add(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(entry, content)


def _guid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as wrong:
        raise _refused(
            f"{name} is {value!r}, which is no GUID", "Take it from the Azure Bot's configuration"
        ) from wrong


def _host(domain: str) -> str:
    if not _DOMAIN.fullmatch(domain):
        raise _refused(f"{domain!r} is no host name", "Give the public name without https:// and path")
    return domain


def _name(developer: str) -> str:
    if not 1 <= len(developer) <= 32:
        raise _refused("The developer's name has to have 1 to 32 characters", "Give a shorter one")
    return developer


def _https(name: str, url: str) -> str:
    if not url.startswith("https://"):
        raise _refused(f"{name} is no https address", "Give an address that begins with https://")
    return url


def _refused(what: str, next_step: str) -> OperatorError:
    return OperatorError(f"{what}.", unchanged="No package was written.", next_step=f"{next_step}.")
