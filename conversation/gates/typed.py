"""Whether edited values keep their JSON types: 10 that comes back as "10" is another action, not the same one."""

from collections.abc import Iterator

from conversation.codec import Json, JsonObject

_NAMES = {"null": "nothing", "boolean": "yes or no", "number": "a number", "string": "text", "array": "a list"}


def retyped(before: JsonObject, after: JsonObject) -> tuple[str, ...]:
    """What changed its JSON type, in words; what is new, was left out, or was null is not told of here."""
    return tuple(_retyped(before, after, ""))


def _retyped(before: Json, after: Json, path: str) -> Iterator[str]:
    old, new = _kind(before), _kind(after)
    if old != new:
        if "null" not in (old, new):
            yield f"`{path}` was {_said(old)} and came back as {_said(new)}"
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in (one for one in before if one in after):
            yield from _retyped(before[name], after[name], f"{path}.{name}" if path else name)
    if isinstance(before, list) and isinstance(after, list):
        kinds = {_kind(one) for one in before}
        for number, one in enumerate(after):
            if len(kinds) == 1 and _kind(one) not in kinds:
                yield f"`{path}[{number}]` came back as {_said(_kind(one))}, in a list of {_said(*kinds)}"


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _said(kind: str) -> str:
    return _NAMES.get(kind, "an object")
