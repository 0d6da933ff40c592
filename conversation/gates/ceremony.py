"""What deciding needs beside the gate: the page in the browser, a check of edits, proof of a fresh sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from conversation.codec import JsonObject
from conversation.gates.model import Gate
from conversation.principal import Principal

FRESH_SECONDS = 300
"""Seconds for which a fresh sign-in counts."""


class Schemas(Protocol):
    """Checks a value against a JSON schema."""

    def faults(self, schema: JsonObject, value: JsonObject) -> Sequence[tuple[str, str]]:
        """What is wrong, as (field, words); the field is empty where it is the whole."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody signed in anew, at `at`, to decide this very action. Made by the server that saw it, never sent."""

    id: str
    tenant: str
    person: str
    gate: str
    digest: str
    at: str


class Proofs(Protocol):
    """Fresh sign-ins, each good for one decision within `FRESH_SECONDS`."""

    async def give(self, proof: Proof) -> None:
        """Keep a fresh sign-in."""

    async def standing(self, who: Principal, gate: Gate, at: str) -> bool:
        """Whether this person has one for the action as it is now, that is not spent and still fresh."""

    async def spend(self, who: Principal, gate: Gate, activity: str, at: str) -> bool:
        """Bind a standing one to the activity that decides; False where none stands. Once for each proof."""

    async def covers(self, who: Principal, gate: Gate, activity: str) -> bool:
        """Whether one was spent on this activity, for this person and this very action."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """`address` is where people find Quillux in the browser; without `proofs` nothing of high risk can be approved."""

    address: str = ""
    schemas: Schemas | None = None
    proofs: Proofs | None = None

    def page(self, gate: Gate) -> str:
        """The address of a gate's page; a path where the browser's address is not set."""
        return f"{self.address.rstrip('/')}/approvals/{quote(gate.id, safe='')}"
