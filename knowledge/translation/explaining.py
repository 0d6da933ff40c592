"""A query in plain language, made from the query itself and not from the question."""

from dataclasses import replace
from datetime import date, timedelta

from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Filter, Item, Query, Scalar

_MEASURES = {
    "count": "number of",
    "sum": "total",
    "avg": "average",
    "min": "lowest",
    "max": "highest",
    "share": "share of",
}
_WORDS = {
    "=": "is", "!=": "is not", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most",
    "in": "is one of", "not in": "is none of", "like": "matches", "not like": "does not match", "between": "is between",
    "not between": "is not between", "null": "is missing", "not null": "is there",
}  # fmt: skip


def spoken(name: str) -> str:
    """An identifier as words."""
    return " ".join(name.replace("_", " ").split()).lower()


def place(index: Index, at: Field) -> str:
    """A column with its table, as a person would say it: “name of regions”."""
    if at.row:
        return spoken(at.table)
    shared = sum(at.column.lower() in table.by_name for table in index.tables.values()) > 1
    return f"{spoken(at.column)} of {spoken(at.table)}" if shared else spoken(at.column)


def explain(query: Query, index: Index) -> str:
    """One or two sentences."""
    measures = [item for item in query.select if item.fn]
    shown = [item for item in query.select if not item.fn]
    if measures:
        text = _join([_item(index, item) for item in measures])
        text += f" for each {_join([_item(index, item) for item in shown])}" if shown else ""
    else:
        text = _join([_item(index, item) for item in shown])
        if all(item.field.table == query.focus for item in shown):
            text += "" if f"of {spoken(query.focus)}" in text else f" of {spoken(query.focus)}"
    parts = [text]
    if query.filters:
        parts.append("where " + _conditions(query, index))
    if query.second and query.combine:
        parts.append(f"and also where {_conditions(query.second, index)}")
    if query.order:
        parts.append("sorted by " + _join([_order(index, o.item, o.desc) for o in query.order]))
    if query.limit is not None:
        parts.append("the first row only" if query.limit == 1 else f"the first {query.limit:,} rows only")
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] + "."


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def _item(index: Index, item: Item) -> str:
    text = place(index, item.field)
    if item.fn == "ratio":
        return f"average number of {text} for each of the {spoken(item.grain.partition('.')[0])} that have any"
    if item.grain:
        return f"{item.grain} of {text}"
    if item.fn == "count" and not item.field.row:
        return f"number of different values of {text}" if item.distinct else f"number of {text}"
    if item.fn.startswith("share"):
        return f"share in percent of the {_item(index, replace(item, fn=item.fn.removeprefix('share ')))}"
    if item.fn == "percent":
        return f"percentage of {text}"
    if item.fn == "sum" and text.startswith(("total", "sum")):
        return f"sum of {text}"
    return f"{_MEASURES[item.fn]} {text}" if item.fn else text


def _order(index: Index, item: Item, desc: bool) -> str:
    return f"{_item(index, item)}, {'largest' if desc else 'smallest'} first"


def _conditions(query: Query, index: Index) -> str:
    groups: dict[object, list[str]] = {}
    for at, f in enumerate(query.filters):
        groups.setdefault(f.either or f"only {at}", []).append(_filter(index, f))
    return " and ".join(" or ".join(group) for group in groups.values())


def _filter(index: Index, f: Filter) -> str:
    if f.query is not None:
        return _nested(index, f)
    left = _item(index, f.item)
    if f.other is not None:
        return f"{left} {_WORDS[f.op]} {place(index, f.other)}"
    if f.values and isinstance(f.values[0], bool):
        return f"{left} is {'yes' if f.op == '=' else 'not yes'}"
    match f.op:
        case "within" | "not within":
            return f"{left} is {'not ' if f.op.startswith('not') else ''}{_days(*f.values)}"
        case "between" | "not between":
            return f"{left} {_WORDS[f.op]} {f.values[0]} and {f.values[1]}"
        case "like" | "not like":
            return f"{left} {_pattern(f.op, str(f.values[0]))}"
        case _:
            return f"{left} {_WORDS[f.op]} {_join([_value(v) for v in f.values])}".rstrip()


def _nested(index: Index, f: Filter) -> str:
    assert f.query is not None  # noqa: S101
    inner = f.query
    if f.op in ("in", "not in"):
        thing = spoken(inner.also[0] if inner.also else inner.focus)
        extra = f" where {_conditions(inner, index)}" if inner.filters else ""
        return f"there {'are no' if f.op == 'not in' else 'are'} {thing}{extra}"
    extra = f" where {_conditions(inner, index)}" if inner.filters else ""
    return f"{_item(index, f.item)} {_WORDS[f.op]} the {_item(index, inner.select[0])}{extra}"


def _value(value: Scalar) -> str:
    return f"“{value}”" if isinstance(value, str) else f"{value}"


def _pattern(op: str, pattern: str) -> str:
    text = f"“{pattern.strip('%')}”"
    verb = ("contains", "contain") if pattern.startswith("%") and pattern.endswith("%") else ("ends with", "end with")
    verb = ("starts with", "start with") if not pattern.startswith("%") else verb
    return f"does not {verb[1]} {text}" if op.startswith("not") else f"{verb[0]} {text}"


def _days(start: Scalar, end: Scalar) -> str:
    last = date.fromisoformat(str(end)) - timedelta(days=1) if end else None
    if start and last:
        return f"on {start}" if str(start) == str(last) else f"from {start} to {last}"
    return f"from {start} on" if start else f"up to {last}"
