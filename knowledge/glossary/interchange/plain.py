"""Values of files of other tools, which may be of any shape."""

from collections.abc import Iterator, Mapping
from typing import Any


class Lost(Exception):
    """Something that our terms can't say, or that can't be read: why, after the name of the thing."""


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping, otherwise none."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The mappings in a list; what is none is passed over."""
    yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def text(value: object) -> str:
    """The value where it is a text or a number, otherwise an empty one; on one line, without spaces around."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list, or the one text."""
    items = value if isinstance(value, list) else [value]
    return tuple(found for item in items if (found := text(item)))


def every_text(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from every_text(item)
        case list():
            for item in value:
                yield from every_text(item)


def words(name: str) -> str:
    """A name as people say it: `order_total` is “order total”."""
    return " ".join(name.replace("_", " ").split())
