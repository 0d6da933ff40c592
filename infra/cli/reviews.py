"""`quillux reviews`: what is wrong or missing in answers, and whose it is to decide."""

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infra.cli.codes import run, say

if TYPE_CHECKING:
    from conversation.review import ReviewItem

app = typer.Typer(help="What is wrong or missing in answers; experts decide in a chat (“what needs review?”).")

Id = Annotated[str, typer.Argument(help="Id of an item (`quillux reviews list`).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", help="Id of the expert or admin of the settings who says so.")]
Which = Annotated[Literal["open", "approved", "rejected"], typer.Option(help="Which of them.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="Most to list.")]


@app.callback(invoke_without_command=True)
def reviews(context: typer.Context, status: Which = "open", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what is wrong or missing in answers: what hurts most people first."""
    if context.invoked_subcommand is None:
        _list(status, limit, "", as_json)


@app.command(name="list")
def list_(
    status: Which = "open",
    limit: Limit = 50,
    kind: Annotated[str, typer.Option(help="Only answer, unsure, unanswered, drift, proposal or broken.")] = "",
    as_json: AsJson = False,
) -> None:
    """List items: what hurts most people first."""
    _list(status, limit, kind, as_json)


@app.command()
def show(id: Id, as_json: AsJson = False) -> None:
    """Show one with what was said of it."""
    from infra.cli.reviewing import shown
    from infra.cli.terminal import tame

    item, said = run(shown(id))
    if as_json:
        people = [{"who": one.who.id, "reason": one.reason, "words": one.words, "at": one.at} for one in said]
        print(
            json.dumps({**_fields(item), "said": people, "parameters": item.parameters}, indent=2, ensure_ascii=False)
        )
        return
    print(f"{tame(item.question)}\n{_line(item)}")
    for one in said:
        print(f"  {tame(one.who.name)}: {tame(one.words or one.reason or 'asked it')[:300]}")
    if item.sql:
        print(tame(item.sql)[:2_000])
    if item.decision:
        print(f"{item.status} by {tame(item.decision.by.name)}: {tame(item.decision.reason)[:300]}")


@app.command()
def assign(id: Id, to: Annotated[str, typer.Option(help="Id of the person; empty for nobody.")], by: By) -> None:
    """Give an item to a person of the settings."""
    from infra.cli.reviewing import assigned

    item = run(assigned(id, to, by))
    say(f"{item.id} is {f'assigned to {to}' if to else 'nobody’s'} now.")


def _list(status: Literal["open", "approved", "rejected"], limit: int, kind: str, as_json: bool) -> None:
    from infra.cli.reviewing import listed
    from infra.cli.terminal import tame

    found = run(listed(status, limit, kind))
    if as_json:
        print(json.dumps([_fields(item) for item in found], indent=2, ensure_ascii=False))
        return
    if not found:
        say("Nothing waits for review." if status == "open" else f"Nothing was {status}.")
    for item in found:
        print(f"{item.id}  {_line(item)}  {tame(item.question)[:100]}")
        if item.decision and item.decision.reason:
            print(f"            {tame(item.decision.by.name)}: {tame(item.decision.reason)[:200]}")


def _line(item: "ReviewItem") -> str:
    from conversation.review import KINDS, REASONS

    people = "1 person" if item.people == 1 else f"{item.people} people"
    why = REASONS.get(item.reason, "") or KINDS.get(item.kind, item.kind)
    return f"{item.created_at[:10]}  {people:>10}  {item.state:<9}  {why:<30}"


def _fields(item: "ReviewItem") -> dict[str, object]:
    names = (
        "id", "kind", "state", "question", "follows", "source", "sql", "reason", "words", "correction", "people",
        "routed_to", "assignee", "asked", "change", "created_at",
    )  # fmt: skip
    return {name: getattr(item, name) for name in names}
