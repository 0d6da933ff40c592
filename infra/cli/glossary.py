"""`quillux glossary`: what words mean here, in versions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infra.cli import glossary_writing
from infra.cli.codes import Exit, fail, run, say

if TYPE_CHECKING:
    from knowledge.glossary import Term
    from knowledge.glossary.diff import Difference

app = typer.Typer(no_args_is_help=True, help="What words mean here: terms, metrics, dimensions, in versions.")

Id = Annotated[str, typer.Argument(help="Id of a term (`quillux glossary list`).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def list_(
    status: Annotated[str, typer.Option(help="Only draft, proposed, approved or deprecated.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the terms as they stand."""
    from infra.cli.glossing import standing
    from infra.cli.terminal import tame
    from knowledge.glossary.codec import to_json

    terms = [term for term in run(standing()).terms if status in ("", term.status)]
    if as_json:
        print(json.dumps([to_json(term) for term in terms], indent=2, ensure_ascii=False))
        return
    if not terms:
        say("There are none. `quillux glossary import` reads a file, “define ...” in a chat makes one.")
    for term in terms:
        print(f"{term.id:<32}  {term.kind:<9}  {term.status:<10}  {tame(', '.join(term.words))[:100]}")


@app.command()
def show(id: Id, as_json: AsJson = False) -> None:
    """Show a term as YAML, as it stands."""
    from infra.cli.glossing import one
    from knowledge.glossary.codec import to_json
    from knowledge.glossary.files import to_yaml

    term = run(one(id))
    print(json.dumps(to_json(term), indent=2, ensure_ascii=False) if as_json else to_yaml([term]), end="")


@app.command()
def history(
    id: Annotated[str, typer.Argument(help="Id of a term; of all, if left out.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most versions to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the versions of a term, the latest first: who changed what, when and why."""
    from infra.cli.glossing import past
    from infra.cli.terminal import tame
    from knowledge.glossary.codec import to_json

    found = run(past(id, limit))
    if as_json:
        print(json.dumps([to_json(term) for term in found], indent=2, ensure_ascii=False))
        return
    for term in found:
        print(f"{_signed(term)}  {term.id} {term.version}{'  taken away' if term.removed else ''}  {tame(term.note)}")


@app.command()
def blame(id: Id, as_json: AsJson = False) -> None:
    """Say of each field who gave it its present value, when and why."""
    from dataclasses import asdict

    from infra.cli.glossing import past
    from infra.cli.terminal import tame
    from knowledge.glossary.past import blame as blamed

    found = blamed(run(past(id)))
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        value = each.value if isinstance(each.value, str) else "; ".join(each.value)
        who = f"{each.at[:10]}  {tame(each.by)[:16]:<16}  version {each.version:<3}"
        print(f"{who}  {each.field:<18}  {tame(value)[:80]}  {tame(each.note)[:60]}".rstrip())


@app.command()
def diff(
    what: Annotated[str, typer.Argument(help="A file or folder, or the id of a term.")],
    other: Annotated[Path | None, typer.Argument(help="Another file; the glossary as it stands, if left out.")] = None,
    since: Annotated[int, typer.Option("--from", min=0, help="Of a term: the version before.")] = 0,
    to: Annotated[int, typer.Option(min=0, help="Of a term: the version after; the latest, if left out.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say how a file differs from the glossary or another file, or a version of a term from another one."""
    path = Path(what)
    found = _of_files(path, other) if path.exists() or other else _of_versions(what, since, to)
    if as_json:
        print(json.dumps([each.to_json() for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        say("There is no difference.")
    print_differences(found)


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Check as if this file were imported.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check all terms against the catalog and each other; ends with 1 where one can't be used."""
    from dataclasses import asdict

    from infra.cli.glossing import checked
    from infra.cli.terminal import tame

    found = run(checked(file))
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            print(f"{each.severity:<8} {each.term:<32} {each.field:<10} {tame(each.what)[:300]}")
    if any(each.severity != "warning" for each in found):
        raise typer.Exit(Exit.BROKEN)
    say("Nothing is wrong." if not found else "Nothing stands in the way.")


@app.command()
def lineage(
    what: Annotated[str, typer.Argument(help="Id of a term, or source.table or source.table.column.")],
    as_json: AsJson = False,
) -> None:
    """Show what a term is made of, and the terms, verified queries and questions that are made with it."""
    from infra.cli import glossing
    from knowledge.glossary.codec import to_json

    term = run(glossing.standing()).get(what)
    if term is None and "." not in what:
        fail(Exit.REFUSED, f"There is no term {what!r}.", "", "`quillux glossary list` shows them.")
    if term is None:
        glossary_writing.print_affected(run(glossing.column_users(what)), as_json)
        return
    trace = run(glossing.lineage()).of(term)
    if as_json:
        value = {
            "term": to_json(term),
            "tables": list(trace.tables),
            "columns": list(trace.columns),
            "made_of": glossary_writing.affected_json(trace.made_of),
            "used_by": glossary_writing.affected_json(trace.used_by),
        }
        print(json.dumps(value, indent=2, ensure_ascii=False))
        return
    for place in (*trace.columns, *(table for table in trace.tables if not _has_column(table, trace.columns))):
        print(f"reads     {place}")
    for each in trace.made_of:
        print(f"names     {each.id} ({each.why})")
    glossary_writing.print_affected(trace.used_by, False)


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder to write one file per term to.")] = None,
    form: Annotated[Literal["yaml", "skos"], typer.Option(help="Our form, or RDF (SKOS, Turtle).")] = "yaml",
    status: Annotated[str, typer.Option(help="Only draft, proposed, approved or deprecated.")] = "",
) -> None:
    """Write the terms as YAML for git, in a stable order; or as SKOS for other tools."""
    from infra.cli.glossing import standing

    terms = [term for term in run(standing()).terms if status in ("", term.status)]
    if folder is not None:
        if form != "yaml":
            fail(Exit.USAGE, "SKOS is one file.", "Nothing was written.", "Use --out.")
        glossary_writing.write_folder(folder, terms)
        return
    text = _text(terms, form)
    if out is None:
        print(text, end="")
        return
    out.write_text(text, "utf-8")
    say(f"Wrote {len(terms):,} terms to {out}.")


app.command(name="import")(glossary_writing.import_)
app.command()(glossary_writing.rollback)
app.command()(glossary_writing.remove)


def print_differences(found: "tuple[Difference, ...]") -> None:
    """Each difference in lines."""
    from infra.cli.terminal import tame

    for each in found:
        for line in each.lines:
            print(tame(line))


def _text(terms: "list[Term]", form: str) -> str:
    if form == "skos":
        from knowledge.glossary.interchange.skos import to_turtle

        return to_turtle(terms)
    from knowledge.glossary.files import to_yaml

    return to_yaml(terms)


def _of_files(path: Path, other: Path | None) -> "tuple[Difference, ...]":
    from infra.cli import glossing
    from knowledge.catalog.model import Catalog
    from knowledge.errors import KnowledgeError
    from knowledge.glossary.diff import compare

    try:
        after = glossing.read(glossing.Wish(other or path), Catalog()).terms
        before = glossing.read(glossing.Wish(path), Catalog()).terms if other else run(glossing.standing()).terms
    except KnowledgeError as error:
        fail(Exit.REFUSED, error.what, "", error.next_step)
    return compare(before, after)


def _of_versions(id: str, since: int, to: int) -> "tuple[Difference, ...]":
    from infra.cli.glossing import past
    from knowledge.glossary.diff import difference

    versions = {term.version: term for term in run(past(id))}
    last = to or max(versions)
    first = since or last - 1
    if (first and first not in versions) or last not in versions:
        there = ", ".join(str(version) for version in sorted(versions))
        fail(Exit.REFUSED, f"There is no such version of {id}.", "", f"There are: {there}.")
    found = difference(versions.get(first), versions[last])
    return (found,) if found else ()


def _signed(term: "Term") -> str:
    from infra.cli.terminal import tame

    return f"{term.changed_at[:16].replace('T', ' ')}  {tame(term.changed_by)[:16]:<16}"


def _has_column(table: str, columns: tuple[str, ...]) -> bool:
    return any(column.startswith(f"{table}.") for column in columns)
