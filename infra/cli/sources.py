"""`quillux source`: the databases and files that can be asked."""

import json
import re
import time
from typing import Annotated, Any

import typer

from infra.cli.codes import Exit, fail, run, say, settings
from infra.cli.source_kinds import kinds

app = typer.Typer(no_args_is_help=True, help="The databases and files that can be asked.")
app.command("kinds")(kinds)

Name = Annotated[str, typer.Argument(help="Short name: letters, digits and _, beginning with a letter.")]
Address = Annotated[
    str, typer.Argument(help="sqlite:///file.db, postgresql://user@host/db, or a file or folder of Parquet or CSV.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@app.command()
def add(
    name: Name,
    address: Address,
    test: Annotated[bool, typer.Option(help="Look at the source before it is added.")] = True,
) -> None:
    """Add a source to the settings file, after a look at it."""
    from infra.cli.settings_file import with_source, write
    from infra.settings import config_file

    if not _NAME.fullmatch(name):
        fail(Exit.USAGE, f"{name!r} is no name: letters, digits and _, beginning with a letter.", "Nothing was added.")
    if name in {source["name"] for source in _configured()}:
        fail(
            Exit.REFUSED,
            f"There is a source {name!r} already.",
            "Nothing was added.",
            f"Choose another name, or `quillux source remove {name}` first.",
        )
    if test:
        run(_look(name, address))
    path = config_file()
    text = path.read_text() if path.exists() else ""
    write(path, run(_edited(lambda: with_source(text, name, address))))
    say(f"Added {name} to {path}. A server that runs sees it after its next start.")


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List the sources. Passwords are not shown."""
    found = [{"name": source["name"], "address": shown(source["address"])} for source in _configured()]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    if not found:
        say("No sources yet. Add one with `quillux source add NAME ADDRESS`.")
    width = max((len(source["name"]) for source in found), default=0)
    for source in found:
        print(f"{source['name']:<{width}}  {source['address']}")


@app.command("test")
def probe(name: Name, as_json: AsJson = False) -> None:
    """Connect to a source and tell what it holds."""
    address = next((source["address"] for source in _configured() if source["name"] == name), None)
    if address is None:
        fail(Exit.USAGE, f"There is no source {name!r}.", next_step="`quillux source list` shows what there is.")
    tables = run(_look(name, address))
    if as_json:
        print(json.dumps(tables, indent=2))
        return
    for table in tables:
        rows = "" if table["rows"] is None else f"{table['rows']:,} rows"
        print(f"{table['name']:<32} {len(table['columns']):>3} columns  {rows:>16}")


@app.command()
def remove(name: Name) -> None:
    """Take a source out of the settings file. The data itself is not touched."""
    from infra.cli.settings_file import without_source, write
    from infra.settings import config_file

    path = config_file()
    if name not in {source["name"] for source in _configured()}:
        fail(Exit.USAGE, f"There is no source {name!r}.", "Nothing was removed.", "`quillux source list` shows them.")
    write(path, run(_edited(lambda: without_source(path.read_text(), name))))
    say(f"Removed {name} from {path}. Its data is untouched.")


def shown(address: str) -> str:
    """An address without its password."""
    return re.sub(r"(?<=://)([^/@:]*):[^@/]*@", r"\1:…@", address)


def _configured() -> list[dict[str, str]]:
    return [{"name": source.name, "address": source.address} for source in settings().sources]


async def _edited(work: Any) -> Any:
    """Work that may raise one of our errors, so that it ends the command in the one way that all errors do."""
    return work()


async def _look(name: str, address: str) -> list[dict[str, Any]]:
    from knowledge.catalog.scan import scan
    from knowledge.errors import SourceUnavailable
    from knowledge.sources.registry import open_source

    began = time.perf_counter()
    source = open_source(address, name)
    try:
        tables = await scan(source)
    finally:
        await source.close()
    if not tables:
        raise SourceUnavailable(
            f"{name} was reached, but it holds no table that can be read.",
            next_step="Check the address, and what its user may read.",
        )
    took = time.perf_counter() - began
    rows = sum(table.rows or 0 for table in tables)
    say(f"{name}: {len(tables)} tables, about {rows:,} rows, read in {took:.1f} s.")
    return [
        {"name": table.name, "rows": table.rows, "columns": [column.name for column in table.columns]}
        for table in tables
    ]
