"""Finds passwords that were typed into an address or an option, and puts references in their place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_REFERENCE = re.compile(r"\$\{[a-z]+:[^${}]+\}")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)@")
_WORDS = (
    r"[a-z0-9_.-]*(?:password|passwd|pwd|secret|token|(?:api|access|secret|private|account)_?key|signature|credential)"
)
_PARAMETER = re.compile(rf"(?i)[?&]({_WORDS})=([^&#]+)")
_NAME = re.compile(rf"(?i){_WORDS}")


@dataclass(frozen=True, slots=True)
class Literal:
    """A secret that stands somewhere in clear: `label` names it (empty for the password of the address)."""

    label: str
    value: str = field(repr=False)
    start: int
    end: int


def in_address(address: str) -> list[Literal]:
    """Passwords and tokens that stand in an address itself, in order; what is referred to is none."""
    plain = _REFERENCE.sub(lambda found: "\0" * len(found[0]), address)
    found = []
    if authority := _AUTHORITY.match(plain):
        user, colon, password = authority[1].partition(":")
        if colon and password.strip("\0"):
            start = authority.start(1) + len(user) + 1
            found.append(Literal("", unquote(address[start : authority.end(1)]), start, authority.end(1)))
    for parameter in _PARAMETER.finditer(plain):
        if parameter[2].strip("\0"):
            start, end = parameter.span(2)
            found.append(Literal(parameter[1].lower(), unquote(address[start:end]), start, end))
    return found


def in_options(options: Mapping[str, str]) -> list[Literal]:
    """Options whose name says that they are secret, and that stand in clear."""
    return [
        Literal(name, value, 0, len(value))
        for name, value in options.items()
        if _NAME.fullmatch(name) and _REFERENCE.sub("", value)
    ]


def referred(address: str, literals: list[Literal], references: Mapping[str, str]) -> str:
    """The address with each literal replaced by the reference of its label."""
    for literal in reversed(literals):
        address = f"{address[: literal.start]}${{{references[literal.label]}}}{address[literal.end :]}"
    return address


def references(address: str, options: Mapping[str, str]) -> list[str]:
    """Everything that is referred to, once, as `store:name`."""
    texts = (address, *options.values())
    return list(dict.fromkeys(found[2:-1] for text in texts for found in _REFERENCE.findall(text)))
