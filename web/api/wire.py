"""The shapes that go over the wire. What comes in is checked to the last leaf; unknown fields are refused."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, cast
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from conversation.activity import MESSAGE_LIMIT
from conversation.card import Card, Chart, Details, Table, elements
from conversation.codec import JsonObject, encode
from conversation.errors import TooMuch
from conversation.run import RunState
from web.api.watch import Seen

DEPTH = 12
"""Levels of nesting that a button's payload may have."""


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a NUL character or half of a surrogate pair, which can't be kept")
    return text


def _tame(value: object, depth: int = DEPTH) -> object:
    if depth == 0:
        raise ValueError(f"is nested more than {DEPTH} levels deep")
    match value:
        case str():
            return _storable(value)
        case Mapping():
            return {_storable(str(key)): _tame(item, depth - 1) for key, item in value.items()}
        case list():
            return [_tame(item, depth - 1) for item in value]
        case float() if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("holds a number that JSON does not have")
        case int() if abs(value) >= 2**63:
            raise ValueError("holds an integer of more than 63 bits")
    return value


Words: TypeAlias = Annotated[str, AfterValidator(_storable)]
Id: TypeAlias = Annotated[str, AfterValidator(_storable), Field(max_length=1_000)]
Object: TypeAlias = Annotated[dict[str, Any], AfterValidator(_tame)]


class InputShape(BaseModel):
    """What a client sends: strictly typed, and nothing beside it."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MessageIn(InputShape):
    """Words, as a person would type them into a chat."""

    text: Words = Field(description=f"The question; at most {MESSAGE_LIMIT:,} characters.")
    conversation: Id = Field(
        default="", description="Follow-ups name the conversation that they belong to; empty begins one."
    )
    id: Id = Field(default="", description="Your own id of this message: sent again, it is the same message.")

    def checked(self) -> str:
        """The text. Raises TooMuch for more than is read."""
        if len(self.text) > MESSAGE_LIMIT:
            raise TooMuch(
                f"The text has {len(self.text):,} characters; at most {MESSAGE_LIMIT:,} are read.",
                unchanged="The question was not asked.",
                next_step="Ask in fewer words.",
            )
        return self.text


class ActionIn(InputShape):
    """A press of a button that a card showed."""

    verb: Words = Field(min_length=1, max_length=100, description="The button's verb.")
    payload: Object = Field(default={}, description="The button's payload, as it stands on the card.")
    inputs: Object = Field(default={}, description="What was typed or chosen beside the button, by the input's id.")
    run: Id = Field(default="", description="The run whose card was pressed.")
    conversation: Id = ""
    id: Id = ""


class Accepted(BaseModel):
    """The deed was taken durably. `status` is where its run can be followed."""

    activity: str
    run: str
    conversation: str
    status: str
    events: str
    duplicate: bool = Field(description="True when this id had been accepted before; nothing new was begun.")


class RunOut(BaseModel):
    """One question from start to end. `text` is the card in plain words; `receipt` is how the answer was made."""

    id: str
    state: RunState
    question: str = ""
    flow: str = ""
    channel: str = ""
    conversation: str = ""
    created_at: str = ""
    finished_at: str = ""
    text: str = ""
    card: dict[str, Any] | None = Field(
        default=None, description="The card as a tree; `@` names the type of each element."
    )
    receipt: list[dict[str, Any]] = Field(
        default=[], description="Title and body of each part that the card keeps folded."
    )
    result: str = Field(default="", description="Address of the rows, where a result is kept.")
    chart: str = Field(default="", description="Address of the chart's picture, where there is one.")
    status: str
    events: str


class RunsOut(BaseModel):
    """Runs, newest first."""

    runs: list[RunOut]


class ColumnOut(BaseModel):
    """A column of a result."""

    name: str
    kind: Literal["text", "integer", "number", "money", "percent", "date", "time", "boolean"]
    unit: str = ""


class RowsOut(BaseModel):
    """A page of a result; `total` counts all its rows."""

    columns: list[ColumnOut]
    rows: list[list[str | int | float | bool | None]]
    total: int
    offset: int


def address(noun: str, id: str, rest: str = "") -> str:
    """The address of something; ids hold `:` and `/`, so they are percent-encoded."""
    return f"/v1/{noun}/{quote(id, safe='')}{rest}"


_NO_RUN = "This began no run: it was refused, or it was the answer to a request that waited."


def run_out(seen: Seen) -> RunOut:
    """A run for the wire; `submitted` while it has not begun."""
    run = seen.run
    out = RunOut(
        id=seen.id,
        state=run.state if run is not None else "failed" if seen.handled else "submitted",
        text=_NO_RUN if seen.handled and run is None else "",
        status=address("runs", seen.id),
        events=address("runs", seen.id, "/events"),
    )
    if run is None:
        return out
    told: dict[str, object] = dict(
        question=run.text,
        flow=run.flow,
        channel=run.where.channel,
        conversation=run.where.thread,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
    return out.model_copy(update=told | (_shown(run.id, run.card) if run.card is not None else {}))


def _shown(id: str, card: Card) -> dict[str, object]:
    parts = list(elements(card))
    results = [part.result for part in parts if isinstance(part, Table) and part.result]
    folded = [cast(JsonObject, encode(part)) for part in card.body if isinstance(part, Details)]
    return {
        "text": card.fallback_text,
        "card": encode(card),
        "receipt": [{"title": part["title"], "body": part["body"]} for part in folded],
        "result": address("results", results[0]) if results else "",
        "chart": address("runs", id, "/chart.png") if any(isinstance(part, Chart) for part in parts) else "",
    }
