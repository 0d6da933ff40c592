"""What differs between two versions of a term or two glossaries, field by field, as data and in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from knowledge.glossary.codec import content
from knowledge.glossary.form import tame
from knowledge.glossary.model import Term

Value: TypeAlias = "str | Sequence[str]"
"""A text, or a list of texts: places and relations are written as people read them."""
_LABELS: Mapping[str, str] = {
    "metric.source": "source of the number",
    "metric.table": "table of the number",
    "metric.expression": "expression",
    "metric.filters": "filters",
    "metric.grain": "grain",
    "metric.additivity": "additivity",
    "metric.time": "time",
    "metric.unit": "unit",
    "metric.format": "format",
}
_LONG = 300


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; `field` is its path (`metric.expression`), either side is empty where it had none."""

    field: str
    before: Value
    after: Value

    @property
    def label(self) -> str:
        """The field for people."""
        return _LABELS.get(self.field, self.field)

    @property
    def text(self) -> str:
        """A sentence: what was and what is."""
        if not isinstance(self.before, str) or not isinstance(self.after, str):
            return self._of_lists(_listed(self.before), _listed(self.after))
        if not self.before:
            return f"The {self.label} is now “{_short(self.after)}”."
        if not self.after:
            return f"The {self.label} “{_short(self.before)}” is gone."
        return f"The {self.label} was “{_short(self.before)}” and is “{_short(self.after)}”."

    def _of_lists(self, before: Sequence[str], after: Sequence[str]) -> str:
        added = [item for item in after if item not in before]
        gone = [item for item in before if item not in after]
        parts = [f"{word} {_quoted(items)}" for word, items in (("added", added), ("gone", gone)) if items]
        return f"The {self.label}: {'; '.join(parts) or f'in another order, {_quoted(after)}'}."


@dataclass(frozen=True, slots=True)
class Difference:
    """A term that differs between two glossaries; versions are 0 where a side does not know the term or its version."""

    id: str
    name: str
    what: Literal["added", "removed", "changed"]
    changes: tuple[FieldChange, ...] = ()
    before: int = 0
    after: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The difference in words, the term first."""
        head = {"added": "new", "removed": "gone", "changed": "changed"}[self.what]
        shown = self.changes if self.what == "changed" else ()
        return (f"{tame(self.name)} ({self.id}): {head}", *(f"  {change.text}" for change in shown))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, with the words."""
        changes = [
            {"field": one.field, "before": _json(one.before), "after": _json(one.after), "text": one.text}
            for one in self.changes
        ]
        versions = {"before": self.before, "after": self.after}
        return {"id": self.id, "name": self.name, "what": self.what, **versions, "changes": changes}


def diff(before: Term | None, after: Term | None) -> tuple[FieldChange, ...]:
    """The fields in which two versions differ, in the order of the fields; all that are set where one side is None."""
    was, now = fields(before), fields(after)
    empty: Value = ""
    pairs = [(name, was.get(name, empty), now.get(name, empty)) for name in dict.fromkeys((*was, *now))]
    return tuple(FieldChange(name, old, new) for name, old, new in pairs if (old or new) and old != new)


def compare(before: Iterable[Term], after: Iterable[Term]) -> tuple[Difference, ...]:
    """The terms that differ, by id; who changed a term and when makes no difference."""
    was, now = {term.id: term for term in before}, {term.id: term for term in after}
    found = (difference(was.get(id), now.get(id)) for id in sorted({*was, *now}))
    return tuple(each for each in found if each is not None)


def difference(before: Term | None, after: Term | None) -> Difference | None:
    """How a term differs between two sides; None where it does not."""
    term = after or before
    changes = diff(before, after)
    if term is None or not changes:
        return None
    what: Literal["added", "removed", "changed"] = "changed"
    if before is None or after is None:
        what = "added" if before is None else "removed"
    versions = (before.version if before else 0, after.version if after else 0)
    return Difference(term.id, term.name, what, changes, *versions)


def fields(term: Term | None) -> dict[str, Value]:
    """Each field that carries meaning by its path, as it is compared."""
    if term is None:
        return {}
    found: dict[str, Value] = {}
    for name, value in content(term).items():
        if name == "metric":
            found |= {f"metric.{part}": item for part, item in (value or {}).items()}
        elif name == "places":
            found[name] = tuple(_place(item) for item in value)
        elif name == "relations":
            found[name] = tuple(f"{item['kind']} {item['other']}" for item in value)
        elif name != "id":
            found[name] = value
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def _place(place: Mapping[str, str]) -> str:
    column = f".{place['column']}" if place["column"] else ""
    condition = f" where {place['condition']}" if place["condition"] else ""
    return f"{place['source']}: {place['table']}{column}{condition}"


def _listed(value: Value) -> Sequence[str]:
    return ([value] if value else []) if isinstance(value, str) else value


def _json(value: Value) -> object:
    return value if isinstance(value, str) else list(value)


def _short(text: str) -> str:
    return tame(text, _LONG)


def _quoted(items: Sequence[str]) -> str:
    shown = ", ".join(f"“{_short(item)}”" for item in items[:8])
    return f"{shown} and {len(items) - 8} more" if len(items) > 8 else shown
