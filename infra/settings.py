"""The only reader of the environment: one frozen class, filled from `quillux.toml` and `QUILLUX_...` variables.

A variable wins over the file; nested names are joined by two underscores (`QUILLUX_SLACK__BOT_TOKEN`).
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from conversation.errors import OperatorError

DEFAULT_FILE = Path("quillux.toml")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(_Section):
    """Where Quillux listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 behind a proxy.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    public_url: str = Field("", description="Address under which people reach the browser pages, for links in chat.")
    log: Literal["json", "text"] = Field("json", description="Form of log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")


class Web(_Section):
    """Sign-in to the browser."""

    secret: SecretStr = Field(SecretStr(""), description="Signs browser sessions and tokens; made once if empty.")
    password: bool = Field(True, description="Let people with a `password` sign in with it.")
    entra_tenant: str = Field("", description="Microsoft Entra tenant id for sign-in by OAuth.")
    entra_client_id: str = Field("", description="Application (client) id of the Entra registration.")
    entra_client_secret: SecretStr = Field(SecretStr(""), description="Client secret of the Entra registration.")
    trusted_header: str = Field("", description="Header in which a proxy names the signed-in person, e.g. X-User.")
    trusted_secret: SecretStr = Field(SecretStr(""), description="Value the proxy must send in X-Proxy-Secret.")


class Slack(_Section):
    """The Slack app; off while `bot_token` is empty."""

    bot_token: SecretStr = Field(SecretStr(""), description="Bot token, xoxb-...")
    signing_secret: SecretStr = Field(SecretStr(""), description="Signing secret of the app (HTTP mode).")
    app_token: SecretStr = Field(SecretStr(""), description="App-level token, xapp-... (Socket Mode).")
    mode: Literal["http", "socket"] = Field("http", description="How events arrive.")
    api_url: str = Field("https://slack.com/api/", description="Slack's Web API; another address only for tests.")


class Teams(_Section):
    """The Teams bot; off while `app_id` is empty."""

    app_id: str = Field("", description="Microsoft app id of the bot.")
    tenant: str = Field("", description="Entra tenant of a single-tenant bot; empty for multi-tenant.")
    credential: Literal["secret", "certificate", "managed", "workload"] = Field(
        "secret", description="Client secret, certificate, managed identity or workload identity."
    )
    app_secret: SecretStr = Field(SecretStr(""), description="Client secret, for credential = secret.")
    certificate: str = Field("", description="Path of a PEM or PFX file, for credential = certificate.")
    issuer: str = Field("", description="Issuer of the Bot Framework's tokens, where a national cloud has another.")
    openid_metadata: str = Field("", description="OpenID metadata address; another than Microsoft's only for tests.")
    service_urls: tuple[str, ...] = Field((), description="Extra service addresses that may be answered.")


class Answers(_Section):
    """Limits on a question, and when it waits for an approval."""

    rows: int = Field(1_000_000, gt=0, description="Most rows a query may return.")
    seconds: float = Field(30.0, gt=0, description="Most seconds a query may take.")
    bytes: int = Field(256 * 1024 * 1024, gt=0, description="Most bytes a result may have.")
    approval_rows_read: int = Field(50_000_000, gt=0, description="Estimated rows read above which a query waits.")
    approval_rows_returned: int = Field(100_000, gt=0, description="Estimated rows returned above which a query waits.")
    approvers: tuple[str, ...] = Field(("approver", "admin"), description="Roles that may approve such a query.")
    self_approval: bool = Field(False, description="Let people approve their own queries.")
    questions_per_minute: int = Field(600, gt=0, description="Most questions of one person in a minute.")
    language: str = Field("en", description="Language of questions.")
    retention_days: int = Field(30, gt=0, description="Days for which results are kept.")


class Model(_Section):
    """A chat model, by LangChain; off while `name` is empty."""

    name: str = Field("", description="Provider and model, e.g. openai:gpt-4.1 or ollama:qwen3.")
    base_url: str = Field("", description="Address of the service, where it is not the provider's own.")
    api_key: SecretStr = Field(SecretStr(""), description="Key, where the provider wants one.")
    seconds: float = Field(20.0, gt=0, description="Most seconds to wait for the model.")
    samples: bool = Field(True, description="Whether stored values may be sent to the model with tables and columns.")


class SourceSetting(_Section):
    """A source that can be asked."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$", description="Name, as it stands on receipts.")
    address: str = Field(description="sqlite:///file, postgresql://..., a folder or file of Parquet, CSV or JSON.")


class Person(_Section):
    """Somebody with access."""

    id: str = Field(description="Short id, unique within the tenant; the sign-in name.")
    name: str = Field("", description="Name as it is shown.")
    password: SecretStr = Field(SecretStr(""), description="Password hash made by `quillux password`; empty for none.")
    roles: tuple[str, ...] = Field(("member",), description="member, expert, approver, admin.")
    groups: tuple[str, ...] = Field((), description="Groups, for policies.")
    identities: tuple[str, ...] = Field((), description="Identities in channels: slack:T0:U0, teams:TENANT:USER.")


class Settings(BaseSettings):
    """Everything that can be set. Unknown names are refused, so that a typing error is not silently a default."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="QUILLUX_", env_nested_delimiter="__", env_file=None
    )

    tenant: str = Field("default", description="The organisation that people of this installation belong to.")
    data: Path = Field(Path(".data"), description="Folder for everything that Quillux keeps on disk.")
    database: str = Field("", description="SQLAlchemy address of the product's database; SQLite in `data` if empty.")
    redis: SecretStr = Field(
        SecretStr(""), description="Redis address: workers count questions together; alone if empty."
    )
    executor: str = Field("worker-1", description="Stable name of this worker; recovers its own turns after a crash.")
    worker_concurrency: int = Field(8, gt=0, description="Turns that one worker handles at a time.")
    open_access: bool = Field(True, description="Whether unknown people of a known workspace may ask as members.")
    server: Server = Field(Server())
    web: Web = Field(Web())
    slack: Slack = Field(Slack())
    teams: Teams = Field(Teams())
    answers: Answers = Field(Answers())
    model: Model = Field(Model())
    questions: tuple[str, ...] = Field((), description="Questions offered to begin with; made from the data if empty.")
    people: tuple[Person, ...] = Field(())
    sources: tuple[SourceSetting, ...] = Field(())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file named by QUILLUX_CONFIG or ./quillux.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())

    @property
    def database_url(self) -> str:
        """The database's address with its asynchronous driver."""
        address = self.database or f"sqlite:///{(self.data / 'quillux.sqlite').resolve()}"
        return address.replace("sqlite:///", "sqlite+aiosqlite:///", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @property
    def queue_url(self) -> str:
        """The address of the durable queue's tables: a file of its own on SQLite, so that writers do not meet."""
        if self.database:
            return self.database
        return f"sqlite:///{(self.data / 'queue.sqlite').resolve()}"


def config_file() -> Path:
    """The settings file that is read, whether or not it exists."""
    return Path(os.environ.get("QUILLUX_CONFIG", DEFAULT_FILE))


def load(**overrides: object) -> Settings:
    """Read the settings. Raises OperatorError naming each wrong value and what it should be."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as wrong:
        raise OperatorError(
            f"The settings can't be used: {'; '.join(_complaint(dict(error)) for error in wrong.errors())}.",
            unchanged="Nothing was started.",
            next_step=f"Correct {config_file()} or the QUILLUX_... variable; `quillux init --stdout` shows them all.",
        ) from wrong
    except ValueError as unreadable:  # tomllib's TOMLDecodeError
        raise OperatorError(
            f"{config_file()} is not valid TOML: {unreadable}.",
            unchanged="Nothing was started.",
            next_step="Correct the file; `quillux init --stdout` shows a valid one.",
        ) from unreadable


def _complaint(error: dict[str, object]) -> str:
    location = error["loc"]
    name = ".".join(str(part) for part in location) if isinstance(location, tuple) else str(location)
    if error["type"] == "extra_forbidden":
        return f"`{name}` is not a setting"
    return f"`{name}`: {error['msg']}"
