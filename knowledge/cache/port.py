"""Where answers are kept, and how long they may be shared with whom."""

from dataclasses import dataclass
from typing import Protocol

from knowledge.sources.opening import Identity


class Cache(Protocol):
    """Bytes by key, for a while. It may forget anything at any time, and never raises: away is the same as empty."""

    async def get(self, key: str) -> bytes | None:
        """What was put, unless it is forgotten."""

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep this for so long."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Of one source: the seconds for which an answer may be given again, 0 for never.

    `personal` when its database is told which person asks: then nobody gets what another one asked.
    """

    seconds: float = 60.0
    personal: bool = False


def personal(identity: Identity) -> bool:
    """Whether answers may differ between people of the same entitlement."""
    match identity.kind:
        case "none":
            return False
        case "role":
            return "{person" in identity.role
        case "variables":
            return any("{person" in value for value in identity.variables.values())
        case "token":
            return True
