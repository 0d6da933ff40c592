"""A query in plain language, made from the query itself and not from the question."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.translation.headings import called, computed, entity, participle, plural, spoken, stands_for_row
from knowledge.translation.index import Index
from knowledge.translation.ir import Filter, Item, Query, Scalar
from knowledge.translation.reading.resting import usual_order
from knowledge.translation.saying import days

_MEASURES = {"count": "number of", "sum": "total", "avg": "average", "min": "lowest", "max": "highest"}
_WINDOWS = {"share": "share in percent of the", "running": "running", "growth": "growth in percent of the"}
_WORDS = {
    "=": "is", "!=": "is not", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most",
    "in": "is one of", "not in": "is none of", "like": "matches", "not like": "does not match", "between": "is between",
    "not between": "is not between", "null": "is missing", "not null": "is there",
}  # fmt: skip


def explain(query: Query, index: Index) -> str:
    """One sentence, such as “Number of orders per region, shipped from 1 to 31 October 2026.”"""
    measures = [item for item in query.select if item.fn]
    shown = [item for item in query.select if not item.fn]
    if any(item.fn == "percent" for item in measures):
        tested = tuple(f for f in query.filters if not f.item.fn and f.op not in ("within", "not within"))
        text = f"Percentage of {called(index, measures[0].field)} {_where(index, replace(query, filters=tested))[0]}"
        text += f", per {_join([_dimension(index, item) for item in shown])}" if shown else ""
        query = replace(query, filters=tuple(f for f in query.filters if f not in tested))
    elif measures:
        text = _join([measure(index, item) for item in measures])
        text += f" per {_join([_dimension(index, item) for item in shown])}" if shown else ""
    else:
        text = _listing(index, query, shown)
    parts = [text, *_periods(query), *_where(index, query)]
    parts = parts if measures else [" ".join(parts[:2]), *parts[2:]]
    if query.second and query.combine:
        parts.append(f"and also {', '.join([*_periods(query.second), *_where(index, query.second)])}")
    parts += _sorting(index, query)
    if query.arranged:
        parts.append("sorted by " + _join([_order(index, o.item, o.desc) for o in query.arranged]))
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] + "."


def _join(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def _listing(index: Index, query: Query, shown: list[Item]) -> str:
    """“Customers”, or “email and city of customers”."""
    rows = plural(entity(index, query.focus))
    own = [i for i in shown if i.field.table == query.focus and not i.minus]
    if own and (stands_for_row(index, own[0].field) or index.is_key(own[0].field)):
        rest = [_dimension(index, i) for i in shown if i is not own[0]]
        return rows + (f" with {_join(rest)}" if rest else "")
    text = _join([spoken(i.field.column) if i in own else _dimension(index, i) for i in shown])
    return f"{text} of {rows}" if own else text


def _dimension(index: Index, item: Item) -> str:
    return item.grain or (computed(index, item) if item.minus else called(index, item.field))


def measure(index: Index, item: Item) -> str:
    """An aggregate as a person says it: “number of orders”, “average price”."""
    words = computed(index, item) if item.minus else called(index, item.field)
    if item.fn == "ratio":
        owner = entity(index, item.grain.rpartition(".")[0])
        return f"average number of {words} per {owner} that has any"
    if item.fn == "count" and not item.field.row:
        return f"number of {'different ' if item.distinct else ''}{plural(words)}"
    kind, _, fn = item.fn.partition(" ")
    if fn:
        return f"{_WINDOWS[kind]} {measure(index, replace(item, fn=fn))}"
    if item.fn == "percent":
        return f"percentage of {words}"
    if item.fn == "sum" and words.endswith("total"):
        return f"sum of the {plural(words)}"
    return f"{_MEASURES[item.fn]} {words}" if item.fn else words


def _sorting(index: Index, query: Query) -> list[str]:
    order = query.order[0] if query.order else None
    if order is None or (query.limit is None and query.order == usual_order(query)):
        return [] if query.limit is None else [f"the first {query.limit:,} only"]
    by = measure(index, order.item)
    if order.item.grain:
        by = order.item.grain
    if query.within:
        many = f"the {query.limit}" if query.limit != 1 else "the one"
        return [f"{many} with the {_extreme(order.desc)} {by} in each group"]
    if query.limit is not None and order.item in query.select and order.item.fn:
        return [f"the {'highest' if order.desc else 'lowest'}" + (f" {query.limit:,}" if query.limit > 1 else "")]
    if query.limit is not None:
        return [f"{f'the {query.limit:,}' if query.limit > 1 else 'the one'} with the {_extreme(order.desc)} {by}"]
    return ["sorted by " + _join([_order(index, o.item, o.desc) for o in query.order])]


def _extreme(desc: bool) -> str:
    return "highest" if desc else "lowest"


def _order(index: Index, item: Item, desc: bool) -> str:
    return (item.grain or measure(index, item)) + (", largest first" if desc else "")


def _periods(query: Query) -> list[str]:
    """Conditions on deeds: “shipped from 1 to 31 October 2026”."""
    found = [f for f in query.filters if _deed(f)]
    return [f"{participle(f.item.field)} {days(*f.values)}" for f in found]


def _deed(f: Filter) -> bool:
    return f.op == "within" and not f.either and not f.item.fn and bool(participle(f.item.field))


def _where(index: Index, query: Query) -> list[str]:
    conditions = _conditions(index, tuple(f for f in query.filters if not _deed(f)))
    return (
        [conditions] if conditions.startswith(("with ", "without ")) else [f"where {conditions}"] if conditions else []
    )


def _conditions(index: Index, filters: Sequence[Filter]) -> str:
    groups: dict[object, list[str]] = {}
    for at, f in enumerate(filters):
        groups.setdefault(f.either or f"only {at}", []).append(_filter(index, f))
    return " and ".join(" or ".join(group) for group in groups.values())


def _left(index: Index, item: Item) -> str:
    return measure(index, item) if item.fn else _dimension(index, item)


def _filter(index: Index, f: Filter) -> str:
    if f.query is not None:
        return _nested(index, f)
    if f.op in ("null", "not null") and (owner := index.refers(f.item.field)):
        return f"{'without' if f.op == 'null' else 'with'} {entity(index, owner)}"
    left = _left(index, f.item)
    if f.other is not None:
        return f"{left} {_WORDS[f.op]} {called(index, f.other)}"
    if f.values and isinstance(f.values[0], bool):
        return f"{left.removeprefix('is ')} is {'yes' if f.op == '=' else 'not yes'}"
    return f"{left} {_compared(f)}".rstrip()


def _compared(f: Filter) -> str:
    """What is said of the left side of a condition."""
    match f.op:
        case "within" | "not within":
            return f"is {'not ' if f.op.startswith('not') else ''}{days(*f.values)}"
        case "between" | "not between":
            return f"{_WORDS[f.op]} {_value(f.values[0])} and {_value(f.values[1])}"
        case "like" | "not like":
            return _pattern(f.op, str(f.values[0]))
        case "in":
            return f"is {' or '.join(map(_value, f.values))}"
        case "not in":
            return f"is neither {' nor '.join(map(_value, f.values))}"
        case ">=" | "<" if _dated(f):
            return f"is {days(*((f.values[0], None) if f.op == '>=' else (None, f.values[0])))}"
        case _:
            return f"{_WORDS[f.op]} {_join([_value(v) for v in f.values])}"


def _dated(f: Filter) -> bool:
    value = str(f.values[0])
    return len(value) == 10 and value[4] == value[7] == "-" and isinstance(f.values[0], str)


def _nested(index: Index, f: Filter) -> str:
    assert f.query is not None  # noqa: S101
    inner = f.query
    told = ", ".join([*_periods(inner), *_where(index, inner)])
    if f.op == "in" and inner.focus == f.item.field.table and inner.select[0].field == f.item.field and not inner.group:
        shared = index.refers(f.item.field)
        what = entity(index, shared) if shared else called(index, f.item.field)
        return f"with the {what} of {_join([_value(v) for g in inner.filters for v in g.values])}"
    if f.op in ("in", "not in"):
        things = plural(entity(index, inner.also[0] if inner.also else inner.focus))
        return f"{'without' if f.op == 'not in' else 'with'} {things}{f' {told}' if told else ''}"
    return f"{_left(index, f.item)} {_WORDS[f.op]} the {measure(index, inner.select[0])}{f' {told}' if told else ''}"


def _value(value: Scalar) -> str:
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else f"{value}"


def _pattern(op: str, pattern: str) -> str:
    text = f"“{pattern.strip('%')}”"
    verb = ("contains", "contain") if pattern.startswith("%") and pattern.endswith("%") else ("ends with", "end with")
    verb = ("starts with", "start with") if not pattern.startswith("%") else verb
    return f"does not {verb[1]} {text}" if op.startswith("not") else f"{verb[0]} {text}"
