"""`quillux source`: the databases and files that can be asked."""

import json
import re
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.codes import Exit, fail, run, say, settings
from infra.cli.source_kinds import kinds
from infra.cli.source_new import new

if TYPE_CHECKING:
    from infra.settings import SourceSetting

app = typer.Typer(no_args_is_help=True, help="The databases and files that can be asked.")
app.command("kinds")(kinds)
app.command("new")(new)

Name = Annotated[str, typer.Argument(help="Short name: letters, digits and _, beginning with a letter.")]
Address = Annotated[
    str,
    typer.Argument(
        help="sqlite:///file.db, postgresql://user:${env:PASSWORD}@host/db, or a file or folder of Parquet or CSV."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@app.command()
def add(
    name: Name,
    address: Address,
    test: Annotated[bool, typer.Option(help="Look at the source before it is added.")] = True,
    option: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of this kind of source; again for more.")] = None,
    identity: Annotated[str, typer.Option(help="How its database is told who asks: role, variables, token.")] = "none",
    role: Annotated[str, typer.Option(help="Role to take, for --identity role.")] = "{person}",
    variable: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, for --identity variables.")] = None,
    password_env: Annotated[str, typer.Option(help="Variable that will hold the password of the address.")] = "",
    password_keyring: Annotated[str, typer.Option(help="Entry of the keyring for it, as service/user.")] = "",
    keep_password: Annotated[bool, typer.Option(help="Write the password into the settings file in clear.")] = False,
) -> None:
    """Add a source to the settings file, after a look at it. A password in the address is moved to the keyring."""
    from infra.cli.moving import Wish, moved
    from infra.cli.settings_file import with_source, write
    from infra.settings import config_file

    if not _NAME.fullmatch(name):
        fail(Exit.USAGE, f"{name!r} is no name: letters, digits and _, beginning with a letter.", "Nothing was added.")
    if name in {source.name for source in settings().sources}:
        fail(
            Exit.REFUSED,
            f"There is a source {name!r} already.",
            "Nothing was added.",
            f"Choose another name, or `quillux source remove {name}` first.",
        )
    known = {"kind": identity, "role": role, "variables": _pairs("--variable", variable)}
    given = _setting(name, address, _pairs("--option", option), known)
    move = moved(given, Wish(password_env, password_keyring, keep_password))
    if test:
        run(_look(given))
    stored = move()
    path = config_file()
    text = path.read_text() if path.exists() else ""
    more = stored.model_dump(exclude_defaults=True, exclude={"name", "address"})
    write(path, run(_edited(lambda: with_source(text, name, stored.address, **more))))
    say(f"Added {name} to {path}. A server that runs sees it after its next start.")


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List the sources. Passwords are not shown; what refers to one is."""
    found = [_shown(source) for source in settings().sources]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    if not found:
        say("No sources yet. Add one with `quillux source add NAME ADDRESS`.")
    width = max((len(source["name"]) for source in found), default=0)
    for source in found:
        more = " ".join(f"{key}={json.dumps(value)}" for key, value in source.items() if key not in ("name", "address"))
        print(f"{source['name']:<{width}}  {source['address']}{'  ' if more else ''}{more}")


@app.command("test")
def probe(name: Name, as_json: AsJson = False) -> None:
    """Look up the secrets of a source, connect to it and tell what it holds."""
    source = next((source for source in settings().sources if source.name == name), None)
    if source is None:
        fail(Exit.USAGE, f"There is no source {name!r}.", next_step="`quillux source list` shows what there is.")
    tables = run(_look(source))
    if as_json:
        print(json.dumps(tables, indent=2))
        return
    for table in tables:
        rows = "" if table["rows"] is None else f"{table['rows']:,} rows"
        print(f"{table['name']:<32} {len(table['columns']):>3} columns  {rows:>16}")


@app.command()
def remove(name: Name) -> None:
    """Take a source out of the settings file. The data itself, and its entry in the keyring, are not touched."""
    from infra.cli.credentials import references
    from infra.cli.settings_file import without_source, write
    from infra.settings import config_file

    path = config_file()
    source = next((source for source in settings().sources if source.name == name), None)
    if source is None:
        fail(Exit.USAGE, f"There is no source {name!r}.", "Nothing was removed.", "`quillux source list` shows them.")
    write(path, run(_edited(lambda: without_source(path.read_text(), name))))
    say(f"Removed {name} from {path}. Its data is untouched.")
    for reference in references(source.address, source.options):
        say(f"Its secret {reference} is still where it was.")


def shown(address: str) -> str:
    """An address without its password."""
    from infra.secrets.redact import REDACTION

    return REDACTION.text(address)


def _shown(source: "SourceSetting") -> dict[str, Any]:
    """What differs from the defaults, without passwords."""
    from infra.cli.credentials import in_options

    found = source.model_dump(exclude_defaults=True)
    hidden = {literal.label: "…" for literal in in_options(source.options)}
    options = {key: hidden.get(key, shown(value)) for key, value in source.options.items()}
    return {**found, "address": shown(source.address), **({"options": options} if options else {})}


def _pairs(flag: str, given: list[str] | None) -> dict[str, str]:
    wrong = [pair for pair in given or [] if "=" not in pair]
    if wrong:
        fail(Exit.USAGE, f"What follows {flag} is not of the form KEY=VALUE.", "Nothing was added.")
    return dict(pair.split("=", 1) for pair in given or [])


def _setting(name: str, address: str, options: dict[str, str], identity: dict[str, Any]) -> "SourceSetting":
    from pydantic import ValidationError

    from infra.settings import SourceIdentity, SourceSetting

    try:
        return SourceSetting(name=name, address=address, options=options, identity=SourceIdentity(**identity))
    except ValidationError as wrong:
        problem = wrong.errors(include_input=False)[0]
        fail(Exit.USAGE, f"{problem['loc'][-1]}: {problem['msg']}.", "Nothing was added.")


async def _edited(work: Any) -> Any:
    """Work that may raise one of our errors, so that it ends the command in the one way that all errors do."""
    return work()


async def _look(setting: "SourceSetting") -> list[dict[str, Any]]:
    from infra.cli.credentials import references
    from infra.openings import opened
    from infra.secrets import Secrets
    from knowledge.catalog.scan import scan
    from knowledge.errors import SourceUnavailable

    began = time.perf_counter()
    secrets = Secrets(settings().secrets)
    try:
        for reference in references(setting.address, setting.options):
            await secrets(reference)
            say(f"The secret {reference} was found.")
        source = opened(setting, secrets)
        try:
            tables = await scan(source)
        finally:
            await source.close()
    finally:
        await secrets.close()
    if not tables:
        raise SourceUnavailable(
            f"{setting.name} was reached, but it holds no table that can be read.",
            next_step="Check the address, and what its user may read.",
        )
    took = time.perf_counter() - began
    rows = sum(table.rows or 0 for table in tables)
    say(f"{setting.name}: {len(tables)} tables, about {rows:,} rows, read in {took:.1f} s.")
    return [
        {"name": table.name, "rows": table.rows, "columns": [column.name for column in table.columns]}
        for table in tables
    ]
