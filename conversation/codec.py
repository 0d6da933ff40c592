"""JSON for the vocabulary: every frozen type of this package to plain JSON and back.

A value becomes `{"@": "ClassName", field: ...}`. Fields listed in `_RAW` hold JSON as it is and are never decoded, so
that what a client sent cannot turn into one of our types.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TypeAlias, TypeVar

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | list[Json] | dict[str, Json]"
JsonObject: TypeAlias = "dict[str, Json]"

_RAW = frozenset({"payload", "spec", "inputs", "memory", "parameters", "schema"})
_TYPES: dict[str, type] = {}

T = TypeVar("T")


def portable(cls: type[T]) -> type[T]:
    """Register a frozen dataclass so that it can be decoded by name."""
    _TYPES[cls.__name__] = cls
    return cls


def encode(value: object) -> Json:
    """Plain JSON for a scalar, a sequence, a mapping or a registered type; TypeError for anything else."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if is_dataclass(value) and type(value).__name__ in _TYPES:
        encoded: JsonObject = {"@": type(value).__name__}
        for item in fields(value):
            encoded[item.name] = encode(getattr(value, item.name))
        return encoded
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode(value: Json) -> object:
    """The value behind `encode`: lists come back as tuples, except inside raw fields."""
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value.get("@")
    if name is None:
        return {key: decode(item) for key, item in value.items()}
    cls = _TYPES.get(str(name))
    if cls is None:
        raise ValueError(f"unknown type {name!r}")
    known = {item.name for item in fields(cls)}
    return cls(**{key: item if key in _RAW else decode(item) for key, item in value.items() if key in known})


def decode_as(cls: type[T], value: Json) -> T:
    """`decode`, checked: ValueError when the value is of another type."""
    decoded = decode(value)
    if not isinstance(decoded, cls):
        raise ValueError(f"expected {cls.__name__}, found {type(decoded).__name__}")
    return decoded
