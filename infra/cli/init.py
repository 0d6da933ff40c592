"""`quillux init`: a settings file with every setting explained."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.codes import Exit, fail, say


def init(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; quillux.toml if left out.")] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the file, write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write a settings file in which every setting is explained."""
    from infra.cli.settings_file import explained, write
    from infra.settings import config_file

    if stdout:
        print(explained(), end="")
        return
    path = out or config_file()
    if path.exists() and not force:
        fail(
            Exit.REFUSED,
            f"{path} exists already.",
            "It was not changed.",
            "Use --force to replace it, --out for another file, or --stdout to see it.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, explained())
    say(f"Wrote {path}. Next: `quillux source add NAME ADDRESS`, then `quillux doctor`.")
