"""What a question's graph remembers between its nodes: plain JSON, nothing else."""

from typing import Any, NotRequired, TypedDict


class Asked(TypedDict):
    """The question as it goes in. `history` holds exchanges, oldest first; `choices` what buttons chose."""

    question: str
    tenant: str
    today: str
    choices: dict[str, str]
    history: list[dict[str, Any]]


class Reading(TypedDict):
    """How the question was read. `sql` is in `dialect`, `shown` the same for people; `made_by` is for the receipt.

    `verified` says who vouches for it, where somebody does.
    `spent` is what a model took. `because` holds the fields of each `Phrase`, `unread` the words without a part,
    `terms` those of each `Applied`.
    """

    sql: str
    shown: str
    source: str
    dialect: str
    confidence: float
    explanation: str
    assumptions: list[dict[str, Any]]
    tables: list[str]
    memory: dict[str, Any]
    translated_ms: float
    made_by: str
    verified: NotRequired[str]
    spent: NotRequired[str]
    because: NotRequired[list[dict[str, Any]]]
    unread: NotRequired[list[str]]
    terms: NotRequired[list[dict[str, Any]]]


class Weight(TypedDict):
    """What the query will probably take."""

    rows_read: int | None
    rows_returned: int | None
    reasons: list[str]


class Rows(TypedDict):
    """The result: where it is kept, and its first rows as shown."""

    result: str
    columns: list[list[str]]
    rows: list[list[Any]]
    total: int
    milliseconds: float
    chart: dict[str, Any] | None
    chart_alt: str
    steps: list[dict[str, Any]]
    policies: list[str]
    cached: bool
    missing: list[str]


class State(Asked, total=False):
    """The whole state of one run; `card` ends it, and `declined` says why it holds no answer."""

    reading: Reading
    weight: Weight
    decision: dict[str, Any]
    rows: Rows
    card: dict[str, Any]
    declined: str
    memory: dict[str, Any]
