"""One way to write a value, the same in every channel."""

from dataclasses import dataclass
from typing import Literal

from conversation.codec import Scalar, portable

CellKind = Literal["text", "integer", "number", "money", "percent", "date", "time", "boolean"]


EMPTY = "–"
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


@portable
@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as it is shown; `unit` is a currency code or a unit's symbol."""

    name: str
    kind: CellKind = "text"
    unit: str = ""


def cell(value: Scalar, column: Column) -> str:
    """A scalar as a person reads it: thousands separated, money with its sign, an absent value as a dash."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return " ".join(value.split()) if column.kind != "text" else value
    match column.kind:
        case "money":
            symbol = _SYMBOLS.get(column.unit, "")
            return f"{symbol}{value:,.2f}" if symbol else f"{value:,.2f} {column.unit}".rstrip()
        case "percent":
            return f"{value:,.1f} %"
        case "text":
            return str(value)
        case _:
            return f"{number(value)} {column.unit}".rstrip()


def number(value: int | float) -> str:
    """An integer in full; a fraction with two decimals, or four significant digits below one."""
    if isinstance(value, int) or (value == value and abs(value) < 1e15 and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"
