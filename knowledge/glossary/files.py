"""The glossary as YAML for people and for git: a stable order, only what is set, and back to the letter."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from knowledge.errors import Refused
from knowledge.glossary.codec import HISTORY, fields_of, from_json, to_json
from knowledge.glossary.form import tame
from knowledge.glossary.model import Metric, Place, Relation, Term
from knowledge.yaml_text import read_yaml, write_yaml

FORMAT = 1
LARGEST = 20_000_000
"""Characters of a file."""
MOST = 20_000
"""Terms of a file."""
_UNCHANGED = "Nothing was imported."
_ORDER = ("id", "name", "kind", "status", "version")
_PARTS: Mapping[str, type] = {"metric": Metric, "places": Place, "relations": Relation}
_ALWAYS = frozenset(("id", "name", "kind", "status", "source", "table", "expression", "other"))
"""Written even where they are what they would be anyway, so that a reader sees them."""
_DEFAULTS = to_json(Term("-", "-")) | {"additivity": "additive", "format": "number"}


def to_yaml(terms: Iterable[Term]) -> str:
    """Terms as a file, ordered by id. Each has the version from which it was written, and nothing of who changed it."""
    return write_yaml({"glossary": FORMAT, "terms": [_entry(term) for term in sorted(terms, key=lambda one: one.id)]})


def from_yaml(text: str) -> tuple[Term, ...]:
    """The terms of a file. Raises Refused for anything that is no such file, naming the term and the field."""
    return terms_of(read_yaml(text, LARGEST))


def terms_of(found: object) -> tuple[Term, ...]:
    """The terms in what was read of a file. Raises Refused as `from_yaml`."""
    if not is_glossary(found) or not isinstance(found, dict) or not isinstance(found.get("terms"), list):
        raise _refused("The file is no glossary: it has no `glossary: 1` and list `terms`.")
    entries = found["terms"]
    if len(entries) > MOST:
        raise _refused(f"The file has more than {MOST:,} terms.")
    terms = tuple(_term(at, entry) for at, entry in enumerate(entries, 1))
    ids = [term.id for term in terms]
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise _refused(f"The term “{tame(twice)}” stands twice in the file.")
    return terms


def is_glossary(found: object) -> bool:
    """Whether what was read of a file is meant to be our own form."""
    return isinstance(found, dict) and found.get("glossary") == FORMAT


def _entry(term: Term) -> dict[str, Any]:
    written = {name: value for name, value in to_json(term).items() if name == "version" or name not in HISTORY}
    ordered = {name: written[name] for name in (*_ORDER, *(name for name in written if name not in _ORDER))}
    return _short(ordered)


def _short(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is as it would be anyway."""
    kept = {}
    for name, item in value.items():
        if name in _ALWAYS or item not in (_DEFAULTS.get(name), "", [], None):
            kept[name] = _short(item) if isinstance(item, dict) else _list(item)
    return kept


def _list(item: Any) -> Any:
    return [_short(one) if isinstance(one, dict) else one for one in item] if isinstance(item, list) else item


def _term(at: int, entry: object) -> Term:
    named = tame(str(entry["id"])) if isinstance(entry, dict) and "id" in entry else f"number {at}"
    try:
        for kind, part in _parts(entry):
            _only_known(kind, part)
        return from_json(entry)
    except Refused as error:
        raise _refused(f"Term {named}: {error.what}", error.next_step) from error


def _parts(entry: object) -> list[tuple[type, Mapping[str, Any]]]:
    """The mappings of an entry with what each is meant to be."""
    if not isinstance(entry, dict):
        return []
    found: list[tuple[type, Mapping[str, Any]]] = [(Term, entry)]
    for name, kind in _PARTS.items():
        value = entry.get(name)
        several: Sequence[object] = value if isinstance(value, list) else [value]
        found += [(kind, part) for part in several if isinstance(part, dict)]
    return found


def _only_known(kind: type, part: Mapping[str, Any]) -> None:
    known = fields_of(kind)
    if unknown := next((name for name in part if name not in known), None):
        raise Refused(f"“{tame(unknown)}” is no field of a {kind.__name__.lower()}.", next_step=_choices(known))


def _choices(known: Sequence[str]) -> str:
    return f"Its fields are: {', '.join(name for name in known if name not in HISTORY)}."


def _refused(what: str, next_step: str = "`quillux glossary export` writes the form.") -> Refused:
    return Refused(what, unchanged=_UNCHANGED, next_step=next_step)
