"""What we show: one tree that every channel renders in its own way.

A channel that cannot show an element degrades it (a table to an image or to text), it never drops it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from conversation.cells import Column, cell
from conversation.codec import JsonObject, Scalar, portable

TextStyle = Literal["body", "title", "heading", "muted", "good", "warning", "bad"]
InputKind = Literal["text", "multiline", "choice", "choices", "number", "date", "toggle"]
ButtonStyle = Literal["default", "primary", "danger"]


@portable
@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; no markup is interpreted, so a value from the data cannot format or mention anything."""

    text: str
    style: TextStyle = "body"


@portable
@dataclass(frozen=True, slots=True)
class Facts:
    """Name and value pairs."""

    pairs: tuple[tuple[str, str], ...]


@portable
@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a result: scalars, formatted by `conversation.cells.cell`.

    `total` counts all rows of the result (equal to `len(rows)` when all are here); `result` names the stored result
    from which the browser pages and downloads, empty where none is kept.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    total: int = 0
    result: str = ""
    title: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Code:
    """Source text in a fixed-width face, e.g. SQL."""

    text: str
    language: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification with its data inside; `alt` says in words what it shows."""

    spec: JsonObject
    alt: str
    title: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Image:
    """A picture at an https address."""

    url: str
    alt: str


@portable
@dataclass(frozen=True, slots=True)
class File:
    """A download made from a stored result: `format` is csv, parquet or xlsx; `url` opens it in the browser."""

    name: str
    result: str
    format: str = "csv"
    url: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Progress:
    """Work under way. `total` 0 means that the end is not known."""

    label: str
    done: int = 0
    total: int = 0


@portable
@dataclass(frozen=True, slots=True)
class Choice:
    """One option of an input."""

    value: str
    label: str


@portable
@dataclass(frozen=True, slots=True)
class Input:
    """A field beside the buttons; its value comes back under `id` in `CardAction.inputs`."""

    id: str
    label: str
    kind: InputKind = "text"
    value: str = ""
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    limit: int = 500


@portable
@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: comes back as a `CardAction` with `verb` and `payload`, or opens `url` where one is given."""

    label: str
    verb: str = ""
    payload: JsonObject = field(default_factory=dict)
    style: ButtonStyle = "default"
    url: str = ""
    confirm: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Details:
    """What only the curious open: how an answer was made. Closed at first where the channel can fold."""

    title: str
    body: "tuple[Element, ...]"


Element: TypeAlias = Text | Facts | Table | Code | Chart | Image | File | Progress | Input | Details


@portable
@dataclass(frozen=True, slots=True)
class Card:
    """One message: a body from top to bottom, then buttons. `run` names the run that it belongs to.

    `alternatives` are other readings (assumptions to change); `actions` are at most three next steps. A `private` card
    holds what only the asker may see: where others read along, it is shown to the asker alone until it is shared.
    """

    body: tuple[Element, ...]
    actions: tuple[Button, ...] = ()
    alternatives: tuple[Button, ...] = ()
    run: str = ""
    fallback: str = ""
    private: bool = False

    @property
    def fallback_text(self) -> str:
        """The card in plain words, for notifications, logs and screen readers; never empty."""
        words = self.fallback.strip() or "\n".join(_words(self.body)).strip()
        return words or "(an empty card)"

    def buttons(self) -> tuple[Button, ...]:
        """All buttons, next steps first."""
        return self.actions + self.alternatives


def elements(card: Card) -> Iterator[Element]:
    """Every element of a card, those inside `Details` too."""
    for element in card.body:
        yield element
        if isinstance(element, Details):
            yield from element.body


def _words(body: "tuple[Element, ...]") -> Iterator[str]:
    for element in body:
        match element:
            case Facts(pairs=pairs):
                yield from (f"{name}: {value}" for name, value in pairs)
            case Table():
                yield _table_words(element)
            case Text(text=words) | Code(text=words) | Chart(alt=words) | Image(alt=words):
                yield words
            case File(name=words) | Progress(label=words) | Input(label=words):
                yield words
            case Details():
                continue


def _table_words(table: Table) -> str:
    lines = [" | ".join(column.name for column in table.columns)]
    lines += [" | ".join(cell(v, c) for v, c in zip(row, table.columns, strict=True)) for row in table.rows[:10]]
    if max(table.total, len(table.rows)) > 10:
        lines.append(f"({table.total or len(table.rows)} rows)")
    return "\n".join(lines)
