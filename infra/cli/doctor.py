"""`quillux doctor`: what works, what is missing, and what to do."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, run, settings

if TYPE_CHECKING:
    from infra.cli.examine import Finding

_MARKS = {"ok": ("✓", "green"), "off": ("–", "dim"), "warning": ("!", "yellow"), "broken": ("✗", "red")}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say of each dependency and channel whether it is configured and works, and what to do if not.

    Ends with 1 when something that is configured is broken.
    """
    from infra.cli.examine import examine

    findings = run(examine(settings()))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _table(findings)
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(Exit.BROKEN)


def _table(findings: "list[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from infra.cli.terminal import tame

    grid = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("", "What", "Found", "Do"):
        grid.add_column(heading, overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.state]
        cells = (finding.name, finding.found, finding.next_step)
        grid.add_row(Text(mark, style), *(Text(tame(words)) for words in cells))
    Console().print(grid)
