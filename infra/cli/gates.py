"""`quillux gates`: what waits for a decision, and the decision on it."""

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infra.cli.codes import Exit, fail, run, say

if TYPE_CHECKING:
    from conversation.gates import Gate
    from conversation.gates.inbox import InboxItem
    from infra.cli.gating import Outcome

app = typer.Typer(no_args_is_help=True, help="What waits for a decision, and the decision on it.")

Ids = Annotated[list[str], typer.Argument(help="Ids of gates (`quillux gates list`); several are decided together.")]
By = Annotated[str, typer.Option("--by", help="Id of the person of the settings who decides.")]
Digest = Annotated[str, typer.Option(help="The digest that `show` printed: decides only this very action.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(name="list")
def list_(
    by: By,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Most to list.")] = 50,
    after: Annotated[str, typer.Option(help="The id of the last one of the list before.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what waits for a person, and why for them: only what they can act on now."""
    from infra.cli.gating import waiting

    items = run(waiting(by, limit, after))
    if as_json:
        print(json.dumps([_short(item) for item, _ in items], indent=2, ensure_ascii=False))
        return
    if not items:
        say("Nothing waits." if not after else "There are no more.")
    for item, words in items:
        _line(item, words)
    if len(items) == limit:
        say(f"There may be more: --after {items[-1][0].gate.id}")


@app.command()
def show(id: Annotated[str, typer.Argument(help="Id of a gate.")], by: By, as_json: AsJson = False) -> None:
    """Show one with its exact action, its votes and its decision."""
    from infra.cli.gating import known

    gate, page = run(known(id, by))
    if as_json:
        print(json.dumps(_whole(gate), indent=2, ensure_ascii=False))
        return
    from infra.cli.terminal import tame

    print(tame(f"{gate.title}\n{gate.reason}".strip()))
    facts = [
        ("asked by", f"{gate.asked_by.name} at {gate.created_at[:16]} UTC"),
        ("may decide", gate.current.deciders.words),
        ("stage", f"{min(gate.stage + 1, len(gate.steps))} of {len(gate.steps)}"),
        ("risk", gate.risk),
        ("due", gate.due_at[:16]),
        ("digest", gate.digest),
        ("page", page),
        ("state", gate.state),
    ]
    facts += [(vote.by.name, f"{vote.verdict} {vote.at[:16]} {vote.reason}") for vote in gate.votes]
    for name, value in facts:
        if value:
            print(f"  {tame(name):<12} {tame(value)}")
    print(tame(json.dumps(gate.parameters, indent=2, ensure_ascii=False)))


@app.command()
def approve(
    ids: Ids,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; needed for medium risk.")] = "",
    digest: Digest = "",
) -> None:
    """Approve: one, or several of low risk with one reason. High risk is decided in the browser."""
    _decide(ids, by, "approve", reason, digest)


@app.command()
def reject(
    ids: Ids, by: By, reason: Annotated[str, typer.Option(help="Why: whoever asked reads it.")], digest: Digest = ""
) -> None:
    """Reject: one, or several of low risk, with a reason."""
    _decide(ids, by, "reject", reason, digest)


def _decide(ids: list[str], by: str, verdict: Literal["approve", "reject"], reason: str, digest: str) -> None:
    from infra.cli.gating import decided
    from infra.cli.terminal import tame

    if verdict == "reject" and not reason.strip():
        fail(Exit.USAGE, "Say why you reject it: whoever asked reads it.", "Nothing was decided.", "Add --reason.")
    if digest and len(ids) > 1:
        fail(Exit.USAGE, "A digest names one action.", "Nothing was decided.", "Decide this one by itself.")
    outcomes = run(decided(ids, by, verdict, reason, digest))
    for outcome in outcomes:
        print(tame(f"{outcome.title}: {outcome.words}"))
    _end(outcomes)


def _end(outcomes: "list[Outcome]") -> None:
    if any(outcome.state == "waiting" for outcome in outcomes):
        fail(Exit.BROKEN, "No worker has taken it yet.", "It is kept, and decided as soon as one runs.")
    if not all(outcome.state == "done" for outcome in outcomes):
        fail(Exit.REFUSED, "", "What was not decided stands as it was.")


def _line(item: "InboxItem", words: str) -> None:
    from infra.cli.terminal import tame

    print(tame(item.gate.id))
    print(f"  {tame(item.gate.title)[:100]}")
    print(f"  {tame(words)}")


def _short(item: "InboxItem") -> dict[str, object]:
    gate = item.gate
    return {
        "id": gate.id,
        "title": gate.title,
        "asked_by": gate.asked_by.id,
        "why": item.why,
        "since": item.since,
        "due": item.due,
        "risk": gate.risk,
        "batchable": item.batchable,
        "digest": gate.digest,
    }


def _whole(gate: "Gate") -> object:
    from conversation.codec import encode

    return {"digest": gate.digest, "gate": encode(gate)}
