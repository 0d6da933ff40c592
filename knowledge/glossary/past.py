"""The history of a term: who is behind each field, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.errors import Refused
from knowledge.glossary.diff import Value, diff, fields
from knowledge.glossary.model import Term


@dataclass(frozen=True, slots=True)
class Blame:
    """Who gave a field its present value: the version, the person, when (ISO 8601, UTC) and the note."""

    field: str
    value: Value
    version: int
    by: str
    at: str
    note: str


def blame(history: Sequence[Term]) -> tuple[Blame, ...]:
    """One for each field that has a value in the latest version. `history` is that of a term, the latest first."""
    if not history or history[0].removed:
        return ()
    behind: dict[str, Term] = {}
    before: Term | None = None
    for version in reversed(history):
        for change in diff(before, version):
            behind[change.field] = version
        before = None if version.removed else version
    return tuple(
        Blame(name, value, who.version, who.changed_by, who.changed_at, who.note)
        for name, value in fields(history[0]).items()
        if value and (who := behind.get(name))
    )


def back_to(history: Sequence[Term], version: int) -> Term:
    """What to write to have an earlier version again; its version is the one that stands, for `base`.

    Raises Refused for a version that never was, took the term away, or means what stands already.
    """
    latest = history[0] if history else None
    wanted = next((term for term in history if term.version == version and not term.removed), None)
    if latest is None or wanted is None:
        there = ", ".join(str(term.version) for term in history if not term.removed)
        raise Refused(f"There is no version {version} of this term.", next_step=f"There are: {there or 'none'}.")
    if not latest.removed and not diff(latest, wanted):
        raise Refused(f"Version {latest.version}, which stands, means the same as version {version}.")
    return replace(wanted, version=0 if latest.removed else latest.version, note=f"Back to version {version}.")
