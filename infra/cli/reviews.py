"""`quillux reviews`: what people found wrong with answers."""

import json
from typing import Annotated, Literal

import typer

from infra.cli.codes import run, say


def reviews(
    status: Annotated[Literal["open", "approved", "rejected"], typer.Option(help="Which of them.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most to list.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what people found wrong with answers; experts decide in a chat (“what needs review?”)."""
    from conversation.review import REASONS
    from infra.cli.terminal import tame
    from infra.cli.verifying import reviewed

    found = run(reviewed(status, limit))
    if as_json:
        fields = ("id", "kind", "question", "follows", "source", "sql", "reason", "words", "correction", "people")
        rows = [{**{name: getattr(item, name) for name in fields}, "created_at": item.created_at} for item in found]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not found:
        say("Nothing waits for review." if status == "open" else f"Nothing was {status}.")
    for item in found:
        people = "1 person" if item.people == 1 else f"{item.people} people"
        reason = REASONS.get(item.reason, "no reason given")
        print(f"{item.created_at[:10]}  {people:>10}  {reason:<24}  {tame(item.question)[:100]}")
        if item.decision and item.decision.reason:
            print(f"            {tame(item.decision.by.name)}: {tame(item.decision.reason)[:200]}")
