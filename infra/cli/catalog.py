"""`quillux catalog`: what is known of the sources, and what changed in them."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from infra.cli.codes import Exit, fail, run, say, settings

if TYPE_CHECKING:
    from infra.catalogs import Report, StoredCatalogs
    from knowledge.catalog.model import Column, Table
    from knowledge.catalog.scan import Progress

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="What is known of the sources, and what changed in them.")

Names = Annotated[list[str] | None, typer.Argument(help="Names of sources; all of them if none is given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def scan(sources: Names = None, as_json: AsJson = False) -> None:
    """Look at sources anew; only what changed is measured, and a scan that was broken off goes on where it was."""
    found = run(_scanned(_named(sources)))
    if as_json:
        print(json.dumps(found, indent=2))


@app.command()
def show(
    source: Annotated[str, typer.Argument(help="Name of a source.")],
    table: Annotated[
        str, typer.Argument(help="A table of it, as `table` or `schema.table`; all if none is given.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what is known of a source, or of one of its tables."""
    _named([source])
    tables = list(run(_with_catalogs(lambda catalogs: catalogs.kept(source))))
    if not table:
        _print_tables(tables, as_json=as_json)
        return
    found = [each for each in tables if table.lower() in (each.name.lower(), _shown(each).lower())]
    if not found:
        fail(Exit.USAGE, f"{source} has no table {table!r}.", next_step=f"`quillux catalog show {source}` lists them.")
    for each in found:
        _print_table(each, as_json=as_json)


@app.command()
def diff(
    source: Annotated[str, typer.Argument(help="Name of a source; all of them if none is given.")] = "",
    since: Annotated[str, typer.Option(help="Snapshot to compare with (`quillux catalog history`).")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what changed in the data at the last scan, or since a snapshot, and which questions it meets.

    Ends with 7 when something changed that may break questions.
    """
    from infra.cli.catalog_diff import compared, print_card, to_json

    if since and not source:
        fail(Exit.USAGE, "A snapshot belongs to one source.", next_step="Name the source before --since.")
    found = run(_with_catalogs(lambda catalogs: compared(catalogs, _named([source] if source else None), since)))
    if as_json:
        print(json.dumps([to_json(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            print_card(each)
    if any(each.breaking for each in found):
        raise typer.Exit(Exit.DRIFT)


@app.command()
def history(
    source: Annotated[str, typer.Argument(help="Name of a source.")],
    as_json: AsJson = False,
) -> None:
    """List the kept snapshots of a source, newest first."""
    _named([source])
    kept = run(_with_catalogs(lambda catalogs: catalogs.history(source)))
    if as_json:
        rows = [
            {"snapshot": each.id, "taken_at": each.taken_at, "tables": len(each.digests), "changes": len(each.changes)}
            for each in kept
        ]
        print(json.dumps(rows, indent=2))
        return
    if not kept:
        say(f"{source} was never scanned. `quillux catalog scan {source}` does.")
    for each in kept:
        print(f"{each.id}  {each.taken_at[:19]}  {len(each.digests):>6,} tables  {len(each.changes):>5,} changes")


def _named(wanted: list[str] | None) -> list[str]:
    there = [source.name for source in settings().sources]
    for name in wanted or ():
        if name not in there:
            fail(Exit.USAGE, f"There is no source {name!r}.", next_step="`quillux source list` shows what there is.")
    return wanted or there


async def _scanned(names: list[str]) -> list[dict[str, Any]]:
    """Scan one source after the other; one that is away is said, and the command ends with it after the others."""
    from infra.cli.stored import stored
    from knowledge.errors import SourceUnavailable

    told: list[dict[str, Any]] = []
    away: SourceUnavailable | None = None
    async with stored(settings()) as catalogs:
        for name in names:
            try:
                with _bar(name) as progress:
                    report = await catalogs.scan(name, progress)
                told.append(_told(name, report))
            except SourceUnavailable as error:
                away = error
                say(f"{name} was left as it was: {error.what}")
    if away is not None:
        raise away
    return told


def _told(name: str, report: "Report") -> dict[str, Any]:
    counts = {str(how): count for how, count in report.scanned.counts.items()}
    said = ", ".join(f"{count:,} {how}" for how, count in counts.items())
    say(f"{name}: {len(report.scanned.tables):,} tables: {said or 'none'}.")
    for table in report.scanned.failed:
        say(f"  {table} could not be measured; what is known of it stands.")
    breaking = sum(change.what.breaking for change in report.changes)
    if report.changes:
        say(f"  {len(report.changes):,} changes, {breaking:,} may break questions: `quillux catalog diff {name}`.")
    return {
        "source": name,
        "tables": len(report.scanned.tables),
        **counts,
        "failed": list(report.scanned.failed),
        "changed": report.changed,
        "changes": [change.to_json() for change in report.changes],
        "snapshot": report.snapshot,
    }


async def _with_catalogs(work: "Callable[[StoredCatalogs], Awaitable[T]]") -> "T":
    from infra.cli.stored import stored

    async with stored(settings()) as catalogs:
        return await work(catalogs)


@contextmanager
def _bar(name: str) -> "Iterator[Progress]":
    """A progress bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def told(done: int, total: int, table: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{name} {table[:40]}")

        yield told


def _print_tables(tables: "list[Table]", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"table": _shown(table), "kind": table.kind, "rows": table.rows, "columns": len(table.columns)}
            for table in tables
        ]
        print(json.dumps(rows, indent=2))
        return
    for table in tables:
        rows_said = "" if table.rows is None else f"{table.rows:,} rows"
        print(f"{_shown(table):<40} {table.kind:<6} {len(table.columns):>4} columns  {rows_said:>18}")


def _print_table(table: "Table", *, as_json: bool) -> None:
    if as_json:
        from knowledge.catalog.codec import dumps
        from knowledge.catalog.model import Catalog

        print(json.dumps(json.loads(dumps(Catalog((table,))))["tables"][0], indent=2, ensure_ascii=False))
        return
    from infra.cli.terminal import tame

    rows = "" if table.rows is None else f", {table.rows:,} rows"
    print(f"{_shown(table)}: {table.kind}{rows}{'. ' + tame(table.comment) if table.comment else ''}")
    for column in table.columns:
        print(f"  {tame(column.name):<32} {column.type:<10} {_facts(column)}".rstrip())
    for key in table.keys:
        target = ".".join(part for part in (key.source, key.schema or "", key.target) if part)
        how = "declared" if key.declared else key.evidence
        print(f"  {', '.join(key.columns)} → {target}({', '.join(key.target_columns)}): {how}")


def _facts(column: "Column") -> str:
    said = [column.unit, column.format, *column.tags]
    if column.distinct is not None:
        said.append(f"{column.distinct:,} different")
    if column.nulls:
        said.append(f"{column.nulls:,} empty")
    return ", ".join(part for part in said if part)


def _shown(table: "Table") -> str:
    return f"{table.schema}.{table.name}" if table.schema else table.name
