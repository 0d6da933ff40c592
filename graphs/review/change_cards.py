"""The cards of a change of a term: what is proposed, and what became of it."""

from collections.abc import Sequence

from conversation.card import Button, Card, Details, Element, Facts, Input, Text
from conversation.codec import JsonObject
from conversation.gates import Decision, Gate
from knowledge.errors import Conflict
from knowledge.glossary import Term
from knowledge.glossary.diff import FieldChange, Value, diff

LONGEST = 600
SHOWN = 12


def proposed(gate: Gate) -> Card:
    """What would change and what it does; whoever may decide sees this."""
    facts = [("Asked by", gate.asked_by.name)]
    if gate.reason:
        facts.append(("Why", gate.reason[:LONGEST]))
    body: list[Element] = [Text(gate.title, "heading"), Facts(tuple(facts)), *gate.evidence]
    body.append(Input("reason", "Reason", placeholder="Kept with the decision"))
    decide: JsonObject = {"gate": gate.id}
    buttons = (
        Button("Approve", "gate.decide", {**decide, "verdict": "approve"}, "primary"),
        Button("Reject", "gate.decide", {**decide, "verdict": "reject"}, "danger"),
    )
    return Card(tuple(body), buttons, run=gate.run)


def changed_fields(changes: Sequence[FieldChange]) -> list[Element]:
    """Field by field, what was and what is."""
    pairs = tuple((one.label.capitalize(), arrow(_text(one.before), _text(one.after))) for one in changes)
    body: list[Element] = [Facts(pairs[:SHOWN])] if pairs else []
    if len(pairs) > SHOWN:
        body.append(Details("More that changes", (Facts(pairs[SHOWN:]),)))
    return body


def _text(value: Value) -> str:
    return value if isinstance(value, str) else "; ".join(value)


def arrow(old: str, new: str) -> str:
    """How it was and how it is, in one line."""
    if not old:
        return new[:LONGEST]
    return f"{old[:LONGEST]} → {new[:LONGEST] or '(nothing)'}"


def rejected(decision: Decision, run: str) -> Card:
    """The change was not made, and why."""
    body: list[Element] = [Text(f"{decision.by.name} did not approve this change.", "warning")]
    if decision.reason:
        body.append(Facts((("Reason", decision.reason),)))
    body.append(Text("The term stays as it is."))
    return Card(tuple(body), run=run)


def changed(term: Term, changes: Sequence[FieldChange], decision: Decision, run: str) -> Card:
    """The change was made: it counts from the next answer on."""
    words = f"“{term.name}” means this from now on, in every channel. {decision.by.name} approved it."
    facts: list[Element] = [Facts((("Version", str(term.version)),)), *changed_fields(changes)]
    return Card((Text(words, "good"), *facts), run=run)


def conflict(gate: str, error: Conflict, standing: Term | None, after: Term, run: str) -> Card:
    """Somebody changed the term meanwhile: what the change would do to the term as it stands now."""
    body: list[Element] = [Text(error.what, "warning"), Text("The approved change was not made.")]
    if standing is not None:
        body.append(Text("What it would change now", "heading"))
        body += changed_fields(diff(standing, after)) or [Text("Nothing: it stands so already.", "muted")]
    body.append(Text("Propose it again if it is still right.", "muted"))
    again = Button("Propose it again", "review.again", {"run": run, "gate": gate}, "primary")
    return Card(tuple(body), (again,), run=run)
