"""Bringing terms of a file into a glossary that went on meanwhile, without undoing anybody's change unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.glossary.codec import content
from knowledge.glossary.diff import Difference, diff, difference
from knowledge.glossary.model import Glossary, Term


@dataclass(frozen=True, slots=True)
class Step:
    """A term to be written over version `base` (0: there is none)."""

    term: Term
    base: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class Clash:
    """A term that was changed in the file and here since; writing it would undo the change here."""

    term: Term
    base: int
    difference: Difference
    why: str


@dataclass(frozen=True, slots=True)
class Merge:
    """What an import would do. `older` are names of terms that only changed here, `missing` terms not in the file."""

    steps: tuple[Step, ...] = ()
    clashes: tuple[Clash, ...] = ()
    same: int = 0
    older: tuple[str, ...] = ()
    missing: tuple[Term, ...] = ()

    def overwriting(self) -> "Merge":
        """The same with every clash decided for the file."""
        forced = tuple(Step(clash.term, clash.base, clash.difference) for clash in self.clashes)
        return replace(self, steps=(*self.steps, *forced), clashes=())


def merge(file: Sequence[Term], standing: Glossary, histories: Mapping[str, Sequence[Term]]) -> Merge:
    """Compare a file with what stands. A term's version in the file is the one that it was exported from, 0 for none.

    `histories` has the versions of each term that is not as in the file, the latest first.
    """
    steps: list[Step] = []
    clashes: list[Clash] = []
    older: list[str] = []
    same = 0
    for term in file:
        here = standing.get(term.id)
        gap = difference(here, term)
        history = histories.get(term.id, ())
        base = _version(history, term.version)
        if gap is None:
            same += 1
        elif base is not None and content(base) == content(term) and (here is None or here.version > base.version):
            older.append(term.name)
        elif why := _against(term, here, base, history):
            clashes.append(Clash(term, here.version if here else 0, gap, why))
        else:
            steps.append(Step(term, here.version if here else 0, gap))
    ids = {term.id for term in file}
    missing = tuple(term for term in standing.terms if term.id not in ids)
    return Merge(tuple(steps), tuple(clashes), same, tuple(older), missing)


def _against(term: Term, here: Term | None, base: Term | None, history: Sequence[Term]) -> str:
    """Why the file's term may not simply be written; empty where it may."""
    if here is None:
        gone = history[0] if history and history[0].removed and base is not None else None
        return f"{gone.changed_by} took it away on {gone.changed_at[:10]}" if gone else ""
    if not term.version or term.version == here.version:
        return ""
    if base is None:
        return f"the file was made from version {term.version}, which never stood here"
    fields = ", ".join(change.label for change in diff(base, here)) or "nothing that counts"
    return f"{here.changed_by} changed it meanwhile, on {here.changed_at[:10]} (version {here.version}): {fields}"


def _version(history: Sequence[Term], version: int) -> Term | None:
    return next((one for one in history if one.version == version and not one.removed), None)
