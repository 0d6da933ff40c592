"""Conditions in plain language: “shipped in 2025”, “with more than 3 employees”, “whose price is at least 10”."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.translation.headings import computed, entity, participle, plural, stands_for_row
from knowledge.translation.index import Index
from knowledge.translation.ir import Filter, Query
from knowledge.translation.saying import days
from knowledge.translation.wording import alike, dimension, joined, measure, noun, numbered, own, owned, value

_WORDS = {
    "=": "is", "!=": "is not", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most",
    "in": "is", "not in": "is neither", "null": "is missing", "not null": "is there",
}  # fmt: skip
_DATED = {">": "is after", "<": "is before", ">=": "is not before", "<=": "is not after"}
_MANY = {
    "=": "exactly", ">": "more than", "<": "fewer than", ">=": "at least", "<=": "at most", "!=": "other than",
}  # fmt: skip


_ALSO = "also where"
_PLACES = ("", "whose", "where", _ALSO)


@dataclass(frozen=True, slots=True)
class Said:
    """One condition: `intro` is “where”, “whose” or nothing, before the `text`."""

    intro: str
    text: str
    of: Filter

    @property
    def whole(self) -> str:
        """The condition by itself."""
        return f"{self.intro} {self.text}".strip()


def said(query: Query, index: Index, filters: Iterable[Filter] | None = None) -> list[list[Said]]:
    """The conditions of a query, periods first; those in one list are alternatives."""
    groups: dict[object, list[Said]] = {}
    for at, f in enumerate(query.filters if filters is None else filters):
        groups.setdefault(f.either or f"only {at}", []).extend(_Teller(query, index).tell(f))
    return sorted((group for group in groups.values() if group), key=lambda group: _place(group[0]))


def told(query: Query, index: Index) -> str:
    """All conditions of a query in one text; empty where there are none."""
    return "".join(link + text for link, text, _ in linked(said(query, index), listed=True)).strip()


def linked(groups: Sequence[Sequence[Said]], *, listed: bool, first: str = " ") -> list[tuple[str, str, Filter]]:
    """Each condition with what joins it to the words before; `listed` where they describe rows."""
    found: list[tuple[str, str, Filter]] = []
    before = ""
    for at, group in enumerate(groups):
        for nth, each in enumerate(group):
            one = replace(each, intro="where") if each.intro == _ALSO and (nth or not found) else each
            link = " or " if nth else first if at == 0 else " and " if listed or one.intro == before else ", "
            link = f"{link}either " if not nth and len(group) > 1 and len(groups) > 1 else link
            repeated = one.intro == "where" == before and (at or nth)
            found.append((link, one.text if repeated else one.whole, one.of))
            before = one.intro
    return found


def _place(first: Said) -> int:
    """Periods come first, then what rows have, whose they are, and last what they lack."""
    if first.text.startswith("without"):
        return len(_PLACES)
    return 0 if first.of.op == "within" and not first.intro else _PLACES.index(first.intro) + 1


class _Teller:
    """Tells the conditions of one query."""

    def __init__(self, query: Query, index: Index) -> None:
        self._query = query
        self._index = index
        measures = [item for item in query.select if item.fn]
        self._rows = not measures or (
            len(query.select) == 1 and measures[0].field.row and measures[0].field.table == query.focus
        )
        """Whether rows of the focus are what the answer lists or counts."""

    def tell(self, f: Filter) -> list[Said]:
        """One condition; a nested one about the same rows gives all that it holds."""
        index, query = self._index, self._query
        if (term := index.term(f.item.field)) and not f.item.fn:
            negated = (f.op, f.values) != ("=", (True,))
            return [Said("", f"that {'do not ' if negated else ''}count as “{term.name}”", f)]
        if f.query is not None:
            return self._nested(f, f.query)
        if deed := self._deed(f):
            return [Said("", deed, f)]
        if f.op in ("null", "not null") and (other := index.refers(f.item.field)):
            return [Said("", f"{'without' if f.op == 'null' else 'with'} {_a(entity(index, other))}", f)]
        if f.item.fn == "count" and f.item.field.row and f.op in _MANY and f.values and not f.other:
            things = entity(index, f.item.field.table)
            things = things if f.values[0] == 1 else plural(things)
            return [Said("", f"with {_MANY[f.op]} {value(f.values[0])} {things}", f)]
        whose = self._rows and f.item.field.table == query.focus
        left = self._left(f, whose=whose)
        return [Said("whose" if whose else "where", f"{left} {self._compared(f)}".rstrip(), f)]

    def _left(self, f: Filter, *, whose: bool) -> str:
        if f.item.fn:
            return f"{'' if whose else 'the '}{measure(self._index, f.item)}"
        if f.item.minus:
            count = "number of " if participle(f.item.field) else ""
            return f"{'' if whose else 'the '}{count}{computed(self._index, f.item)}"
        if f.item.grain:
            return f"{'' if whose else 'the '}{f.item.grain}"
        return own(self._index, f.item.field) if whose else owned(self._index, f.item.field, self._query.focus)

    def _deed(self, f: Filter) -> str:
        """“shipped from 1 to 31 October 2026”; just the period for what comes to be by the deed."""
        deed = participle(f.item.field)
        period = _period(f)
        if not deed or not period or f.item.fn or f.item.minus:
            return ""
        table = f.item.field.table
        thing = entity(self._index, table)
        counted = next((item.field.table for item in self._query.select if item.fn), self._query.focus)
        if alike(deed, thing) and table in (self._query.focus, counted):
            return period
        if alike(deed, thing) and self._rows:
            return f"with {plural(thing)} {period}"
        return f"{deed} {period}"

    def _compared(self, f: Filter) -> str:
        """What is said of the left side of a condition."""
        right = numbered(self._index, f)
        if f.other is not None:
            times = f"{right[0]} times " if right else ""
            return f"{_WORDS.get(f.op, f.op)} {times}{owned(self._index, f.other, self._query.focus)}"
        match f.op:
            case "within" | "not within":
                period = days(*f.values)
                period = f"on or after {period.removeprefix('since ')}" if period.startswith("since") else period
                return f"is {'not ' if f.op.startswith('not') else ''}{period}"
            case "between" | "not between":
                return f"is {'not ' if f.op.startswith('not') else ''}between {right[0]} and {right[1]}"
            case "like" | "not like":
                return _pattern(f.op, str(f.values[0]))
            case "in":
                return f"is {_any(right)}"
            case "not in":
                return f"is neither {' nor '.join(right)}"
        dates = f.op in _DATED and any(isinstance(v, str) for v in f.values)
        return f"{(_DATED if dates else _WORDS).get(f.op, f.op)} {joined(right)}"

    def _nested(self, f: Filter, inner: Query) -> list[Said]:
        index, query = self._index, self._query
        if inner.limit and inner.order and f.op in ("=", "in"):
            return [Said("", self._picked(inner), f)]
        if f.op not in ("in", "not in"):
            left = self._left(f, whose=(whose := self._rows and f.item.field.table == query.focus))
            right = f"{_WORDS.get(f.op, f.op)} the {measure(index, inner.select[0])}"
            if inner.within:
                right += f" of the same {joined([dimension(index, key) for key in inner.within])}"
            return [Said("whose" if whose else "where", f"{left} {right} {told(inner, index)}".rstrip(), f)]
        same = inner.focus == f.item.field.table and inner.select[0].field == f.item.field
        if f.op == "in" and same and index.key(query.focus) == f.item.field.column:
            inside = replace(inner, focus=query.focus, select=query.select)
            same_rows = [one for group in said(inside, index) for one in group]
            return [replace(one, of=f, intro=_ALSO if one.intro == "where" else one.intro) for one in same_rows]
        if f.op == "in" and same and not inner.group:
            others = joined([value(v) for g in inner.filters for v in g.values])
            return [Said("", f"with the same {noun(index, f.item.field)} as {others}", f)]
        things = inner.also[0] if inner.also else inner.focus
        return [Said("", f"{'without' if f.op == 'not in' else 'with'} {self._things(things, inner)}", f)]

    def _picked(self, inner: Query) -> str:
        """“of the dorm with the highest capacity”."""
        things, order = entity(self._index, inner.focus), inner.order[0]
        things = things if inner.limit == 1 else f"{inner.limit:,} {plural(things)}"
        alone = inner.focus == self._query.focus
        by = f"with the {'highest' if order.desc else 'lowest'} {measure(self._index, order.item)}"
        about = replace(inner, select=())
        return f"{'' if alone else 'of '}the {things} {by} {told(about, self._index)}".rstrip()

    def _things(self, table: str, inner: Query) -> str:
        """“orders in 2025”, “the category Toys”."""
        index = self._index
        first = inner.filters[0].query if len(inner.filters) == 1 else None
        if first and first.limit and first.order:
            return _Teller(replace(inner, focus=first.focus), index)._picked(first)
        named = [
            f for f in inner.filters if f.op in ("=", "in") and not f.query and stands_for_row(index, f.item.field)
        ]
        if named and len(named) == len(inner.filters) == 1 and named[0].values:
            return f"the {entity(index, named[0].item.field.table)} {_any([value(v) for v in named[0].values])}"
        about = replace(inner, focus=table, select=())
        return f"{plural(entity(index, table))} {told(about, index)}".rstrip()


def _period(f: Filter) -> str:
    """The period of a condition on a moment, as days; empty for other conditions."""
    if f.op == "within":
        return days(*f.values)
    if f.op in (">=", "<") and len(f.values) == 1 and isinstance(f.values[0], str):
        try:
            return days(*((f.values[0], None) if f.op == ">=" else (None, f.values[0])))
        except ValueError:
            return ""
    return ""


def _any(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} or {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _a(words: str) -> str:
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def _pattern(op: str, pattern: str) -> str:
    text = f"“{pattern.strip('%')}”"
    verb = ("contains", "contain") if pattern.startswith("%") and pattern.endswith("%") else ("ends with", "end with")
    verb = ("starts with", "start with") if not pattern.startswith("%") else verb
    verb = ("is", "be") if "%" not in pattern else verb
    if op.startswith("not"):
        return f"is not {text}" if verb[0] == "is" else f"does not {verb[1]} {text}"
    return f"{verb[0]} {text}"
