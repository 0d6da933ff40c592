"""The log of what was decided and changed: append-only, each entry bound to the one before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from conversation.codec import Json, JsonObject
from conversation.gates.canonical import NotCanonical, digest


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `seq` counts from 1 within a tenant, without holes.

    `what` is like `gate.voted`, `term.changed`; `subject` is what it happened to, like a gate's id. `actor` is a
    person's id, or who acted for us, like `clock`; `acting_for` names who delegated. `digest` is the SHA-256 of all
    other fields in canonical JSON, and `previous` the digest of the entry before, empty for the first.
    """

    seq: int
    tenant: str
    at: str
    actor: str
    acting_for: str
    channel: str
    what: str
    subject: str
    detail: JsonObject
    previous: str
    digest: str

    def sum(self, seq: int | None = None) -> str:
        """What `digest` has to be; with `seq`, what it would have to be in that place. Empty where it can't be one."""
        fields: JsonObject = {
            "seq": self.seq if seq is None else seq,
            "tenant": self.tenant,
            "at": self.at,
            "actor": self.actor,
            "acting_for": self.acting_for,
            "channel": self.channel,
            "what": self.what,
            "subject": self.subject,
            "detail": self.detail,
            "previous": self.previous,
        }
        try:
            return digest(fields)
        except NotCanonical:
            return ""  # such values are never written, so whoever holds them was changed


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be written of one event, before it has a place in the log."""

    at: str
    actor: str
    what: str
    subject: str
    detail: JsonObject
    channel: str = ""
    acting_for: str = ""

    def entry(self, tenant: str, after: "Head") -> Entry:
        """The entry that follows that head. What a database can't keep (NUL, half a character) is replaced first."""
        entry = Entry(
            seq=after.seq + 1,
            tenant=tenant,
            at=_kept_text(self.at),
            actor=_kept_text(self.actor),
            acting_for=_kept_text(self.acting_for),
            channel=_kept_text(self.channel),
            what=_kept_text(self.what),
            subject=_kept_text(self.subject),
            detail={_kept_text(key): _kept(item) for key, item in self.detail.items()},
            previous=after.digest,
            digest="",
        )
        if not (sum := entry.sum()):
            raise NotCanonical("A number in the details is not kept exactly by JSON.")
        return replace(entry, digest=sum)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a tenant's log: how many entries it has and the digest of the last one. Empty at the beginning."""

    seq: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """Every entry is as it was written, in its place, and none is missing."""

    head: Head


Damage = Literal["changed", "missing", "reordered", "inserted", "cut off"]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which the log is not what was written."""

    seq: int
    damage: Damage
    words: str


def damage(before: Head, entry: Entry) -> Broken | None:
    """What is wrong with an entry that is found after that head; None for the one that was written there."""
    place = before.seq + 1
    if entry.seq > place:
        return Broken(place, "missing", f"Entry {place} is missing; the next one is {entry.seq}.")
    if entry.seq < place:
        return Broken(place, "inserted", f"Another entry {entry.seq} stands where entry {place} was written.")
    if entry.previous == before.digest and entry.digest == entry.sum():
        return None
    return Broken(place, "changed", f"Entry {place} is not what was written.")


class Audit(Protocol):
    """The log of each tenant. Nothing in it is ever changed or removed."""

    async def append(
        self,
        tenant: str,
        *,
        at: str,
        actor: str,
        channel: str,
        what: str,
        subject: str,
        detail: JsonObject,
        acting_for: str = "",
    ) -> Entry:
        """Write an entry at the end. Raises NotCanonical for numbers in `detail` that JSON can't keep exactly."""

    async def entries(self, tenant: str, *, subject: str = "", after: int = 0, limit: int = 200) -> Sequence[Entry]:
        """Entries past `after` in their order; only those of `subject` where it is given."""

    async def head(self, tenant: str) -> Head:
        """The end of the log, as it is kept apart from the entries."""

    async def verify(self, tenant: str) -> Verified | Broken:
        """Read the whole log and compare it with its digests and its head."""


def _kept(value: Json) -> Json:
    match value:
        case str():
            return _kept_text(value)
        case dict():
            return {_kept_text(key): _kept(item) for key, item in value.items()}
        case list():
            return [_kept(item) for item in value]
        case _:
            return value


def _kept_text(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
