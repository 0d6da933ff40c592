"""The pages, mounted last at "/" of the product's FastAPI application: settings, files, sign-in."""

import json
import os
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from web import limits
from web.headers import SecureHeaders
from web.render import AUTHOR
from web.services import Services, install

HERE: Final = Path(__file__).parent
_FOREIGN: Final = re.compile(r"<link[^>]*https://(?:fonts\.|cdn\.)[^>]*/?>", re.DOTALL)
_RESERVED: Final = ("DATABASE_URL", "LITERAL_API_KEY", "TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "SLACK_BOT_TOKEN")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`root` is a folder for Chainlit's files, `realm` the workspace of people who sign in here without Entra.

    Each way to sign in is on when its settings are given; `public_url` begins with https in production, which makes
    cookies secure.
    """

    root: Path
    secret: str = field(repr=False)
    realm: str = "default"
    public_url: str = ""
    password: bool = True
    entra_tenant: str = ""
    entra_client_id: str = ""
    entra_client_secret: str = field(default="", repr=False)
    trusted_header: str = ""
    trusted_secret: str = field(default="", repr=False)
    uploads: bool = False

    @property
    def entra(self) -> bool:
        """Whether people may sign in with Microsoft Entra."""
        return bool(self.entra_tenant and self.entra_client_id and self.entra_client_secret)

    @property
    def proxy(self) -> bool:
        """Whether a proxy may vouch for people."""
        return bool(self.trusted_header and self.trusted_secret)


_settings: list[WebSettings] = []


def settings() -> WebSettings:
    """The settings of the mounted pages; `chat.py` asks for them."""
    return _settings[0]


def mount(app: FastAPI, settings: WebSettings, services: Services) -> None:
    """Mount the pages at "/": call it after every other route is in place, once a process.

    Raises OperatorError when Chainlit was imported before, for it reads its environment at import.
    """
    install(services)
    _settings[:] = [settings]
    prepare(settings)
    from chainlit.utils import mount_chainlit

    mount_chainlit(app=app, target=str(HERE / "chat.py"), path="/")
    _unwrap()
    app.add_middleware(SecureHeaders, https=settings.public_url.startswith("https://"))


def _unwrap() -> None:
    """Take off the middleware that guards a sub-path: it guards nothing at "/", and fails when a browser goes away."""
    from chainlit.server import app as pages

    pages.user_middleware = [one for one in pages.user_middleware if "ChainlitMiddleware" not in str(one.cls)]


def prepare(settings: WebSettings) -> None:
    """Lay out Chainlit's folder and environment. The environment is written here and nowhere else."""
    root = settings.root.resolve()
    (root / ".chainlit").mkdir(parents=True, exist_ok=True)
    (root / ".files").mkdir(exist_ok=True)
    _translations(root / ".chainlit" / "translations")
    shutil.copytree(HERE / "public", root / "public", dirs_exist_ok=True)
    (root / "chainlit.md").write_text((HERE / "about.md").read_text("utf-8"), "utf-8")
    (root / ".chainlit" / "config.toml").write_text(config_toml(settings), "utf-8")
    for name in _RESERVED:
        os.environ.pop(name, None)
    os.environ.update(_environment(settings, root))
    if "chainlit.config" not in sys.modules:
        _own_page(root)


def config_toml(settings: WebSettings) -> str:
    """Chainlit's configuration; JSON strings and lists are TOML ones too."""
    origins = json.dumps([settings.public_url] if settings.public_url else [])
    text = (HERE / "config.toml").read_text("utf-8")
    for name, value in {
        "ORIGINS": origins,
        "UPLOADS": json.dumps(settings.uploads),
        "UPLOAD_MB": str(limits.UPLOAD_MB),
        "NAME": json.dumps(AUTHOR),
        "URL": json.dumps(settings.public_url or "/"),
    }.items():
        text = text.replace(f"%{name}%", value)
    tomllib.loads(text)
    return text


def _environment(settings: WebSettings, root: Path) -> dict[str, str]:
    environment = {
        "CHAINLIT_APP_ROOT": str(root),
        "CHAINLIT_AUTH_SECRET": settings.secret,
        "CHAINLIT_COOKIE_SAMESITE": "lax",
        "ANONYMIZED_TELEMETRY": "false",
        "TRACELOOP_TELEMETRY": "false",
    }
    if settings.public_url:
        environment["CHAINLIT_URL"] = settings.public_url
    if settings.entra:
        environment |= {
            "OAUTH_AZURE_AD_CLIENT_ID": settings.entra_client_id,
            "OAUTH_AZURE_AD_CLIENT_SECRET": settings.entra_client_secret,
            "OAUTH_AZURE_AD_TENANT_ID": settings.entra_tenant,
            # Without this Chainlit takes people of every Microsoft tenant.
            "OAUTH_AZURE_AD_ENABLE_SINGLE_TENANT": "true",
        }
    return environment


def _translations(folder: Path) -> None:
    """Our words over Chainlit's English ones; other languages keep Chainlit's."""
    import importlib.util

    spec = importlib.util.find_spec("chainlit")
    source = Path(spec.origin or "").parent / "translations" if spec else Path()
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.json"):
        words = json.loads(file.read_text("utf-8"))
        if file.stem == "en-US":
            words = _merged(words, json.loads((HERE / "words.json").read_text("utf-8")))
        words.setdefault("chat", {})["watermark"] = _WATERMARK
        (folder / file.name).write_text(json.dumps(words, ensure_ascii=False), "utf-8")


_WATERMARK: Final = "Every answer shows how it was made: open its details to check."


def _merged(words: dict[str, object], ours: dict[str, object]) -> dict[str, object]:
    merged = dict(words)
    for name, value in ours.items():
        there = merged.get(name)
        merged[name] = _merged(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return merged


def _own_page(root: Path) -> None:
    """Chainlit's page without its links to public hosts for a font and a style sheet."""
    import importlib.util

    spec = importlib.util.find_spec("chainlit")
    built = Path(spec.origin or "").parent / "frontend" / "dist" if spec else Path()
    ours = root / "page"
    ours.mkdir(exist_ok=True)
    page = (built / "index.html").read_text("utf-8")
    (ours / "index.html").write_text(_FOREIGN.sub("", page), "utf-8")
    assets = ours / "assets"
    if assets.is_symlink():
        assets.unlink()
    if not assets.exists():
        assets.symlink_to(built / "assets", target_is_directory=True)
