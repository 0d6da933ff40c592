"""The commands of `quillux glossary` that change something, or write files."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infra.cli.codes import Exit, fail, run, say

if TYPE_CHECKING:
    from infra.cli.glossing import Plan
    from knowledge.catalog.affected import Affected
    from knowledge.glossary import Term

By = Annotated[str, typer.Option("--by", help="Id of the expert or admin of the settings who answers for it.")]
Note = Annotated[str, typer.Option(help="Why; it stands in the history.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
SHOWN = 200
"""Lines of what could not be kept that are printed."""


def import_(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with YAML files.")],
    by: By,
    form: Annotated[Literal["auto", "quillux", "dbt", "osi"], typer.Option(help="Whose form it is.")] = "auto",
    source: Annotated[str, typer.Option(help="Of other tools: the source that it is about.")] = "",
    status: Annotated[
        Literal["draft", "proposed", "approved"], typer.Option(help="Of other tools: what new terms are.")
    ] = "proposed",
    overwrite: Annotated[bool, typer.Option(help="Decide every conflict for the file.")] = False,
    prune: Annotated[bool, typer.Option(help="Take away the terms that are not in the file.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    yes: Yes = False,
    note: Note = "",
) -> None:
    """Import terms: ours as YAML, dbt semantic models and metrics, OSI models. Shows the difference, then asks.

    What was changed here since the file was exported is a conflict, and is not overwritten.
    """
    from infra.cli.glossing import Wish, blocking_of, planned, written

    wish = Wish(path, form, source, status, overwrite, prune)
    plan = run(planned(wish))
    _show(plan, prune)
    against = blocking_of(plan)
    if against:
        fail(Exit.REFUSED, f"{len(against)} problems stand in the way.", "Nothing was imported.", "Correct the file.")
    if plan.merge.clashes:
        lines = ("Nothing was imported.", "Export anew and make the change there, or import with --overwrite.")
        fail(Exit.REFUSED, f"{len(plan.merge.clashes)} terms were changed in the file and here.", *lines)
    count = len(plan.merge.steps) + (len(plan.merge.missing) if prune else 0)
    if dry_run or not count:
        say("Nothing was changed." if dry_run else "Everything is as in the file.")
        return
    _ask(yes, f"Make {count:,} changes?")
    run(written(wish, by, note))
    say(f"Made {count:,} changes.")


def rollback(
    id: Annotated[str, typer.Argument(help="Id of a term.")],
    version: Annotated[int, typer.Argument(min=1, help="The version to have again (`quillux glossary history ID`).")],
    by: By,
    yes: Yes = False,
    note: Note = "",
) -> None:
    """Write an earlier version of a term again, as a new version."""
    from infra.cli.glossing import past, rolled_back
    from infra.cli.terminal import tame
    from knowledge.glossary.diff import diff

    history = run(past(id))
    wanted = next((term for term in history if term.version == version), None)
    for change in diff(history[0], wanted) if wanted else ():
        print(tame(change.text))
    if wanted:
        _ask(yes, f"Go back to version {version}?")
    made = run(rolled_back(id, version, by, note))
    say(f"{made.name} is as in version {version} again; it is version {made.version} now.")


def remove(id: Annotated[str, typer.Argument(help="Id of a term.")], by: By, note: Note = "") -> None:
    """Take a term away; its history stays, and `rollback` brings it back."""
    from infra.cli.glossing import removed

    run(removed(id, by, note))
    say(f"{id} is taken away.")


def write_folder(folder: Path, terms: "Sequence[Term]") -> None:
    """One file per term; files of ours whose terms are gone are taken away."""
    from knowledge.errors import KnowledgeError
    from knowledge.glossary.files import from_yaml, to_yaml

    folder.mkdir(parents=True, exist_ok=True)
    names = {f"{term.id}.yaml" for term in terms}
    gone = []
    for file in folder.glob("*.yaml"):
        try:
            ours = file.name not in names and bool(from_yaml(file.read_text("utf-8")))
        except (KnowledgeError, UnicodeDecodeError):
            ours = False
        if ours:
            file.unlink()
            gone.append(file.name)
    for term in terms:
        (folder / f"{term.id}.yaml").write_text(to_yaml([term]), "utf-8")
    say(f"Wrote {len(terms):,} terms to {folder}." + (f" Took away {', '.join(gone)}." if gone else ""))


def affected_json(found: "Sequence[Affected]") -> list[dict[str, Any]]:
    """Whom something meets, for programs."""
    return [asdict(each) for each in found]


def print_affected(found: "Sequence[Affected]", as_json: bool) -> None:
    """Whom something meets, a line each."""
    from infra.cli.terminal import tame

    if as_json:
        print(json.dumps(affected_json(found), indent=2, ensure_ascii=False))
        return
    if not found:
        say("Nothing is known to be made with it.")
    for each in found:
        print(f"{each.kind:<9} {tame(each.id)[:40]:<24}  {tame(each.text)[:100]}  ({tame(each.why)[:80]})")


def _show(plan: "Plan", prune: bool) -> None:
    from infra.cli.terminal import tame

    for line in plan.left[:SHOWN]:
        say(f"not kept: {tame(line)}")
    if len(plan.left) > SHOWN:
        say(f"not kept: {len(plan.left) - SHOWN:,} more")
    for line in _changes(plan):
        print(tame(line))
    for line in _remarks(plan, prune):
        say(tame(line))


def _changes(plan: "Plan") -> Iterator[str]:
    """What is written, and what clashes."""
    for step in plan.merge.steps:
        yield from step.difference.lines
    for clash in plan.merge.clashes:
        yield f"conflict: {clash.term.name} ({clash.term.id}): {clash.why}"
        yield from clash.difference.lines[1:]


def _remarks(plan: "Plan", prune: bool) -> Iterator[str]:
    """What is wrong, what is older than here, and what is not in the file."""
    yield from (f"{problem.severity}: {problem.term}: {problem.what}" for problem in plan.problems)
    yield from (f"only changed here since: {name}" for name in plan.merge.older)
    if plan.merge.missing:
        named = ", ".join(term.id for term in plan.merge.missing[:10])
        fate = "are taken away" if prune else "stay; --prune takes them away"
        yield f"{len(plan.merge.missing):,} terms that are not in the file {fate}: {named}"


def _ask(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        fail(Exit.USAGE, "Nobody can be asked here.", "Nothing was changed.", "Say --yes, or --dry-run to look.")
    if not typer.confirm(question, err=True):
        fail(Exit.REFUSED, "Nothing was changed.")
