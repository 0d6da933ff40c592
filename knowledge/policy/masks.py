"""How a masked column is computed, as an expression that every dialect can run."""

import re

from sqlglot import exp

from knowledge.catalog.model import DataType
from knowledge.policy.port import Mask, Masking

HIDDEN = "***"
_FOLDED = re.compile(r"[a-z_][a-z0-9_]*")
_STEP = re.compile(r"\d{1,12}(\.\d{1,6})?")
_PARTS = ("year", "quarter", "month", "week", "day", "hour")
_SQLITE_PARTS = {"month": "%Y-%m-01", "week": "%Y-%m-01", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:00:00"}


def identifier(name: str, dialect: str) -> exp.Identifier:
    """A column's name as the catalog spells it; Snowflake's plain names are kept plain, because it folds them."""
    return exp.to_identifier(name, quoted=not (dialect == "snowflake" and _FOLDED.fullmatch(name)))


def masked(column: exp.Column, mask: Mask, kind: DataType, dialect: str) -> exp.Expr:
    """What is shown in place of a column. NULL stays NULL; a mask that does not fit the column's type becomes NULL."""
    match mask.kind:
        case Masking.HASH if mask.salt:
            return _hash(column, mask.salt, dialect)
        case Masking.PARTIAL:
            return _partial(column, max(mask.keep, 0))
        case Masking.GENERALISE:
            return _generalised(column, mask.step.lower(), kind, dialect)
        case _:
            return _null(column)


def masked_type(mask: Mask, kind: DataType) -> DataType:
    """The type of what is shown."""
    if mask.kind is Masking.PARTIAL or (mask.kind is Masking.HASH and mask.salt):
        return DataType.TEXT
    return kind


def _null(column: exp.Column) -> exp.Expr:
    """NULL of the column's own type, whatever its database calls it."""
    never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=never, true=column)])


def _hash(column: exp.Column, salt: str, dialect: str) -> exp.Expr:
    """32 hexadecimal digits of MD5 over salt and value: the only hash that all dialects have; SQLite gets it by us."""
    secret = exp.Literal.string(salt)
    secret.meta["secret"] = True
    text = exp.Concat(expressions=[secret, _text(column)], safe=False, coalesce=False)
    digest: exp.Expr = exp.MD5(this=text)
    if dialect == "tsql":
        shape = exp.DataType.build("varchar(32)", dialect="tsql")
        digest = exp.Lower(this=exp.Convert(this=shape, expression=digest, style=exp.Literal.number(2)))
    return _unless_null(column, digest)


def _partial(column: exp.Column, keep: int) -> exp.Expr:
    """The last characters after three stars; a value not longer than twice as many is three stars."""
    if not keep:
        return _unless_null(column, exp.Literal.string(HIDDEN))
    start = exp.Add(this=exp.Sub(this=_length(column), expression=exp.Literal.number(keep)), expression=_one())
    end = exp.Substring(this=_text(column), start=start, length=exp.Literal.number(keep))
    shown = exp.DPipe(this=exp.Literal.string(HIDDEN), expression=end, safe=True)
    return _unless_short(column, 2 * keep, shown)


def _generalised(column: exp.Column, step: str, kind: DataType, dialect: str) -> exp.Expr:
    if kind.numeric and _STEP.fullmatch(step or "10") and float(step or "10") > 0:
        return _range(column, step or "10", kind)
    if kind.temporal and (step or "year") in _PARTS:
        return _period(column, step or "year", kind, dialect)
    if kind is DataType.TEXT and (step or "1").isdigit() and int(step or "1") > 0:
        start = exp.Substring(this=_text(column), start=_one(), length=exp.Literal.number(int(step or "1")))
        shown = exp.DPipe(this=start, expression=exp.Literal.string(HIDDEN), safe=True)
        return _unless_short(column, int(step or "1"), shown)
    return _null(column)


def _range(column: exp.Column, step: str, kind: DataType) -> exp.Expr:
    """The lower end of the range, of the column's own kind: whole numbers stay whole."""
    width = exp.Literal.number(step if "." in step else f"{step}.0")
    floor = exp.Floor(this=exp.Div(this=column, expression=width, typed=False, safe=False))
    low = exp.Mul(this=floor, expression=exp.Literal.number(step))
    return exp.cast(low, "bigint") if kind is DataType.INTEGER and "." not in step else low


def _period(column: exp.Column, part: str, kind: DataType, dialect: str) -> exp.Expr:
    """The first moment of the period. SQLite, whose dates are texts, gives the next longer one that it can."""
    if dialect == "sqlite":
        form = (
            _SQLITE_PARTS["day" if part == "hour" and kind is DataType.DATE else part] if part in _SQLITE_PARTS else ""
        )
        return exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string(form or "%Y-01-01"), column])
    if kind is DataType.DATE and dialect != "tsql":
        day = exp.DateTrunc(this=column, unit=exp.Literal.string("day" if part == "hour" else part))  # type: ignore[no-untyped-call]
        return exp.cast(day, "date")
    return exp.TimestampTrunc(this=column, unit=exp.var(part.upper()))


def _unless_null(column: exp.Column, shown: exp.Expr) -> exp.Expr:
    given = exp.Not(this=exp.Is(this=column.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=given, true=shown)])


def _unless_short(column: exp.Column, longest: int, shown: exp.Expr) -> exp.Expr:
    long = exp.GT(this=_length(column), expression=exp.Literal.number(longest))
    given = exp.Not(this=exp.Is(this=column.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=long, true=shown), exp.If(this=given, true=exp.Literal.string(HIDDEN))])


def _text(column: exp.Column) -> exp.Expr:
    return exp.cast(column.copy(), "text")


def _length(column: exp.Column) -> exp.Expr:
    return exp.Length(this=_text(column))


def _one() -> exp.Expr:
    return exp.Literal.number(1)
