"""DuckDB's type of a column or of an expression, as far as it matters for where it may be worked out."""

import re
from collections.abc import Callable
from typing import TypeAlias

from sqlglot import exp

from knowledge.catalog.model import Column, DataType

TypeOf: TypeAlias = Callable[[exp.Column], str]

INTEGER, NUMBER, TEXT, DATE, TIMESTAMP, BOOLEAN = "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN"
PADDED = "CHAR"
"""A text whose database compares it as if blanks at its end, or upper and lower case, were not there."""
EXACT = "NUMERIC"
"""A number of which only its database knows the digits; it is fetched as it comes."""

_DECIMAL = re.compile(r"(?:decimal|numeric|number)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE)
_ZONE = re.compile(r"with time zone|timestamptz|timestamp_tz|timestamp_ltz", re.IGNORECASE)
_FLOATING = re.compile(r"float|double|real", re.IGNORECASE)
_PADDED = re.compile(r"^char(acter)?\s*(\(|$)|^bpchar|citext", re.IGNORECASE)
_OWN_TYPE = re.compile(r"uuid|enum|inet|^name$|^set\b", re.IGNORECASE)
_WIDE = re.compile(r"unsigned|hugeint|ubigint", re.IGNORECASE)
_COMPARED = (exp.Predicate, exp.And, exp.Or, exp.Not)
_WHOLE = (
    exp.Count, exp.CountIf, exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter, exp.DayOfMonth,
)  # fmt: skip
_SAME = (exp.Min, exp.Max, exp.Paren, exp.Neg, exp.Abs, exp.Alias, exp.AnyValue)


def duckdb_type(column: Column) -> str:
    """The type that values of the column have in DuckDB; empty to take them as they come."""
    match column.type:
        case DataType.INTEGER:
            return "" if _WIDE.search(column.native) else INTEGER
        case DataType.NUMBER:
            return _number(column.native)
        case DataType.TEXT:
            return _text(column.native)
        case DataType.DATE:
            return DATE
        case DataType.TIMESTAMP:
            return "TIMESTAMPTZ" if _ZONE.search(column.native) else TIMESTAMP
        case DataType.BOOLEAN:
            return BOOLEAN
        case _:
            return ""


def _text(native: str) -> str:
    if _OWN_TYPE.search(native):
        return ""
    return PADDED if _PADDED.search(native) else TEXT


def _number(native: str) -> str:
    found = _DECIMAL.search(native)
    if found and 0 < int(found[1]) <= 38 and int(found[2] or 0) <= int(found[1]):
        return f"DECIMAL({found[1]},{found[2] or 0})"
    return NUMBER if _FLOATING.search(native) else EXACT


def is_decimal(kind: str) -> bool:
    """True for exact numbers with a set scale."""
    return kind.startswith("DECIMAL")


def is_number(kind: str) -> bool:
    """True for integers, decimals and floating numbers."""
    return kind in (INTEGER, NUMBER, EXACT) or is_decimal(kind)


def is_day(kind: str) -> bool:
    """True for dates and timestamps without a zone."""
    return kind in (DATE, TIMESTAMP)


def scale_of(kind: str) -> int:
    """Digits behind the point; 0 for whole numbers."""
    return int(kind.rstrip(")").split(",")[1]) if is_decimal(kind) else 0


def type_of(node: exp.Expr, known: TypeOf) -> str:
    """The type of an expression over columns whose types are `known`; empty where it can't be told."""
    if isinstance(node, exp.Column):
        return known(node)
    if (rule := _BY_NODE.get(type(node))) is not None:
        return rule(node, known)
    return BOOLEAN if isinstance(node, _COMPARED) else ""


def summed(kind: str) -> str:
    """The type of a sum, as it is fetched: a whole number stays one."""
    if is_decimal(kind):
        return f"DECIMAL(38,{scale_of(kind)})"
    return kind if kind in (INTEGER, NUMBER, EXACT) else ""


def _literal(node: exp.Expr, _: TypeOf) -> str:
    if node.is_string:
        return TEXT
    if node.is_int:
        return INTEGER
    whole, fraction = (str(node.this) + ".").split(".")[:2]
    if fraction.isdigit() and (whole.isdigit() or not whole):
        return f"DECIMAL({max(len(whole) + len(fraction), 1)},{len(fraction)})"
    return NUMBER


def _cast(node: exp.Expr, _: TypeOf) -> str:
    text: str = node.args["to"].sql("duckdb").upper().replace(" ", "")
    if text in ("INT", "INTEGER", "SMALLINT", "TINYINT", INTEGER):
        return INTEGER
    if text in (NUMBER, TEXT, DATE, TIMESTAMP, BOOLEAN) or is_decimal(text):
        return text
    return TEXT if text == "TEXT" else ""


def _arithmetic(node: exp.Expr, known: TypeOf) -> str:
    left, right = type_of(node.this, known), type_of(node.expression, known)
    if is_day(left) and isinstance(node.expression, exp.Interval) and not isinstance(node, exp.Mul):
        return TIMESTAMP
    if not (is_number(left) and is_number(right)):
        return ""
    if NUMBER in (left, right):
        return NUMBER
    if EXACT in (left, right):
        return EXACT
    if left == right == INTEGER:
        return INTEGER
    product = isinstance(node, exp.Mul)
    scale = scale_of(left) + scale_of(right) if product else max(scale_of(left), scale_of(right))
    return f"DECIMAL(38,{scale})" if scale <= 38 else ""


def _common(node: exp.Expr, known: TypeOf) -> str:
    """The type that all results have; null and a missing ELSE fit any. Decimals and integers give the widest scale."""
    if isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        results += [node.args["default"]] if node.args.get("default") else []
    else:
        results = [node.this, *node.expressions]
    kinds = {type_of(item, known) for item in results if not isinstance(item, exp.Null)}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds and all(kind == INTEGER or is_decimal(kind) for kind in kinds):
        return f"DECIMAL(38,{max(scale_of(kind) for kind in kinds)})"
    return ""


def _same(node: exp.Expr, known: TypeOf) -> str:
    return type_of(node.this, known)


_BY_NODE: dict[type[exp.Expr], Callable[[exp.Expr, TypeOf], str]] = {
    exp.Literal: _literal,
    exp.Cast: _cast,
    exp.Avg: lambda _node, _known: NUMBER,
    exp.Sum: lambda node, known: summed(type_of(node.this, known)),
    **dict.fromkeys((exp.TimestampTrunc, exp.DateTrunc), lambda _node, _known: TIMESTAMP),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), _arithmetic),
    **dict.fromkeys((exp.Case, exp.Coalesce), _common),
    **dict.fromkeys(_SAME, _same),
    **dict.fromkeys(_WHOLE, lambda _node, _known: INTEGER),
}
