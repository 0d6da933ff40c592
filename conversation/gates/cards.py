"""Every card of a gate, for every flow. What people wrote is shown as plain text, so it can neither format nor press.

The flow adds its evidence (`gate.evidence`); who asked, who decides, the votes and the buttons are drawn here.
"""

from dataclasses import replace
from datetime import datetime

from conversation.card import Button, ButtonStyle, Card, Details, Element, Facts, Input, Text, TextStyle
from conversation.codec import JsonObject
from conversation.gates.difference import as_of, changed, difference, whole
from conversation.gates.model import Decision, Gate, Verdict
from conversation.gates.rules import Deciders
from conversation.gates.tally import needed, votes_on

REASON_LIMIT = 1_000
RISKS = {"low": "", "medium": "Medium: a reason is needed", "high": "High: in the browser, after a fresh sign-in"}
VERDICTS = {"approve": "Approved", "edit": "Changed and approved", "reject": "Rejected", "respond": "Sent back"}
_SAID = {"approve": "approved", "edit": "changed it", "reject": "rejected", "respond": "asked back"}


def draw(gate: Gate, page: str = "", seen: int = 0) -> Card:
    """The gate as it stands now, for somebody who saw it last at revision `seen`; 0 for somebody who never did.

    `page` is the address of the gate's page in the browser, where there is one.
    """
    match gate.state:
        case "paused":
            return paused(gate)
        case "superseded" | "cancelled":
            return ended(gate)
    return decided(gate) if gate.decision is not None else _open(gate, page, seen)


def _open(gate: Gate, page: str, seen: int) -> Card:
    body: list[Element] = [Text(gate.title, "heading")]
    if gate.reason:
        body.append(Text(gate.reason))
    body += [*since(gate, seen), *gate.evidence, Facts(_facts(gate)), *tally(gate), *asides(gate)]
    if gate.risk == "high":
        return Card((*body, *_elsewhere(page)), _links(page), _rest(gate), run=gate.run)
    hint = "Needed for each verdict" if gate.risk == "medium" else "Needed to reject, kept with the decision"
    body.append(Input("reason", "Reason", placeholder=hint, limit=REASON_LIMIT))
    return Card(tuple(body), _verdicts(gate), _rest(gate), run=gate.run)


def _facts(gate: Gate) -> tuple[tuple[str, str], ...]:
    facts = [("Asked by", gate.asked_by.name), ("May decide", who(gate))]
    if len(gate.steps) > 1:
        name = f": {gate.current.name}" if gate.current.name else ""
        facts.append(("Stage", f"{min(gate.stage, len(gate.steps) - 1) + 1} of {len(gate.steps)}{name}"))
    if RISKS[gate.risk]:
        facts.append(("Risk", RISKS[gate.risk]))
    if gate.due_at:
        facts.append(("Due", when(gate.due_at)))
    return tuple(facts)


def who(gate: Gate) -> str:
    """Who decides the stage that waits, and how many of them it takes; not whoever asked, who may not."""
    words, most = _others(gate).words, needed(gate)
    return words if most == 1 else f"{words}, {most} of them"


def _others(gate: Gate) -> Deciders:
    """The deciders as they are told; owners are named as users and as roles."""
    deciders, asker = gate.current.deciders, gate.asked_by
    if gate.self_approval or asker.id not in deciders.users:
        return deciders
    users = tuple(user for user in deciders.users if user != asker.id)
    roles = tuple(role for role in deciders.roles if role != asker.id or role in asker.roles)
    return replace(deciders, users=users, roles=roles)


def tally(gate: Gate) -> list[Element]:
    """The votes so far, with names; those on an earlier form of the action are marked."""
    if not gate.votes:
        return []
    said = f"{len(votes_on(gate, approvals=True))} of {needed(gate)} approved"
    return [Text(said, "heading"), Facts(tuple((vote.by.name, _vote(vote, gate)) for vote in gate.votes))]


def _vote(vote: Decision, gate: Gate) -> str:
    words = _SAID[vote.verdict]
    if vote.acting_for:
        words += f" for {vote.acting_for}"
    if vote.revision != gate.revision:
        words += " an earlier form"
    words += f" on {when(vote.at)}" if vote.at else ""
    return f"{words}: {vote.reason}" if vote.reason else words


def asides(gate: Gate) -> list[Element]:
    """What deciders asked back, and the answers."""
    told: list[tuple[str, str]] = []
    for aside in gate.asides:
        told.append((f"{aside.by.name} asks", aside.question))
        told.append((f"{gate.asked_by.name} answers", aside.answer or "Nothing yet; the request stays open."))
    return [Facts(tuple(told))] if told else []


def since(gate: Gate, seen: int) -> list[Element]:
    """What edits changed since somebody last looked, with the whole action folded; nothing where nothing did.

    For somebody who never looked it is what changed since it was asked.
    """
    if gate.revision <= 1 or seen >= gate.revision:
        return []
    before = as_of(gate, seen or 1)
    folded = Details("The whole action", tuple(whole(gate.parameters)))
    edited = next((vote.by.name for vote in gate.votes if (vote.verdict, vote.revision) == ("edit", gate.revision)), "")
    title = "Changed since you last looked" if seen else "Changed since it was asked"
    heading = Text(f"{title} (by {edited})" if edited else title, "heading")
    if before is None:
        return [heading, folded]
    shown = changed(difference(before, gate.parameters), "Before", "Now")
    return [heading, *(shown or [Text("Nothing.", "muted")]), folded]


def load(gate: Gate, verdict: Verdict) -> JsonObject:
    """A button's payload: the verdict on this very form of the action."""
    return {"gate": gate.id, "verdict": verdict, "digest": gate.digest, "revision": gate.revision}


def _verdicts(gate: Gate) -> tuple[Button, ...]:
    looks: tuple[tuple[Verdict, str, ButtonStyle], ...] = (
        ("approve", "Approve", "primary"),
        ("reject", "Reject", "danger"),
    )
    return tuple(
        Button(label, "gate.decide", load(gate, verdict), style)
        for verdict, label, style in looks
        if verdict in gate.allowed
    )


def _rest(gate: Gate) -> tuple[Button, ...]:
    """What takes another card first: changing the action, asking back."""
    edit = "edit" in gate.allowed and gate.schema and gate.risk != "high"
    buttons = [Button("Edit", "gate.edit", {"gate": gate.id})] if edit else []
    if "respond" in gate.allowed:
        buttons.append(Button("Ask back", "gate.ask", {"gate": gate.id}))
    return tuple(buttons)


def _links(page: str) -> tuple[Button, ...]:
    return (Button("Decide in the browser", url=page, style="primary"),) if page else ()


def _elsewhere(page: str) -> list[Element]:
    words = "Decide it in the browser, where you sign in again first."
    return [Text(words if page else f"{words} Open your approvals there.", "warning")]


def decided(gate: Gate) -> Card:
    """Who decided, when and why. ValueError for a gate that nobody decided."""
    decision = gate.decision
    if decision is None:
        raise ValueError("the gate is still open")
    good = decision.verdict in ("approve", "edit")
    own = decision.by.id == gate.asked_by.id and not good
    place = f" for {decision.acting_for}" if decision.acting_for else ""
    by = f"by {decision.by.name}{place}"
    words = f"Taken back {by}" if own else f"{VERDICTS[decision.verdict]} {by}"
    style: TextStyle = "good" if good else "warning"
    body: list[Element] = [Text(gate.title, "heading"), Text(words, style), Facts(_decision(gate, decision))]
    if decision.verdict == "edit" or gate.revision > 1:
        body.append(Details("The whole action", tuple(whole(gate.parameters))))
    return Card(tuple(body), fallback=_spoken(body))


def _decision(gate: Gate, decision: Decision) -> tuple[tuple[str, str], ...]:
    facts = [("Asked by", gate.asked_by.name), ("Decided by", decision.by.name)]
    if decision.acting_for:
        facts.append(("Acting for", decision.acting_for))
    if decision.reason:
        facts.append(("Reason", decision.reason))
    if decision.at:
        facts.append(("When", when(decision.at)))
    others = [vote for vote in gate.votes if vote.activity != decision.activity]
    return (*facts, *((vote.by.name, _vote(vote, gate)) for vote in others))


def _spoken(body: list[Element]) -> str:
    return Card(tuple(element for element in body if not isinstance(element, Details))).fallback_text


def paused(gate: Gate) -> Card:
    """Nobody decided in time: nothing was decided, and it can be opened again."""
    due = f" by {when(gate.due_at)}" if gate.due_at else ""
    body: tuple[Element, ...] = (
        Text(gate.title, "heading"),
        Text(f"Nobody decided this{due}. Nothing was decided and nothing was run.", "warning"),
        Facts((("Asked by", gate.asked_by.name), ("May decide", who(gate)))),
        *tally(gate),
    )
    return Card(body, (Button("Reopen", "gate.reopen", {"gate": gate.id}, "primary"),))


def ended(gate: Gate) -> Card:
    """It is not asked any more: something newer took its place, or it was taken back."""
    newer = gate.state == "superseded"
    words = "A newer request took the place of this one." if newer else "This request was cancelled."
    return Card((Text(gate.title, "heading"), Text(f"{words} Nothing was run.", "muted")))


def conflict(gate: Gate, was: JsonObject, now: JsonObject, why: str = "") -> Card:
    """What the action changes is not what it was when it was asked: both side by side, and a way to ask anew."""
    target = f" ({gate.target})" if gate.target else ""
    body: list[Element] = [
        Text(gate.title, "heading"),
        Text(why or f"What this changes{target} was changed by somebody else after it was asked.", "warning"),
        Text("Nothing was run, and the approval counts for nothing any more."),
        *changed(difference(was, now), "When it was asked", "Now"),
        Details("The whole action that was approved", tuple(whole(gate.parameters))),
    ]
    return Card(tuple(body), (Button("Ask anew", "run.retry", {"run": gate.run}, "primary"),), run=gate.run)


def lost(gate: Gate, words: str = "") -> Card:
    """Told to whoever pressed too late, or whose vote does not count for what `words` say."""
    if words:
        return Card((Text(words, "muted"),))
    match gate.state:
        case "paused":
            words = "Nobody decided this in time, so it is paused and your press changed nothing. Reopen it first."
        case "superseded" | "cancelled":
            words = "This request is not asked any more, so your press changed nothing."
        case _:
            name = gate.decision.by.name if gate.decision else "Somebody"
            words = f"{name} decided this already, so your press changed nothing."
    return Card((Text(words, "muted"),))


def when(at: str) -> str:
    """A time for people; as it is where it is none."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
