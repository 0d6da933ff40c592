"""The page of one gate, drawn: the action, the evidence, what changed, the votes, and the form that decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.responses import HTMLResponse

from conversation.activity import readable
from conversation.codec import Json, JsonObject
from conversation.errors import PersonError
from conversation.gates import Gate, Verdict, cards, checks
from conversation.gates.cards import REASON_LIMIT
from conversation.gates.difference import whole
from conversation.gates.form import inputs
from conversation.principal import Principal
from web.api.gate_wire import page_of
from web.approvals.draw import drawn, facts
from web.approvals.draw import field as form_field
from web.approvals.layout import Html, page, tag

_RISKS = {"medium": "medium risk", "high": "high risk"}


@dataclass(frozen=True, slots=True)
class View:
    """A gate as one person sees it. `may` are the verdicts they can give, `typed` what a refused form held.

    `password` says whether a password proves a fresh sign-in; `again` is where a proxy signs people in anew.
    """

    gate: Gate
    who: Principal
    may: tuple[Verdict, ...]
    seen: int = 0
    told: str = ""
    press: str = ""
    password: bool = False
    again: str = ""
    error: PersonError | None = None
    typed: JsonObject = field(default_factory=dict)

    def refused(self, error: PersonError, typed: Mapping[str, Json]) -> "View":
        """The same with what was wrong and all that was typed but a password."""
        return replace(self, error=error, typed=dict(typed))

    @property
    def steps_up(self) -> bool:
        """Whether a verdict of this person takes a fresh sign-in."""
        return self.gate.risk == "high" and any(not checks.own(self.gate, verdict, self.who) for verdict in self.may)


def draw(view: View, status: int = 200) -> HTMLResponse:
    """The whole page."""
    gate = view.gate
    title = readable(gate.title)
    body = [
        tag("p", tag("a", "← All approvals", href="/approvals"), class_="muted"),
        _told(view),
        tag("h1", title),
        tag("p", readable(gate.reason), class_="why") if gate.reason else None,
        _state(gate),
        *_action(view),
        *drawn([*cards.tally(gate), *cards.asides(gate)]),
        _form(view) if view.may else None,
    ]
    return page(title, tag("article", *body, class_="gate"), person=view.who.name, status=status)


def _told(view: View) -> Html | None:
    if view.error is not None:
        error = view.error
        lines = (tag("p", readable(line)) for line in (error.unchanged, error.next_step) if line)
        return tag("section", tag("h2", readable(error.what)), *lines, class_="result wrong", role="alert")
    return tag("section", tag("h2", view.told), class_="result", role="status") if view.told else None


def _state(gate: Gate) -> Html:
    """Who asked, who decides, until when; and how it ended."""
    pairs = [("Asked by", gate.asked_by.name), ("May decide", cards.who(gate))]
    if len(gate.steps) > 1:
        pairs.append(("Stage", f"{min(gate.stage, len(gate.steps) - 1) + 1} of {len(gate.steps)} {gate.current.name}"))
    pairs += [("Asked", cards.when(gate.created_at))] if gate.created_at else []
    pairs += [("Due", cards.when(gate.due_at))] if gate.due_at else []
    risk = tag("p", tag("span", _RISKS[gate.risk], class_=f"risk {gate.risk}")) if gate.risk in _RISKS else None
    ended = drawn(cards.draw(gate).body[1:]) if gate.state != "open" else []
    return tag("section", risk, *(ended or [facts(pairs)]), class_="state")


def _action(view: View) -> list[Html]:
    """What changed since this person last looked, with the whole action folded; else the action and its evidence."""
    gate = view.gate
    exact = drawn(whole(gate.parameters))
    changed = drawn(cards.since(gate, view.seen)) if gate.state == "open" else []
    shown = [tag("section", *changed, class_="changed")] if changed else []
    if not changed:
        shown.append(tag("section", tag("h2", "What would be done, exactly"), *exact))
    if gate.evidence:
        shown.append(tag("section", tag("h2", "What speaks for it"), *drawn(gate.evidence)))
    return shown


def _form(view: View) -> Html:
    gate = view.gate
    hidden = {"press": view.press, "digest": gate.digest, "revision": str(gate.revision)}
    return tag(
        "form",
        *(tag("input", type="hidden", name=name, value=value) for name, value in hidden.items()),
        # The first button is what the Enter key presses: nobody decides by it.
        tag("button", "", disabled=True, hidden=True),
        tag("h2", "Your decision"),
        _edits(view),
        _reason(view),
        _sign_in(view) if view.steps_up else None,
        _buttons(view),
        _ask(view),
        method="post",
        action=page_of(gate),
        class_="decide",
    )


def _reason(view: View) -> Html:
    hint = "Needed to reject; kept with the decision" if view.gate.risk == "low" else "Needed; kept with the decision"
    reason = str(view.typed.get("reason") or "")
    area = tag("textarea", reason, id="reason", name="reason", rows=3, maxlength=REASON_LIMIT, placeholder=hint)
    return tag("div", tag("label", "Reason", for_="reason"), area, class_="field")


def _edits(view: View) -> Html | None:
    gate = view.gate
    if "edit" not in view.may or not gate.schema:
        return None
    made = [form_field(one) for one in inputs(gate.schema, gate.parameters, view.typed)]
    if not made:
        return None
    button = tag("button", "Change and approve", name="verdict", value="edit")
    words = tag("p", "What you change is shown to everybody who decides, and counts as your approval.", class_="muted")
    open_ = any(name.startswith("edit.") for name in view.typed) and view.error is not None
    return tag("details", tag("summary", "Change it"), words, *made, button, class_="edits", open=open_)


def _sign_in(view: View) -> Html:
    """The fresh sign-in, right where the decision is made."""
    parts: list[Html] = []
    if view.password:
        parts.append(tag("label", "Your password, again", for_="password"))
        parts.append(tag("input", type="password", id="password", name="password", autocomplete="current-password"))
        parts.append(tag("p", "This is of high risk, so it takes a fresh sign-in. It counts once.", class_="muted"))
    elif view.again:
        parts.append(tag("p", "This is of high risk, so it takes a sign-in within the last five minutes."))
        parts.append(tag("p", tag("a", "Sign in again", href=view.again, class_="button")))
    else:
        parts.append(tag("p", "You signed in a moment ago, which counts for this decision.", class_="good"))
    return tag("div", *parts, class_="field step-up")


def _buttons(view: View) -> Html:
    taken_back = view.gate.asked_by.id == view.who.id
    made = []
    if "approve" in view.may:
        made.append(tag("button", "Approve", name="verdict", value="approve", class_="primary"))
    if "reject" in view.may:
        label = "Take it back" if taken_back else "Reject"
        made.append(tag("button", label, name="verdict", value="reject", class_="danger"))
    return tag("p", *made, class_="buttons")


def _ask(view: View) -> Html | None:
    if "respond" not in view.may:
        return None
    words = f"{view.gate.asked_by.name} is asked in your name; the request stays open in the meantime."
    asked = str(view.typed.get("question") or "")
    return tag(
        "details",
        tag("summary", "Ask back"),
        tag("label", "Your question", for_="question"),
        tag("textarea", asked, id="question", name="question", rows=3, maxlength=REASON_LIMIT),
        tag("p", words, class_="muted"),
        tag("button", "Send the question", name="verdict", value="respond"),
        class_="ask",
        open=bool(asked),
    )
