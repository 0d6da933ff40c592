"""Verified queries as JSON, for a store, and as YAML, for people and for git."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.errors import Refused
from knowledge.verified.model import Parameter, Place, Reading, VerifiedQuery
from knowledge.yaml_text import read_yaml, write_yaml

LARGEST = 20_000_000
"""Characters of a YAML file."""
MOST = 50_000
_TEXTS = ("question", "sql", "source")


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair as a person writes it down; everything else is found out when it is approved."""

    question: str
    sql: str
    source: str
    name: str = ""
    scope: tuple[str, ...] = ()


def to_json(query: VerifiedQuery) -> dict[str, Any]:
    """Plain JSON with a field for each field."""
    value: dict[str, Any] = _lists(asdict(query))
    return value


def from_json(value: Mapping[str, Any]) -> VerifiedQuery:
    """The query behind `to_json`."""
    reads = tuple(
        Reading(**{**read, "columns": tuple((str(name), str(kind)) for name, kind in read["columns"])})
        for read in value["reads"]
    )
    found = tuple(
        Parameter(
            kind=one["kind"],
            said=one["said"],
            places=tuple(Place(**place) for place in one["places"]),
            column=tuple(one["column"]) if one["column"] else None,
            whole=one["whole"],
        )
        for one in value["parameters"]
    )
    terms = tuple((str(id), str(digest)) for id, digest in value.get("terms", ()))
    given = {**value, "reads": reads, "parameters": found, "scope": tuple(value["scope"]), "terms": terms}
    return VerifiedQuery(**given)


def to_yaml(queries: Sequence[VerifiedQuery], pretty: Mapping[str, str]) -> str:
    """A file for git: one entry for each pair, ordered by question. `pretty` has the SQL for people by id."""
    entries = [
        {
            "name": query.name,
            "question": query.question,
            "source": query.source,
            **({"scope": list(query.scope)} if query.scope else {}),
            "approved_by": query.approved_by,
            "approved_at": query.approved_at,
            "sql": pretty.get(query.id, query.sql) + "\n",
        }
        for query in sorted(queries, key=lambda one: (one.question.lower(), one.id))
    ]
    return write_yaml({"verified": entries})


def from_yaml(text: str) -> tuple[Entry, ...]:
    """The entries of a file. Raises Refused for a file that is no such list, naming the entry."""
    found = read_yaml(text, LARGEST)
    entries = found.get("verified") if isinstance(found, dict) else None
    if not isinstance(entries, list) or len(entries) > MOST:
        raise Refused(
            f"The file has no list `verified` of up to {MOST:,} entries.",
            unchanged="Nothing was imported.",
            next_step="`quillux verified export` writes one.",
        )
    return tuple(_entry(at, entry) for at, entry in enumerate(entries, 1))


def _entry(at: int, entry: object) -> Entry:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in _TEXTS):
        raise Refused(
            f"Entry {at} has no {', '.join(_TEXTS)} in words.",
            unchanged="Nothing was imported.",
            next_step="`quillux verified export` writes the form.",
        )
    scope = entry.get("scope") or []
    if not isinstance(scope, list) or not all(isinstance(one, str) for one in scope):
        raise Refused(f"The scope of entry {at} is no list of roles or groups.", unchanged="Nothing was imported.")
    return Entry(entry["question"], entry["sql"], entry["source"], str(entry.get("name") or ""), tuple(scope))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple | list) else value
