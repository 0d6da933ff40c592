"""The only reader of the environment: one frozen class, filled from `quillux.toml` and `QUILLUX_...` variables.

A variable wins over the file; nested names are joined by two underscores (`QUILLUX_SLACK__BOT_TOKEN`).
"""

import os
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from conversation.errors import OperatorError
from conversation.gates.clock import zone_of

DEFAULT_FILE = Path("quillux.toml")
_CLOCK = r"^(([01]\d|2[0-3]):[0-5]\d)?$"


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
    trusted_time_header: str = Field(
        "", description="Header in which the proxy says when the person signed in, in seconds since 1970."
    )
    trusted_again: str = Field("", description="Address at which the proxy signs people in anew; for high risk.")


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
    language: str = Field("en", description="Language of questions, where they do not tell it themselves.")
    vectors: str = Field(
        "", description="File of word vectors (GloVe, fastText), for words that nothing else explains."
    )
    retention_days: int = Field(30, gt=0, description="Days for which results are kept.")


class Approvals(_Section):
    """When people are reminded of what waits for them, when others are asked too, and how long it waits."""

    remind_hours: float = Field(4, ge=0, description="Hours after which deciders are reminded of a request; 0: never.")
    escalate_hours: float = Field(24, ge=0, description="Hours after which `escalate_to` is asked too; 0: never.")
    escalate_to: tuple[str, ...] = Field(("admin",), description="Roles that are asked too.")
    due_hours: float = Field(
        72, ge=0, description="Hours after which an undecided request is paused, never decided; 0: never."
    )
    reopen_hours: float = Field(24, gt=0, description="Hours for which a request waits that was opened again.")
    quiet_start: str = Field("", pattern=_CLOCK, description="When quiet hours begin, e.g. 18:00; reminders wait.")
    quiet_end: str = Field(
        "", pattern=_CLOCK, description="When they end, e.g. 08:00; on the next day where it is earlier."
    )
    quiet_weekend: bool = Field(False, description="Whether Saturday and Sunday are quiet altogether.")
    zone: str = Field("UTC", description="Time zone of quiet hours and of days, e.g. Europe/Berlin.")
    delegation_days: int = Field(90, gt=0, description="Most days for which somebody may let another decide.")
    look_seconds: float = Field(15, gt=0, description="Seconds between two looks at what has come due.")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            zone_of(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"{zone!r} is no time zone that this machine knows, such as Europe/Berlin") from unknown
        return zone

    @model_validator(mode="after")
    def _both_ends(self) -> "Approvals":
        if bool(self.quiet_start) != bool(self.quiet_end):
            raise ValueError("quiet_start and quiet_end are set together or not at all")
        return self


class Reviews(_Section):
    """What experts are asked to look at, and how often they are told."""

    unsure: float = Field(0.35, ge=0, le=1, description="Confidence below which an answer is reviewed; 0: none.")
    notice_minutes: int = Field(60, ge=0, description="Least minutes between two notices of one expert; 0: no notices.")
    digest_weekday: int = Field(0, ge=-1, le=6, description="Day of the weekly digest, Monday is 0; -1: no digest.")
    check_hours: float = Field(24, ge=0, description="Hours after which verified queries are run again; 0: never.")
    proposals: int = Field(5, ge=0, le=100, description="Proposals of our own sent to experts in a week; 0: none.")
    effect_questions: int = Field(1_000, gt=0, description="Past questions that a change of a word is tried on.")
    effect_seconds: float = Field(10, gt=0, description="Most seconds for that.")


class Model(_Section):
    """A chat model, by LangChain; off while `name` is empty."""

    name: str = Field("", description="Provider and model, e.g. openai:gpt-4.1 or ollama:qwen3.")
    base_url: str = Field("", description="Address of the service, where it is not the provider's own.")
    api_key: SecretStr = Field(SecretStr(""), description="Key, where the provider wants one.")
    seconds: float = Field(20.0, gt=0, description="Most seconds to wait for the model.")
    samples: bool = Field(True, description="Whether stored values may be sent to the model with tables and columns.")
    candidates: int = Field(3, ge=1, le=9, description="Queries that the model proposes for a question; they vote.")
    tokens_in: int = Field(60_000, ge=0, description="Most tokens sent to the model for one question.")
    tokens_out: int = Field(16_000, ge=0, description="Most tokens of the model's replies to one question.")
    price_in: float = Field(0, ge=0, description="Price of a million tokens sent, for receipts and the limit on cost.")
    price_out: float = Field(0, ge=0, description="Price of a million tokens of replies.")
    currency: str = Field("USD", max_length=8, description="Currency of the prices.")
    cost: float = Field(0, ge=0, description="Most that one question may cost, by these prices; 0: no limit.")


class SourceIdentity(_Section):
    """How a source's database is told who asks."""

    kind: Literal["none", "role", "variables", "token"] = Field(
        "none",
        description="none: one login for all; role: SET ROLE; variables: session variables; token: the asker's own.",
    )
    role: str = Field("{person}", description="Role to take, of {person}, {tenant}, {roles}, {groups}.")
    variables: dict[str, str] = Field(
        {}, description="Session variables and their values, of {person}, {tenant}, {roles}, {groups}."
    )


class SourceSetting(_Section):
    """A source that can be asked."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$", description="Name, as it stands on receipts.")
    address: str = Field(
        repr=False,
        description="sqlite:///file, postgresql://user:${env:PASSWORD}@host/db, a folder or file of Parquet or CSV ...",
    )
    options: dict[str, str] = Field(
        {}, repr=False, description="The kind's own settings; secrets by reference, as in the address."
    )
    identity: SourceIdentity = Field(SourceIdentity(), description="How its database is told who asks.")
    rows: int = Field(0, ge=0, description="Most rows a query of this source may return; 0: as in [answers].")
    seconds: float = Field(0, ge=0, description="Most seconds a query may take in this source; 0: as in [answers].")
    bytes: int = Field(0, ge=0, description="Most bytes a result of this source may have; 0: as in [answers].")
    share: float = Field(
        60, ge=0, description="Seconds for which an answer is given again to those with the same rights; 0: never."
    )


class DocumentsSetting(_Section):
    """A folder of documents that questions are answered from."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$", description="Name, as it stands on answers.")
    path: Path = Field(description="The folder, or where an export was unpacked; archives in it are read too.")
    roles: tuple[str, ...] = Field(
        (), description="Roles that may read it; everybody where no role and no group is set."
    )
    groups: tuple[str, ...] = Field((), description="Groups that may read it.")
    link: str = Field("", description="Address that a document's path is put behind, for links of quotes.")


class Library(_Section):
    """How documents are found: by words and by vectors."""

    hours: float = Field(1, ge=0, description="Hours after which a worker looks at the folders anew; 0: never.")
    embeddings: str = Field(
        "words", description="words, vectors (a file of word vectors), onnx (a folder), or PROVIDER:MODEL of LangChain."
    )
    path: str = Field("", description="File or folder for vectors and onnx; for vectors `answers.vectors` if empty.")
    base_url: str = Field("", description="Address of a provider, where it is not its own.")
    api_key: SecretStr = Field(SecretStr(""), description="Key of a provider.")
    chroma: str = Field("", description="Address of a Chroma server; in the data folder if empty.")
    chroma_token: SecretStr = Field(SecretStr(""), description="Token of that server.")


class Secrets(_Section):
    """Where `${store:name}` in addresses and options of sources is looked up."""

    seconds: float = Field(10, gt=0, description="Most seconds that looking up a secret may take.")
    keep: float = Field(60, ge=0, description="Seconds for which a secret is remembered in memory.")
    open_files: bool = Field(
        False, description="Read ${file:...} that everybody on the machine may read; for containers with one user."
    )
    azure: Literal["default", "managed", "workload", "environment", "cli"] = Field(
        "default", description="Credential for Key Vault and Entra tokens; default tries them all."
    )
    azure_client_id: str = Field("", description="Client id of a user-assigned managed or a workload identity.")
    azure_domain: str = Field("vault.azure.net", description="Domain of Key Vaults; another in national clouds.")
    azure_ca: str = Field("", description="PEM file of an authority to trust for Key Vault, beside a proxy.")
    vault: str = Field("", description="Address of a HashiCorp-compatible secret server; https, but on this machine.")
    vault_namespace: str = Field("", description="Namespace there.")
    vault_login: Literal["token", "approle", "kubernetes"] = Field("token", description="How to sign in there.")
    vault_mount: str = Field("", description="Where that way to sign in is mounted; its own name if empty.")
    vault_token: SecretStr = Field(SecretStr(""), description="Token, for vault_login = token.")
    vault_role: str = Field("", description="Role (kubernetes) or role id (approle).")
    vault_secret_id: SecretStr = Field(SecretStr(""), description="Secret id, for vault_login = approle.")
    vault_jwt: str = Field(
        "/var/run/secrets/kubernetes.io/serviceaccount/token", description="File of the service account's token."
    )
    vault_ca: str = Field("", description="PEM file of the authority that signed its certificate.")


class Cache(_Section):
    """Answers kept for people with the same rights; in Redis where `redis` is set, otherwise in each worker."""

    bytes: int = Field(64 * 1024 * 1024, ge=0, description="Most bytes of answers kept in a worker; 0 keeps none.")
    entry_bytes: int = Field(4 * 1024 * 1024, gt=0, description="Largest answer that is kept, compressed.")
    plans: int = Field(1_000, ge=0, description="Most readings of queries kept in a worker.")


class Breaker(_Section):
    """When a source that fails is left alone for a while, and how many queries it gets at once."""

    failures: int = Field(5, gt=0, description="Failures in a row to reach a source after which it rests.")
    seconds: float = Field(5, gt=0, description="First rest; each further one is twice as long.")
    most_seconds: float = Field(300, gt=0, description="Longest rest.")
    at_once: int = Field(16, gt=0, description="Queries that one source gets at once from a worker.")
    waiting: int = Field(64, ge=0, description="Queries that may wait for their turn; further ones are turned away.")
    patience: float = Field(30, gt=0, description="Most seconds to wait for a turn.")


class Joins(_Section):
    """Joins of tables from several sources: in this process by DuckDB, very large ones in another engine."""

    memory: str = Field("1GB", pattern=r"^\d+(MB|GB)$", description="Memory for all joins of a worker together.")
    spill: str = Field("8GB", pattern=r"^\d+(MB|GB)$", description="Most disk that joins may spill to.")
    here: int = Field(100_000_000, gt=0, description="Rows expected of all sources above which `engine` joins instead.")
    engine: Literal["", "trino", "spark"] = Field("", description="Where larger joins go; empty: nowhere.")
    trino: str = Field("", description="Address of Trino, https://user@host:8443, for engine = trino.")
    trino_password: SecretStr = Field(SecretStr(""), description="Password there; needs https.")
    trino_catalogs: dict[str, str] = Field({}, description="Where Trino sees each source: catalog or catalog.schema.")
    spark: str = Field("local[2]", description="Spark's master, for engine = spark; it must see the data folder.")


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
    database: str = Field(
        "", repr=False, description="SQLAlchemy address of the product's database; SQLite in `data` if empty."
    )
    redis: SecretStr = Field(
        SecretStr(""), description="Redis address: workers count questions together; alone if empty."
    )
    executor: str = Field("worker-1", description="Stable name of this worker; recovers its own turns after a crash.")
    worker_concurrency: int = Field(8, gt=0, description="Turns that one worker handles at a time.")
    open_access: bool = Field(True, description="Whether unknown people of a known workspace may ask as members.")
    scan_hours: float = Field(24, ge=0, description="Hours after which a worker scans a source anew; 0: never.")
    server: Server = Field(Server())
    web: Web = Field(Web())
    slack: Slack = Field(Slack())
    teams: Teams = Field(Teams())
    answers: Answers = Field(Answers())
    approvals: Approvals = Field(Approvals())
    reviews: Reviews = Field(Reviews())
    model: Model = Field(Model())
    secrets: Secrets = Field(Secrets())
    cache: Cache = Field(Cache())
    breaker: Breaker = Field(Breaker())
    joins: Joins = Field(Joins())
    library: Library = Field(Library())
    policy: str = Field(
        "", description="YAML file of data policies: who may see which rows and columns; none if empty."
    )
    gate_policy: str = Field("", description="File of Rego that says how much ceremony an action takes; ours if empty.")
    questions: tuple[str, ...] = Field((), description="Questions offered to begin with; made from the data if empty.")
    people: tuple[Person, ...] = Field(())
    sources: tuple[SourceSetting, ...] = Field(())
    documents: tuple[DocumentsSetting, ...] = Field(())

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
    def values(self) -> Path:
        """The file of stored values that questions may name."""
        return self.data / "values.sqlite"

    @property
    def queue_url(self) -> str:
        """The address of the durable queue's tables: a file of its own on SQLite, so that writers do not meet."""
        if self.database:
            return self.database
        return f"sqlite:///{(self.data / 'queue.sqlite').resolve()}"


def environment(name: str) -> str | None:
    """A variable that a `${env:NAME}` of the settings speaks of; None where it is not set."""
    return os.environ.get(name)


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
