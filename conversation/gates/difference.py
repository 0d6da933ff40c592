"""What two actions differ in, for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from conversation.card import Code, Element, Facts, Table
from conversation.cells import Column
from conversation.codec import Json, JsonObject
from conversation.gates.model import Gate

LONG = 120
"""Characters above which a value is shown as a block of its own."""
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs: where it stands, and its words before and after; “–” where there was none."""

    path: str
    before: str
    after: str


def difference(before: JsonObject, after: JsonObject) -> tuple[Change, ...]:
    """Every value that differs, in order of its path."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    paths = sorted({*old, *new}, key=lambda path: (path.count("."), path))
    return tuple(
        Change(path, _words(old[path]) if path in old else _NOTHING, _words(new[path]) if path in new else _NOTHING)
        for path in paths
        if path not in old or path not in new or not _same(old[path], new[path])
    )


def as_of(gate: Gate, revision: int) -> "JsonObject | None":
    """The action as it stood at a revision; None where that is not kept."""
    if revision == gate.revision:
        return gate.parameters
    return next((kept.parameters for kept in gate.revisions if kept.number == revision), None)


def changed(changes: tuple[Change, ...], was: str, now: str) -> list[Element]:
    """The differences side by side; long values line by line. `was` and `now` head the two sides."""
    short = [change for change in changes if max(len(change.before), len(change.after)) <= LONG]
    body: list[Element] = []
    if short:
        columns = (Column("What", "text"), Column(was, "text"), Column(now, "text"))
        rows = tuple((change.path, change.before, change.after) for change in short)
        body.append(Table(columns, rows, len(rows)))
    for change in changes:
        if change not in short:
            lines = unified_diff(change.before.splitlines(), change.after.splitlines(), was, now, lineterm="", n=1)
            body.append(Code("\n".join((change.path, *lines)), "diff"))
    return body


def whole(parameters: JsonObject) -> list[Element]:
    """The exact action: short values as facts, long ones as they are."""
    leaves = [(path, value, _words(value)) for path, value in _leaves(parameters)]
    short = tuple((path, words) for path, _, words in leaves if len(words) <= LONG and "\n" not in words)
    body: list[Element] = [Facts(short)] if short else []
    for path, _, words in leaves:
        if (path, words) not in short:
            body.append(Code(words, "sql" if path.rpartition(".")[2] == "sql" else ""))
    return body


def _same(one: Json, other: Json) -> bool:
    """Equal, and of one JSON type: 1, 1.0 and true are three values to a reader."""
    return type(one) is type(other) and one == other


def _leaves(value: JsonObject, at: str = "") -> Iterator[tuple[str, Json]]:
    for name, inner in value.items():
        path = f"{at}.{name}" if at else name
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, path)
        else:
            yield path, inner


def _words(value: Json) -> str:
    match value:
        case str():
            return value
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() if all(isinstance(item, str) for item in value):
            return ", ".join(str(item) for item in value) or "nothing"
        case _:
            return json.dumps(value, ensure_ascii=False)
