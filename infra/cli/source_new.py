"""`quillux source new`: the package of a new kind of source, ready to be changed."""

import re
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.codes import Exit, fail, say

_SCHEME = re.compile(r"[a-z][a-z0-9]{1,30}")

Name = Annotated[str, typer.Argument(help="The scheme of its addresses: lower-case letters and digits.")]


def new(name: Name, out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path()) -> None:
    """Write the package of a new kind of source, with tests that pass."""
    from infra.cli.source_package import files
    from knowledge.sources.kinds import by_scheme

    if not _SCHEME.fullmatch(name):
        fail(Exit.USAGE, f"{name!r} can't be a scheme: lower-case letters and digits.", "Nothing was written.")
    if by_scheme(name):
        fail(Exit.REFUSED, f"{name}:// is built in.", "Nothing was written.", "Choose another name.")
    home = out / f"quillux-source-{name}"
    if home.exists():
        fail(Exit.REFUSED, f"{home} is there already.", "Nothing was written.", "Choose another name or --out.")
    for path, text in files(name).items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8")
    say(f"Wrote {home}. Its README says how to try it; then make read() give your own rows.")
