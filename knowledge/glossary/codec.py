"""Terms as plain JSON: for the store, the API, gates and files. What is read is checked field by field."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast, get_args, get_type_hints

from knowledge.errors import Refused
from knowledge.glossary import model
from knowledge.glossary.model import Metric, Place, Relation, Term

T = TypeVar("T", Term, Metric, Place, Relation)

HISTORY = ("version", "changed_by", "changed_at", "note", "removed")
"""Fields that tell of a change rather than of the meaning."""
_PARTS: Mapping[str, type] = {"places": Place, "relations": Relation}


def to_json(value: Term | Metric | Place | Relation) -> dict[str, Any]:
    """Plain JSON with a field for each field, in the order of the class."""
    return {name: _plain(getattr(value, name)) for name in _hints(type(value))}


def content(term: Term) -> dict[str, Any]:
    """What a term means, without who changed it when: equal for versions that mean the same."""
    return {name: value for name, value in to_json(term).items() if name not in HISTORY}


def from_json(value: object) -> Term:
    """The term behind `to_json`; fields of a newer version are passed over. Raises Refused, naming the field."""
    term = _read(Term, value, "The term")
    if not term.id or not term.name:
        raise Refused("The term has no id or no name.", next_step="Give it both.")
    return term


def metric_from_json(value: object) -> Metric:
    """The metric behind `to_json`. Raises Refused, naming the field."""
    return _read(Metric, value, "The metric")


def stamp(terms: Iterable[Term]) -> str:
    """The version of a glossary of these terms: changes with each change of any of them; empty for none."""
    lines = [f"{term.id}\0{term.version}\0{term.changed_at}\0{term.changed_by}" for term in terms]
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "replace")).hexdigest()[:16] if lines else ""


def fields_of(kind: type) -> tuple[str, ...]:
    """The names of a class's fields, in order."""
    return tuple(_hints(kind))


def _plain(value: Any) -> Any:
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Metric() | Place() | Relation():
            return to_json(value)
        case _:
            return value


def _read(kind: type[T], value: object, where: str) -> T:
    if not isinstance(value, Mapping):
        raise Refused(f"{where} is no object with fields.", next_step=f"Its fields are: {', '.join(_hints(kind))}.")
    found: dict[str, Any] = {
        name: _field(name, hint, value[name], f"{where}, field “{name}”")
        for name, hint in _hints(kind).items()
        if name in value
    }
    try:
        return kind(**found)
    except TypeError as error:
        missing = [name for name in kind.__slots__ if name not in found]
        raise Refused(f"{where} is not whole.", next_step=f"Not given: {', '.join(missing)}.") from error


def _field(name: str, hint: Any, value: object, where: str) -> object:
    if hint == (Metric | None):
        return None if value is None else _read(Metric, value, where)
    if name in _PARTS:
        return tuple(_read(_PARTS[name], item, where) for item in _list(value, where))
    if hint == tuple[str, ...]:
        return tuple(_text(item, where) for item in _list(value, where))
    if choices := get_args(hint) if getattr(hint, "__origin__", None) is Literal else ():
        if value not in choices:
            raise Refused(f"{where} is {str(value)[:40]!r}.", next_step=f"It may be: {', '.join(choices)}.")
        return value
    if hint in (int, bool):
        if type(value) is not hint:
            raise Refused(f"{where} is no {'number' if hint is int else 'yes or no'}.")
        return value
    return _text(value, where)


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise Refused(f"{where} is no list.")
    return cast("Sequence[object]", value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"{where} is no text.", next_step="Put it in quotes.")
    return value


def _hints(kind: type) -> Mapping[str, Any]:
    if kind not in _KNOWN:
        _KNOWN[kind] = get_type_hints(kind, vars(model))
    return _KNOWN[kind]


_KNOWN: dict[type, Mapping[str, Any]] = {}
