"""The cards of a review: what waits, one item with its evidence, the end of it, and what the people are told.

Those for experts are private: they show others' words, and rows that were read with the expert's rights.
"""

from collections.abc import Sequence

from conversation.card import Button, Card, Code, Details, Element, Facts, Input, Table, Text
from conversation.codec import JsonObject
from conversation.gates import Decision
from conversation.review import CORRECTION_LIMIT, REASONS, Complaint, ReviewItem
from graphs.review.proposal import Proposal

LISTED = 6
EDITABLE = 2_000
"""Characters of SQL that fit an input of every channel; longer SQL is shown beside an empty one."""


def waiting(items: Sequence[ReviewItem], run: str) -> Card:
    """What waits, worst first, each with a button to its own card."""
    if not items:
        return Card((Text("Nothing waits for review.", "good"),), run=run)
    count = "1 answer waits" if len(items) == 1 else f"{len(items)} answers wait"
    body: list[Element] = [Text(f"{count} for review", "title")]
    body.append(Facts(tuple((item.question[:150], summary(item)) for item in items[:LISTED])))
    if len(items) > LISTED:
        body.append(Text(f"{len(items) - LISTED} more follow when these are decided.", "muted"))
    buttons = tuple(
        Button(f"Review: {item.question[:50]}", "review.open", {"run": run, "item": item.id}) for item in items[:LISTED]
    )
    return Card(tuple(body), alternatives=buttons, run=run, private=True)


def item(
    one: ReviewItem, complaints: Sequence[Complaint], proposal: Proposal, before: str, run: str, note: str = ""
) -> Card:
    """One item: what was asked and said, what would be approved with its rows, and the decision."""
    body: list[Element] = [Text(one.question, "title"), Text(summary(one), "muted")]
    if note:
        body.append(Text(note, "warning"))
    body.append(Facts(_facts(one, complaints)))
    body.append(Details("The query behind the answer", (Code(before, "sql"),)))
    body += _proposed(proposal)
    body += _inputs(one, proposal)
    load: JsonObject = {"run": run, "item": one.id}
    approve = Button("Approve", "review.approve", {**load, "digest": proposal.digest}, "primary")
    reject = Button("Reject", "review.reject", load, "danger")
    check = Button("Check my changes", "review.check", load, "primary")
    back = Button("Back to the list", "review.list", {"run": run})
    return Card(tuple(body), (approve if proposal.pair else check, reject, back), run=run, private=True)


def summary(one: ReviewItem) -> str:
    """Whom it hurts and why, in a few words."""
    people = "1 person" if one.people == 1 else f"{one.people} people"
    return " · ".join(part for part in (people, REASONS.get(one.reason, ""), one.source, one.created_at[:10]) if part)


def _facts(one: ReviewItem, complaints: Sequence[Complaint]) -> tuple[tuple[str, str], ...]:
    facts = [("Asked after", f"{one.follows} (say the whole question below)")] if one.follows else []
    for said in list(complaints)[-3:]:
        words = [REASONS.get(said.reason, ""), f"“{said.words}”" if said.words else ""]
        facts.append((said.who.name, ": ".join(part for part in words if part) or "No reason given"))
        if said.correction:
            facts.append((f"{said.who.name}'s correction", said.correction[:900]))
    return tuple(facts)


def _proposed(proposal: Proposal) -> list[Element]:
    if proposal.problem:
        return [
            Text("This can't be approved", "heading"),
            Text(proposal.problem, "bad"),
            Code(proposal.sql, "sql"),
        ]
    body: list[Element] = [Text(f"To be approved: {proposal.origin}", "heading")]
    if proposal.explanation:
        body.append(Text(proposal.explanation, "muted"))
    if proposal.dates:
        words = (
            f"The query holds dates that the question does not say, and keeps them: {', '.join(proposal.dates[:5])}."
        )
        body.append(Text(words, "warning"))
    found = proposal.evidence
    title = "No row, with your rights" if not found.total else "What it gives, with your rights"
    body.append(Table(found.columns, found.rows, found.total, title=title) if found.rows else Text(title, "muted"))
    if len(proposal.sql) > EDITABLE:
        body.append(Details("The query to approve", (Code(proposal.sql, "sql"),)))
    return body


def _inputs(one: ReviewItem, proposal: Proposal) -> list[Element]:
    short = len(proposal.sql) <= EDITABLE
    return [
        Input(
            "question", "Question", value="" if one.follows and proposal.question == one.question else proposal.question
        ),
        Input(
            "sql",
            "Query",
            "multiline",
            value=proposal.sql if short else "",
            placeholder="" if short else "Leave it empty to keep the query above",
            limit=CORRECTION_LIMIT,
        ),
        Input("reason", "Reason", placeholder="Needed to reject; whoever asked reads it"),
    ]


def approved(proposal: Proposal, by: str, told: int, run: str) -> Card:
    """It was approved: for what, and what it gives."""
    found = proposal.evidence
    body: list[Element] = [
        Text(proposal.question, "title"),
        Text(f"Approved by {by}. The question is answered by this query from now on.", "good"),
    ]
    if told:
        body.append(Text(f"{told} {'person was' if told == 1 else 'people were'} told.", "muted"))
    if found.rows:
        body.append(Table(found.columns, found.rows, found.total))
    body.append(Details("The approved query", (Code(proposal.sql, "sql"),)))
    return Card(tuple(body), _next(proposal.question, run), run=run, private=True)


def rejected(one: ReviewItem, decision: Decision, told: int, run: str) -> Card:
    """It was rejected, and why."""
    body: list[Element] = [Text(one.question, "title"), Text(f"Rejected by {decision.by.name}.", "warning")]
    body.append(Facts((("Reason", decision.reason),)))
    if told:
        body.append(Text(f"{told} {'person was' if told == 1 else 'people were'} told.", "muted"))
    return Card(tuple(body), _next("", run), run=run, private=True)


def late(one: ReviewItem, run: str) -> Card:
    """Somebody else decided first."""
    decision = one.decision
    words = f"{decision.by.name} {one.status} this already." if decision else "This was decided already."
    body: list[Element] = [Text(one.question, "title"), Text(words, "muted")]
    if decision and decision.reason:
        body.append(Facts((("Reason", decision.reason),)))
    return Card(tuple(body), _next("", run), run=run, private=True)


def told(one: ReviewItem, decision: Decision, question: str) -> Card:
    """What the people who complained are told."""
    body: list[Element] = [Text("Your question was reviewed", "heading"), Facts((("Question", one.question),))]
    if decision.verdict == "reject":
        body.append(Text(f"{decision.by.name} let the answer stand: {decision.reason}"))
        return Card(tuple(body))
    body.append(Text(f"{decision.by.name} approved a query for it, so it is answered by that from now on.", "good"))
    if decision.reason:
        body.append(Text(decision.reason, "muted"))
    return Card(tuple(body), (Button("Show the new answer", "ask", {"text": question}, "primary"),))


def _next(question: str, run: str) -> tuple[Button, ...]:
    ask = (Button("Ask it", "ask", {"text": question}),) if question else ()
    return (Button("Next to review", "review.list", {"run": run}), *ask)
