"""`quillux ask`: an answer in the terminal."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, run, say, settings

if TYPE_CHECKING:
    from infra.catalogs import StoredCatalogs
    from infra.cli.answering import Answer, Outcome
    from infra.cli.shelf import Shelf
    from infra.settings import Settings

ENDINGS = ("csv", "parquet", "xlsx")


def ask(
    question: Annotated[list[str], typer.Argument(help="The question, in your words.")],
    source: Annotated[
        list[str] | None,
        typer.Option("--source", "-s", help="Address to ask, without any settings; may be given again."),
    ] = None,
    receipt: Annotated[bool, typer.Option("--receipt", "-r", help="Show how the answer was made.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    choose: Annotated[
        list[str] | None, typer.Option("--choose", help="ID=OPTION of another reading, as an answer offers it.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=100_000, help="Most rows to print.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write all rows: .csv, .parquet or .xlsx.")] = None,
    stream: Annotated[
        Path | None,
        typer.Option(help="Write the rows to this .parquet file as they come, without limits on rows and bytes."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on from the question before.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run a heavy query on a --source of your own.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Look at tables and columns anew.")] = False,
) -> None:
    """Ask your data: answer, table, chart, and with --receipt how it was made.

    Ends with 0 answered, 3 not answered or unclear, 4 refused, 5 source away, 6 wrong settings.
    """
    if out is not None and out.suffix.lstrip(".").lower() not in ENDINGS:
        fail(Exit.USAGE, f"{out} ends in none of {', '.join(ENDINGS)}.", "Nothing was asked.")
    if stream is not None and stream.suffix.lower() != ".parquet":
        fail(Exit.USAGE, f"{stream} does not end in .parquet.", "Nothing was asked.")
    picked = _choices(choose or [])
    configured = settings()
    addresses = _addresses(configured, source or [])
    approved = yes and bool(source)
    outcome = run(_ask(" ".join(question), addresses, picked, configured, approved, follow, fresh, stream))
    _show(outcome, rows=rows, receipt=receipt, as_json=as_json)
    _end(outcome, own=bool(source), out=out)


def _choices(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        fail(Exit.USAGE, f"{wrong[0]!r} is not of the form ID=OPTION.", "Nothing was asked.")
    return {name: option for name, option in (pair.rsplit("=", 1) for pair in pairs)}


def _addresses(configured: "Settings", own: list[str]) -> dict[str, str]:
    if own:
        from infra.cli.shelf import names

        return names(own)
    found = {source.name: source.address for source in configured.sources} or _demo(configured.data)
    if not found:
        fail(
            Exit.SETTINGS,
            "There is no source to ask.",
            "Nothing was asked.",
            "Add one with `quillux source add NAME ADDRESS`, or name one here with --source ADDRESS.",
        )
    return found


def _demo(data: Path) -> dict[str, str]:
    """The demo data, where `quillux run --demo` made it."""
    made = {"warehouse": data / "demo" / "warehouse.sqlite", "web": data / "demo" / "web"}
    if not all(path.exists() for path in made.values()):
        return {}
    say("No sources are configured: the demo data is asked.")
    return {name: str(path) for name, path in made.items()}


async def _ask(
    question: str,
    addresses: dict[str, str],
    choices: dict[str, str],
    configured: "Settings",
    approved: bool,
    follow: bool,
    fresh: bool,
    stream: Path | None,
) -> "Outcome":
    from infra.cli.answering import Answer, Bounds, answer, improve, meanings, read, recalled, runner
    from infra.cli.before import keep, recall
    from knowledge.federation import DirectEngine
    from knowledge.glossary import EMPTY
    from knowledge.sources.port import Limits

    answers = configured.answers
    bounds = Bounds(
        Limits(answers.rows, answers.seconds, answers.bytes), answers.approval_rows_read, answers.approval_rows_returned
    )
    async with _sources(addresses, configured, fresh) as sources:
        history = recall(addresses) if follow else ()
        asker = runner(configured.tenant)
        with closing(DirectEngine(sources)) as engine:
            catalog = await engine.catalog(asker)
            own = addresses == {source.name: source.address for source in configured.sources}
            terms = await meanings(configured) if own else EMPTY
            translation = read(catalog, question, choices, history, sources.values, terms)
            known = await recalled(configured, catalog, question, choices, translation, asker, terms) if own else None
            translation = known or await improve(
                engine, question, choices, history, translation, configured.model, asker, terms
            )
            outcome = await answer(engine, translation, bounds, asker, approved=approved, stream=stream)
    if isinstance(outcome, Answer):
        keep(addresses, question, outcome, history)
    return outcome


@asynccontextmanager
async def _sources(
    addresses: dict[str, str], configured: "Settings", fresh: bool
) -> "AsyncIterator[Shelf | StoredCatalogs]":
    """What the product has scanned, for configured sources; others are looked at here."""
    if addresses != {source.name: source.address for source in configured.sources}:
        from infra.cli.shelf import open_shelf

        shelf = await open_shelf(addresses, fresh=fresh, configured=configured)
        try:
            yield shelf
        finally:
            await shelf.close()
        return
    from infra.cli.stored import stored

    async with stored(configured) as catalogs:
        for name in addresses if fresh else ():
            await catalogs.scan(name)
        await _say_missing(catalogs, configured)
        yield catalogs


async def _say_missing(catalogs: "StoredCatalogs", configured: "Settings") -> None:
    """Say which sources could not be looked at yet. Raises SourceUnavailable when that is all of them."""
    from knowledge.errors import SourceUnavailable

    whole = await catalogs.catalog(configured.tenant)
    scanned = {table.source for table in whole.tables}
    for source in configured.sources:
        if source.name in scanned:
            continue
        try:
            await catalogs.source(configured.tenant, source.name).introspect()
        except SourceUnavailable as away:
            if not scanned:
                raise
            say(f"{source.name} is left out: {away.what}")


def _show(outcome: "Outcome", *, rows: int, receipt: bool, as_json: bool) -> None:
    from infra.cli import answer_card

    if as_json:
        print(json.dumps(answer_card.data(outcome, rows), indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    from infra.cli.terminal import show

    show(answer_card.card(outcome, rows), Console(), details=receipt)


def _end(outcome: "Outcome", *, own: bool, out: Path | None) -> None:
    from infra.cli.answering import Answer, Heavy, Written

    match outcome:
        case Written():
            pass
        case Answer():
            if out is not None:
                _write(outcome, out)
        case Heavy():
            say("Use --yes to run it." if own else "Ask in a chat or the browser, where somebody can approve it.")
            raise typer.Exit(Exit.REFUSED)
        case _:
            raise typer.Exit(Exit.UNANSWERED)


def _write(answer: "Answer", out: Path) -> None:
    from web.api.downloads import csv_pieces, parquet_pieces, workbook_pieces

    match out.suffix.lower():
        case ".csv":
            pieces = csv_pieces(answer.table, bom=True)
        case ".parquet":
            pieces = parquet_pieces(answer.table)
        case _:
            pieces = workbook_pieces(answer.table)
    with out.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    say(f"Wrote {answer.table.num_rows:,} rows to {out}.")
