"""Items that nobody complained of: what was found by itself, each with the version of what it is about."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from conversation.codec import Json, JsonObject
from conversation.principal import Principal
from conversation.review import ReviewItem
from knowledge.glossary import Term
from knowledge.glossary.codec import content
from knowledge.verified import VerifiedQuery


def bot(tenant: str) -> Principal:
    """Who opens what was found by itself."""
    return Principal("quillux", tenant, "Quillux")


def found(
    kind: str,
    tenant: str,
    about: str,
    version: str,
    title: str,
    *,
    parameters: JsonObject,
    sql: str = "",
    source: str = "",
    routed_to: Sequence[str] = (),
    people: int = 1,
) -> ReviewItem:
    """An item of `kind` about something with a stable name; decided, it comes back with another `version` only."""
    return ReviewItem(
        id="",
        tenant=tenant,
        kind=kind,
        fingerprint=_hash(kind, about),
        source=source,
        question=title,
        sql=sql,
        run="",
        asked_by=bot(tenant),
        people=max(1, people),
        version=version or "-",
        parameters=parameters,
        routed_to=tuple(routed_to),
    )


def proposed(
    tenant: str,
    term: Term,
    before: Term | None,
    *,
    title: str,
    evidence: Sequence[str],
    about: str = "",
    aspect: str = "term",
    confidence: float = 1.0,
    by: Principal | None = None,
    people: int = 1,
) -> ReviewItem:
    """A term as somebody would have it, with what speaks for it. Rejected, the same proposal does not come back.

    `about` is a stable name of the proposal, e.g. its fingerprint; the term itself where none is given. `by` is the
    person who proposes it; without one it is Quillux.
    """
    as_it_is = content(term)
    parameters: JsonObject = {
        "term": as_it_is,
        "base": before.version if before else 0,
        "evidence": list[Json](evidence),
        "confidence": confidence,
        "aspect": aspect,
    }
    item = found(
        "proposal",
        tenant,
        about or f"{term.id}|{_hash(str(as_it_is))}",
        "1",
        title,
        parameters=parameters,
        source=term.metric.source if term.metric else "",
        routed_to=before.owners if before else (),
        people=people,
    )
    return item if by is None else replace(item, asked_by=by)


def broken(
    query: VerifiedQuery, why: str, version: str, *, routed_to: Sequence[str] = (), people: int = 1
) -> ReviewItem:
    """A verified query that does not answer any more as it was approved to."""
    return found(
        "broken",
        query.tenant,
        query.id,
        version,
        query.question,
        parameters={"query": query.id, "name": query.name, "what": why},
        sql=query.sql,
        source=query.source,
        routed_to=routed_to,
        people=people,
    )


def drifted(tenant: str, term: Term, problems: Sequence[str], *, people: int = 1) -> ReviewItem:
    """A term that the data no longer holds."""
    return found(
        "drift",
        tenant,
        f"term:{term.id}",
        _hash(str(term.version), *problems),
        f"“{term.name}” is no more as the data has it",
        parameters={"term": content(term), "base": term.version, "what": list[Json](problems)},
        source=term.metric.source if term.metric else "",
        routed_to=term.owners,
        people=people,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
