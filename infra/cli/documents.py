"""`quillux documents`: folders of documents that questions are answered from."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from infra.cli.codes import Exit, fail, run, say, settings

if TYPE_CHECKING:
    from infra.documents import Told
    from infra.settings import Settings
    from knowledge.documents.model import Hit
    from knowledge.documents.sync import Report

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Folders of documents that questions are answered from.")

Name = Annotated[str, typer.Argument(help="Short name: letters, digits, - and _, beginning with a letter.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


@app.command()
def add(
    name: Name,
    path: Annotated[Path, typer.Argument(help="A folder: documents, or exports of Confluence or SharePoint.")],
    role: Annotated[
        list[str] | None, typer.Option(help="Role that may read it; again for more. Everybody if none.")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="Group that may read it; again for more.")] = None,
    link: Annotated[str, typer.Option(help="Address that a document's path is put behind, for links.")] = "",
    sync: Annotated[bool, typer.Option(help="Read it now.")] = True,
) -> None:
    """Add a folder to the settings file and read what is in it."""
    from infra.cli.settings_file import with_block, write
    from infra.settings import DocumentsSetting, config_file

    if not _NAME.fullmatch(name):
        fail(Exit.USAGE, f"{name!r} is no name: letters, digits, - and _.", "Nothing was added.")
    if not path.is_dir():
        fail(Exit.USAGE, f"{path} is no folder.", "Nothing was added.")
    configured = settings()
    if name in {each.name for each in configured.documents}:
        fail(
            Exit.REFUSED,
            f"There is a folder {name!r} already.",
            "Nothing was added.",
            f"Choose another name, or `quillux documents remove {name}` first.",
        )
    new = DocumentsSetting(
        name=name, path=path.resolve(), roles=tuple(role or ()), groups=tuple(group or ()), link=link
    )
    file = config_file()
    text = file.read_text() if file.exists() else ""
    values = new.model_dump(mode="json", exclude_defaults=True)
    write(file, run(_done(lambda: with_block(text, "documents", values))))
    say(f"Added {name} to {file}. A server that runs sees it after its next start.")
    if sync:
        _report(
            _synced(configured.model_copy(update={"documents": (*configured.documents, new)}), [name]), as_json=False
        )


@app.command("list")
def list_(
    folder: Annotated[
        str, typer.Argument(help="A folder whose documents are listed; the folders if none is given.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the folders, or the documents of one, with their versions."""
    configured = settings()
    if folder:
        _known(configured, [folder])
        _print_documents(configured, folder, as_json=as_json)
        return
    from infra.documents import open_library

    kept = run(_done(lambda: open_library(configured))).store.documents()
    counts = {each.name: sum(document.folder == each.name for document in kept) for each in configured.documents}
    if as_json:
        shown = [{**each.model_dump(mode="json"), "documents": counts[each.name]} for each in configured.documents]
        print(json.dumps(shown, indent=2))
        return
    if not configured.documents:
        say("No folders yet. Add one with `quillux documents add NAME FOLDER`.")
    for each in configured.documents:
        readers = ", ".join((*each.roles, *(f"group {name}" for name in each.groups))) or "everybody"
        print(f"{each.name:<20} {counts[each.name]:>7,} documents  {readers:<24} {each.path}")


@app.command()
def remove(name: Name) -> None:
    """Take a folder out of the settings file and out of the library. The files themselves are not touched."""
    from infra.cli.settings_file import without_block, write
    from infra.documents import open_library
    from infra.settings import config_file
    from knowledge.documents.sync import forget

    configured = settings()
    _known(configured, [name])
    file = config_file()
    write(file, run(_done(lambda: without_block(file.read_text(), "documents", name))))
    count = forget(run(_done(lambda: open_library(configured))), name)
    say(f"Removed {name} from {file}, and its {count:,} documents from the library. The files are untouched.")


@app.command()
def sync(
    names: Annotated[list[str] | None, typer.Argument(help="Names of folders; all of them if none is given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the library up to the folders: what is new or changed is read, what is gone is forgotten."""
    configured = settings()
    _known(configured, names or [])
    _report(_synced(configured, names or []), as_json=as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="What is looked for.")],
    folder: Annotated[list[str] | None, typer.Option(help="Folder to look in; again for more.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of document: pdf, word, html, ...; again for more.")
    ] = None,
    since: Annotated[str, typer.Option(help="First day of documents, as 2026-01-31.")] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="Search as somebody with this role; as an admin if none.")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="Search as somebody in this group.")] = None,
    most: Annotated[int, typer.Option(min=1, max=50, help="Most passages.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Search as an answer would: by words and vectors, and only what such a person may read."""
    from infra.documents import folders, open_library
    from knowledge.asker import Asker
    from knowledge.documents.model import Filter, Folder

    configured = settings()
    _known(configured, folder or [])
    asker = Asker(configured.tenant, "command line", tuple(role or ()), tuple(group or ()))
    places = folders(configured)
    if not role and not group:  # whoever runs the command reads the files themselves
        places = tuple(Folder(each.name, each.path, link=each.link) for each in places)
    narrowed = Filter(folders=tuple(folder or ()), kinds=tuple(kind or ()), since=since)
    library = run(_done(lambda: open_library(configured)))
    hits = library.search(" ".join(words), asker, places, narrowed, most)
    _print_hits(hits, as_json=as_json)
    if not hits:
        raise typer.Exit(Exit.UNANSWERED)


def _known(configured: "Settings", names: list[str]) -> None:
    there = [each.name for each in configured.documents]
    for name in names:
        if name not in there:
            fail(Exit.USAGE, f"There is no folder {name!r}.", next_step="`quillux documents list` shows what there is.")


async def _done(work: "Callable[[], T]") -> "T":
    """Work that may raise one of our errors, so that it ends the command in the one way that all errors do."""
    return work()


def _synced(configured: "Settings", names: list[str]) -> "list[Report]":
    from infra.documents import synchronise

    if not configured.documents:
        say("No folders yet. Add one with `quillux documents add NAME FOLDER`.")
        return []
    with _bar() as told:
        reports: list[Report] = run(_done(lambda: synchronise(configured, names, told)))
    if not reports:
        fail(Exit.REFUSED, "The folders are being looked at already.", "Nothing was done.", "Wait for it to end.")
    return reports


def _report(reports: "list[Report]", *, as_json: bool) -> None:
    from infra.cli.terminal import tame

    for each in reports:
        say(each.text())
        for problem in each.problems:
            say(tame(f"  {problem.path}: {problem.why}"))
    if as_json:
        from dataclasses import asdict

        print(json.dumps([asdict(each) for each in reports], indent=2))


@contextmanager
def _bar() -> "Iterator[Told]":
    """A progress bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("documents", total=None)

        def told(name: str, done: int, total: int, path: str) -> None:
            bar.update(task, completed=done, total=total or None, description=f"{name} {path[-40:]}")

        yield told


def _print_documents(configured: "Settings", folder: str, *, as_json: bool) -> None:
    from infra.cli.terminal import tame
    from infra.documents import open_library

    found = run(_done(lambda: open_library(configured))).store.documents(folder)
    if as_json:
        from dataclasses import asdict

        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        about = f"v{each.version:<3} {each.kind:<10} {each.dated:<10} {each.chunks:>5} chunks"
        print(tame(f"{about}  {each.path}  {each.title}"))


def _print_hits(hits: "list[Hit]", *, as_json: bool) -> None:
    from infra.cli.terminal import tame

    if as_json:
        rows = [
            {
                "folder": hit.chunk.document.folder, "path": hit.chunk.document.path, "title": hit.chunk.document.title,
                "version": hit.chunk.document.version, "headings": hit.chunk.headings, "page": hit.chunk.page,
                "start": hit.chunk.start, "end": hit.chunk.end, "text": hit.chunk.text, "score": round(hit.score, 4),
                "by_words": hit.by_words, "by_vectors": hit.by_vectors, "covered": round(hit.covered, 3),
            }
            for hit in hits
        ]  # fmt: skip
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for hit in hits:
        chunk = hit.chunk
        page = f" p. {chunk.page}" if chunk.page else ""
        print(tame(f"{chunk.document.title}{page}  {' › '.join(chunk.headings)}  ({chunk.document.path})"))
        print(tame("  " + chunk.text[:400].replace("\n", "\n  ") + "\n"))
    if not hits:
        say("Nothing was found.")
