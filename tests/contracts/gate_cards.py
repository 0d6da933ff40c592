"""Every card of a gate, once plain and once filled with hostile words."""

from collections.abc import Mapping
from dataclasses import replace

from conversation.card import Card, Code, Details
from conversation.codec import JsonObject
from conversation.gates import Aside, Deciders, Decision, Gate, Revision, Stage, cards, questions
from conversation.gates.spoken import Spoken
from conversation.principal import Principal

ANN, BEN = Principal("ann", "acme", "Ann"), Principal("ben", "acme", "Ben", ("approver",))
AT = "2026-01-01T12:00:00+00:00"
PAGE = "https://quillux.example/approvals/g1"
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "sql": {"type": "string", "format": "sql"},
        "rows": {"type": "integer"},
        "share": {"type": "number"},
        "partial": {"type": "boolean"},
        "format": {"enum": ["csv", "xlsx"]},
        "until": {"type": "string", "format": "date"},
        "people": {"type": "array", "items": {"type": "string"}},
        "regions": {"type": "array", "items": {"type": "string", "enum": ["EU", "US"]}},
    },
}


def gate(words: str = "orders") -> Gate:
    """A gate that has been edited, voted on and asked about, with these words wherever words come from people."""
    action: JsonObject = {
        "sql": f"SELECT '{words}'",
        "rows": 10,
        "share": 0.5,
        "partial": False,
        "format": "csv",
        "until": "2026-02-01",
        "people": [words, "ben"],
        "regions": ["EU"],
    }
    before: JsonObject = {**action, "rows": 20, "sql": f"SELECT *\nFROM {words}\n" + "WHERE TRUE\n" * 20}
    votes = (
        Decision("edit", BEN, words, action, "p1", AT, "slack", 0, 2),
        Decision("reject", ANN, words, {}, "p2", AT, "teams", 0, 1, acting_for="cat"),
    )
    return Gate(
        id="run-1:gate",
        tenant="acme",
        run="run-1",
        flow="nlq",
        interrupt="i",
        title=f"Run “{words}” for Ann?",
        reason=f"It is heavy: {words}",
        parameters=action,
        asked_by=replace(ANN, name=f"Ann {words}"[:60]),
        roles=("approver",),
        policy="p1",
        allowed=("approve", "edit", "reject", "respond"),
        stages=(Stage(Deciders(roles=("approver",)), 3, name="Finance"), Stage(Deciders(users=("cat",)))),
        risk="medium",
        schema=SCHEMA,
        target="term:revenue",
        due_at=AT,
        votes=votes,
        revision=2,
        revisions=(Revision(1, before, "ann", AT), Revision(2, action, "ben", AT)),
        evidence=(Details("The query", (Code(str(action["sql"]), "sql"),)),),
        asides=(Aside("a1", BEN, words, AT, words, AT), Aside("a2", BEN, words, AT)),
    )


def every(words: str = "orders") -> Mapping[str, Card]:
    """The cards by name."""
    one = gate(words)
    first = replace(one, revision=1, revisions=(), votes=(), asides=())
    made = Decision("edit", BEN, words, one.parameters, "p1", AT)
    decided = replace(one, state="decided", decision=made)
    faults = (("Rows", "write a whole number, in digits"), ("", words[:300]))
    return {
        "open": cards.draw(first),
        "counted, after an edit": cards.draw(one, PAGE, 1),
        "seen": cards.draw(one, PAGE, 2),
        "of high risk": cards.draw(replace(one, risk="high"), PAGE),
        "of high risk without a browser": cards.draw(replace(one, risk="high")),
        "decided": cards.draw(decided),
        "paused": cards.draw(replace(one, state="paused")),
        "superseded": cards.draw(replace(one, state="superseded")),
        "cancelled": cards.draw(replace(one, state="cancelled")),
        "conflict": cards.conflict(decided, one.parameters, {"sql": words, "rows": 11}),
        "lost": cards.lost(decided),
        "why": questions.why(one, "reject"),
        "confirm": questions.confirm(one, Spoken("reject", "", clear=False), BEN),
        "which": questions.which([one] * 7, Spoken("approve", words[:1_000])),
        "form": questions.form(one),
        "refused form": questions.form(one, {"edit.rows": words, "reason": words}, faults),
        "ask": questions.ask(one),
        "asked": questions.asked(one, one.asides[1]),
        "answered": questions.asked(one, one.asides[0]),
        "elsewhere": questions.elsewhere(one, PAGE),
        "elsewhere without a browser": questions.elsewhere(one, "your approvals"),
    }
