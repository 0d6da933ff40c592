"""What the YAML of an API says: where it is, how to get in, which tables it has, and how each is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from knowledge.sources.rest.columns import RestColumn

Operator: TypeAlias = Literal["=", "in", ">=", "<="]
Paging: TypeAlias = Literal["none", "page", "offset", "cursor", "link"]
Entry: TypeAlias = Literal["none", "key", "bearer", "basic", "oauth"]


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are let in. Secrets are references, `${env:NAME}`, until they are used.

    `key` goes into `header` or the query parameter `query`; `oauth` are client credentials at `token_url`.
    """

    kind: Entry = "none"
    header: str = ""
    query: str = ""
    secret: str = ""
    user: str = ""
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one reading of a table may take, and how the API is spared. `rate` is requests a second, 0 for any."""

    pages: int = 1_000
    bytes: int = 256 * 1024 * 1024
    page_bytes: int = 32 * 1024 * 1024
    seconds: float = 60.0
    request_seconds: float = 15.0
    rate: float = 0.0
    parallel: int = 4
    attempts: int = 4
    longest_wait: float = 30.0


@dataclass(frozen=True, slots=True)
class Pages:
    """How the next page is asked for.

    `param` carries the page number from `first` on, the offset, or the cursor; `next` is where the reply says the
    cursor or the address that follows; `count` and `total` where it says how many pages or rows there are.
    """

    kind: Paging = "none"
    param: str = ""
    first: int = 1
    size_param: str = ""
    size: int = 0
    next: str = ""
    count: str = ""
    total: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A comparison that the API can make itself, by a query parameter; several values with commas or repeated."""

    column: str
    operator: Operator
    param: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class RestTable:
    """One table: `rows` is where its rows are in the reply, as keys with dots. Without columns they are inferred."""

    name: str
    path: str
    rows: str = ""
    key: tuple[str, ...] = ()
    comment: str = ""
    columns: tuple[RestColumn, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages)
    pushed: tuple[Pushed, ...] = ()
    limit: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Api:
    """An API as its YAML describes it. `base` is an http or https address without credentials."""

    base: str
    tables: Mapping[str, RestTable]
    auth: Auth = field(default_factory=Auth)
    headers: Mapping[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    link_local: bool = False
