"""The next version of a term."""

from dataclasses import replace

from knowledge.errors import Conflict
from knowledge.glossary.model import Term


def next_version(latest: Term | None, term: Term, *, by: str, at: str, note: str = "", base: int | None = None) -> Term:
    """The version after `latest` (which may be one that took the term away), with the content of `term`.

    Raises Conflict where `base` is given and another version stands: 0 stands for a term that is not there.
    """
    standing = 0 if latest is None or latest.removed else latest.version
    if base is not None and base != standing:
        raise Conflict(
            _conflict(term, latest, standing),
            unchanged="Your change was not made.",
            next_step="Look at the term as it stands, and make the change again.",
        )
    version = (latest.version if latest else 0) + 1
    return replace(term, version=version, changed_by=by, changed_at=at, note=note, removed=False)


def _conflict(term: Term, latest: Term | None, standing: int) -> str:
    if latest is None:
        return f"There is no term “{term.id[:80]}” any more, or there never was."
    if not standing:
        return f"{latest.changed_by or 'Somebody'} took the term “{term.name[:80]}” away meanwhile."
    who, when = latest.changed_by or "Somebody", latest.changed_at[:16].replace("T", " ")
    return f"{who} changed the term “{latest.name[:80]}” on {when} (UTC); it stands at version {standing}."
