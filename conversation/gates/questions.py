"""Cards that a decision still asks something on: a reason, new values, one confirmation, which request, a question.

All of them are for one person, and each button names the very form of the action that the card showed.
"""

from collections.abc import Sequence

from conversation.card import Button, ButtonStyle, Card, Details, Element, Facts, Input, Text
from conversation.codec import JsonObject
from conversation.gates.cards import REASON_LIMIT, load
from conversation.gates.difference import whole
from conversation.gates.form import inputs
from conversation.gates.model import Aside, Gate, Verdict
from conversation.gates.spoken import Spoken
from conversation.principal import Principal

_LABELS: dict[Verdict, tuple[str, ButtonStyle]] = {
    "approve": ("Approve", "primary"),
    "edit": ("Change and approve", "primary"),
    "reject": ("Reject", "danger"),
    "respond": ("Ask back", "default"),
}


def why(gate: Gate, verdict: Verdict) -> Card:
    """Asks for the reason of a verdict that was given without one."""
    words = "Why do you reject it?" if verdict == "reject" else "Why do you approve it?"
    label, style = _LABELS[verdict]
    hint = f"{gate.asked_by.name} reads it" if verdict == "reject" else "Kept with the decision"
    field = Input("reason", "Reason", "multiline", placeholder=hint, required=True, limit=REASON_LIMIT)
    body = (Text(gate.title, "heading"), Text(words), field)
    return Card(body, (Button(label, "gate.decide", load(gate, verdict), style),))


def confirm(gate: Gate, said: Spoken, who: Principal) -> Card:
    """Words were read as a verdict: the exact action, and one button that makes it count, for this person alone."""
    label, style = _LABELS[said.verdict]
    own = who.id == gate.asked_by.id and said.verdict == "reject"
    body: list[Element] = [
        Text(gate.title, "heading"),
        Text("Take this back?" if own else f"{label} exactly this?"),
        *whole(gate.parameters),
    ]
    if not said.clear:
        body.insert(1, Text("You said more than a verdict, so read what would be decided.", "warning"))
    if said.reason:
        body.append(Facts((("Reason", said.reason),)))
    elif not own and (said.verdict == "reject" or gate.risk != "low"):
        body.append(Input("reason", "Reason", "multiline", required=True, limit=REASON_LIMIT))
    payload: JsonObject = {**load(gate, said.verdict), "reason": said.reason, "for": who.id}
    return Card(tuple(body), (Button(label, "gate.decide", payload, style),))


def which(gates: Sequence[Gate], said: Spoken) -> Card:
    """Asks which of the open requests is meant; the chosen one is then confirmed."""
    buttons = tuple(
        Button(gate.title, "gate.confirm", {"gate": gate.id, "verdict": said.verdict, "reason": said.reason})
        for gate in gates[:5]
    )
    return Card((Text(f"Which request do you want to {said.verdict}?"),), alternatives=buttons)


def form(gate: Gate, typed: "JsonObject | None" = None, faults: Sequence[tuple[str, str]] = ()) -> Card:
    """The action as a form; what was typed before stands in it again, under what is wrong with it."""
    body: list[Element] = [Text(f"Edit: {gate.title}", "heading")]
    body += [Text(f"{field}: {words}." if field else f"{words}.", "bad") for field, words in faults[:10]]
    if faults:
        body.append(Text("Nothing was decided. What you typed is still here."))
    body += inputs(gate.schema, gate.parameters, typed)
    reason = str((typed or {}).get("reason") or "")
    body.append(
        Input("reason", "Reason", value=reason[:REASON_LIMIT], placeholder="Why it changes", limit=REASON_LIMIT)
    )
    body.append(Details("The whole action now", tuple(whole(gate.parameters))))
    label, style = _LABELS["edit"]
    return Card(tuple(body), (Button(label, "gate.decide", load(gate, "edit"), style),))


def ask(gate: Gate) -> Card:
    """Takes the question that is asked back."""
    field = Input("question", "Your question", "multiline", required=True, limit=REASON_LIMIT)
    body = (
        Text(gate.title, "heading"),
        Text(f"{gate.asked_by.name} is asked in your name; the request stays open in the meantime.", "muted"),
        field,
    )
    return Card(body, (Button("Send the question", "gate.ask", {"gate": gate.id}, "primary"),))


def asked(gate: Gate, aside: Aside) -> Card:
    """What whoever asked for the action is asked; with their answer once there is one."""
    body: list[Element] = [
        Text(f"{aside.by.name} asks about “{gate.title}”", "heading"),
        Text(aside.question),
    ]
    if aside.answer:
        return Card((*body, Facts(((f"{gate.asked_by.name} answered", aside.answer),))))
    body.append(Input("answer", "Your answer", "multiline", required=True, limit=REASON_LIMIT))
    body.append(Text("The request stays open; everybody who decides reads the answer.", "muted"))
    return Card(tuple(body), (Button("Answer", "gate.answer", {"gate": gate.id, "aside": aside.id}, "primary"),))


def elsewhere(gate: Gate, page: str) -> Card:
    """A decision of high risk is made in the browser."""
    words = "This is of high risk, so it is decided in the browser, after a fresh sign-in. Nothing was decided here."
    links = (Button("Decide in the browser", url=page, style="primary"),) if page.startswith("http") else ()
    where = () if links else (Text(f"Open {page} there.", "muted"),)
    return Card((Text(gate.title, "heading"), Text(words, "warning"), *where), links)
