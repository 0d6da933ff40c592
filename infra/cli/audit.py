"""`quillux audit`: what was decided and changed, by whom, and whether the log of it is whole."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, run, say

if TYPE_CHECKING:
    from conversation.audit import Broken, Entry, Verified

app = typer.Typer(no_args_is_help=True, help="The log of what was decided and changed.")

Subject = Annotated[str, typer.Option(help="Only entries of one subject, like a gate's id or `term:revenue`.")]


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="A file that `export` wrote, instead of the database.")] = None,
    head: Annotated[str, typer.Option(help="An end of the log that was noted before, as `verify` prints it.")] = "",
) -> None:
    """Check that no entry was changed, removed, inserted or moved; print the end of the log, to be noted elsewhere."""
    from infra.cli.auditing import verified, verified_file

    if file is not None and not file.is_file():
        fail(Exit.USAGE, f"{file} is no file that can be read.")
    _end(run(verified_file(file, head) if file is not None else verified(head)))


def _end(found: "Verified | Broken") -> None:
    from conversation.audit import Broken

    if isinstance(found, Broken):
        fail(
            Exit.BROKEN,
            f"The log is broken ({found.damage}): {found.words}",
            next_step="Compare it with a backup or an export of before; `quillux audit show` lists the entries.",
        )
    entries = "1 entry" if found.head.seq == 1 else f"{found.head.seq:,} entries"
    say(f"The log is whole: {entries}. It ends with:")
    print(f"{found.head.seq}:{found.head.digest}")


@app.command()
def show(
    subject: Subject = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most to show: the latest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the latest entries, oldest first."""
    from infra.cli.auditing import latest

    entries = run(latest(subject, limit))
    if as_json:
        print(json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False))
        return
    if not entries:
        say("Nothing was decided or changed yet.")
    for entry in entries:
        print(_line(entry))


def _line(entry: "Entry") -> str:
    from infra.cli.terminal import tame

    who = f"{entry.actor} for {entry.acting_for}" if entry.acting_for else entry.actor
    told = [f"{name}: {entry.detail[name]}" for name in ("verdict", "reason", "note", "why") if entry.detail.get(name)]
    where = f" in {entry.channel}" if entry.channel else ""
    words = f"{entry.what:<16}  {who}{where}  {entry.subject}" + (f"  ({'; '.join(told)})" if told else "")
    return f"{entry.seq:>7}  {entry.at[:19]}  {tame(words)[:300]}"


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; standard output if left out.")] = None,
    subject: Subject = "",
    after: Annotated[int, typer.Option(min=0, help="Begin after this entry.")] = 0,
) -> None:
    """Write entries as JSON, one a line; a whole log can be verified from that file alone."""
    from infra.cli.auditing import exported

    count = run(exported(out, subject, after))
    if out is not None:
        say(f"Wrote {count:,} {'entry' if count == 1 else 'entries'} to {out}.")
