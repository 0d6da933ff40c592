"""`quillux verified`: questions with the query that an expert approved for them."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, run, say

if TYPE_CHECKING:
    from knowledge.verified import VerifiedQuery

app = typer.Typer(no_args_is_help=True, help="Questions with the query that an expert approved for them.")

Id = Annotated[str, typer.Argument(help="Id of a verified query (`quillux verified list`).")]
By = Annotated[str, typer.Option("--by", help="Id of the expert or admin of the settings who vouches for it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the verified queries, and why one is not used any more."""
    from infra.cli.verifying import listed

    found = run(listed())
    if as_json:
        print(json.dumps([{**_short(query), "stale": list(stale)} for query, stale in found], indent=2))
        return
    if not found:
        say("There are none. `quillux verified add`, or an approved review (`quillux reviews`), makes one.")
    for query, stale in found:
        from infra.cli.terminal import tame

        print(f"{query.id}  {tame(query.question)[:80]:<80}  {query.source}  {query.made_by}")
        for reason in stale:
            print(f"              not used: {tame(reason)}")


@app.command()
def show(id: Id, as_json: AsJson = False) -> None:
    """Show one with its query and its parameters."""
    from infra.cli.terminal import tame
    from infra.cli.verifying import pretty, shown
    from knowledge.verified.codec import to_json

    query = run(shown(id))
    if as_json:
        print(json.dumps(to_json(query), indent=2, ensure_ascii=False))
        return
    print(f"{tame(query.question)}\n{query.source}, {query.made_by}")
    for parameter in query.parameters:
        print(f"  {parameter.kind}: {tame(parameter.said)}")
    print(pretty(query))


@app.command()
def add(
    question: Annotated[str, typer.Argument(help="The question, in the words in which people ask it.")],
    by: By,
    sql: Annotated[str, typer.Option(help="The query; - reads it from standard input.")] = "-",
    source: Annotated[str, typer.Option(help="The source it is for; the only one if left out, * for several.")] = "",
    name: Annotated[str, typer.Option(help="What it goes by; the question if left out.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="A role or group that it is for; may be given again.")] = None,
) -> None:
    """Verify a query for a question: it is checked, run with the rights of who vouches for it, and kept."""
    from infra.cli.verifying import added
    from knowledge.verified import fixed_dates
    from knowledge.verified.codec import Entry

    text = sys.stdin.read() if sql == "-" else sql
    entry = Entry(question, text, source, name, tuple(scope or ()))
    ((query, rows),) = run(added([entry], by))
    say(f"Verified as {query.id}; it gives {rows:,} {'row' if rows == 1 else 'rows'} now.")
    for parameter in query.parameters:
        say(f"  other {parameter.kind}s may stand for “{parameter.said}”")
    if dates := fixed_dates(query):
        say(f"  The query keeps dates that the question does not say: {', '.join(dates)}.")
    print(query.id)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Run all of them again: one that fails, or gives something else on the same data, goes to review. Ends with 7."""
    from infra.cli.terminal import tame
    from infra.cli.verifying import rechecked

    done, broken, away = run(rechecked())
    if as_json:
        rows = [{**_short(query), "state": one.state, "why": one.why} for query, one in broken]
        print(json.dumps({"checked": done, "out_of_reach": away, "broken": rows}, indent=2, ensure_ascii=False))
    else:
        for query, one in broken:
            print(f"{query.id}  {tame(query.question)[:80]:<80}  {one.state}: {tame(one.why)[:300]}")
        say(f"{done:,} checked, {len(broken):,} broken" + (f", {away:,} out of reach." if away else "."))
    if broken:
        raise typer.Exit(Exit.DRIFT)


@app.command()
def remove(id: Id, by: By) -> None:
    """Forget one; the rules answer its question again."""
    from infra.cli.verifying import removed

    run(removed(id, by))
    say(f"{id} is forgotten.")


@app.command()
def export(out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None) -> None:
    """Write all of them as YAML, for git."""
    from infra.cli.verifying import listed, pretty
    from knowledge.verified.codec import to_yaml

    queries = [query for query, _ in run(listed())]
    text = to_yaml(queries, {query.id: pretty(query) for query in queries})
    if out is None:
        print(text, end="")
        return
    out.write_text(text, "utf-8")
    say(f"Wrote {len(queries):,} verified queries to {out}.")


@app.command(name="import")
def import_(file: Annotated[Path, typer.Argument(help="YAML, as `export` writes it.")], by: By) -> None:
    """Verify all queries of a file: each is checked and run like one that is added; none is kept if one fails."""
    from infra.cli.verifying import imported
    from knowledge.verified.codec import LARGEST

    if not file.is_file() or file.stat().st_size > 4 * LARGEST:
        fail(Exit.USAGE, f"{file} is no file that can be read.", "Nothing was imported.")
    total, kept = run(imported(file.read_text("utf-8", "replace"), by))
    say(f"{kept:,} of {total:,} verified queries were new or changed.")


def _short(query: "VerifiedQuery") -> dict[str, object]:
    return {
        "id": query.id,
        "name": query.name,
        "question": query.question,
        "source": query.source,
        "approved_by": query.approved_by,
        "approved_at": query.approved_at,
        "scope": list(query.scope),
    }
