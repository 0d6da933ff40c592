"""The cards of a review: what waits, one item with its evidence, the end of it, and what the people are told.

Those for experts are private: they show others' words, and rows that were read with the expert's rights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conversation.card import Button, Card, Code, Details, Element, Facts, Input, Table, Text
from conversation.codec import Json, JsonObject
from conversation.gates import Decision, digest
from conversation.review import CORRECTION_LIMIT, KINDS, REASONS, Complaint, ReviewItem
from graphs.review.change_cards import changed_fields
from graphs.review.proposal import Proposal
from knowledge.glossary import Term
from knowledge.glossary.diff import diff

LISTED = 6
EDITABLE = 2_000
"""Characters of SQL that fit an input of every channel; longer SQL is shown beside an empty one."""


def waiting(items: Sequence[ReviewItem], run: str) -> Card:
    """What waits, worst first, each with a button to its own card."""
    if not items:
        return Card((Text("Nothing waits for review.", "good"),), run=run)
    count = "1 item waits" if len(items) == 1 else f"{len(items)} items wait"
    body: list[Element] = [Text(f"{count} for review", "title")]
    body.append(Facts(tuple((item.question[:150], summary(item)) for item in items[:LISTED])))
    if len(items) > LISTED:
        body.append(Text(f"{len(items) - LISTED} more follow when these are decided.", "muted"))
    buttons = tuple(
        Button(f"Review: {item.question[:50]}", "review.open", {"run": run, "item": item.id}) for item in items[:LISTED]
    )
    return Card(tuple(body), alternatives=buttons, run=run, private=True)


@dataclass(frozen=True, slots=True)
class Look:
    """One item as one person sees it. `before` is the disputed SQL for people, `terms` the words that it may be about.

    `alike` counts the open items that could be approved with it.
    """

    item: ReviewItem
    complaints: Sequence[Complaint]
    proposal: Proposal
    before: str = ""
    explained: str = ""
    terms: Sequence[Term] = ()
    alike: int = 1


def item(look: Look, run: str, note: str = "") -> Card:
    """One item: what was asked and said, what would be approved with its rows, and the decision."""
    one, proposal = look.item, look.proposal
    body: list[Element] = [Text(one.question, "title"), Text(summary(one), "muted")]
    if note:
        body.append(Text(note, "warning"))
    body.append(Facts((*_facts(one, look.complaints), *_words(look))))
    if look.before:
        body.append(Details("The query behind the answer", (Code(look.before, "sql"),)))
    body += _proposed(proposal)
    body += _inputs(one, proposal)
    load: JsonObject = {"run": run, "item": one.id}
    approve = Button("Approve", "review.approve", {**load, "digest": proposal.digest}, "primary")
    reject = Button("Reject", "review.reject", load, "danger")
    check = Button("Check my changes", "review.check", load, "primary")
    back = Button("Back to the list", "review.list", {"run": run})
    more = (*_meanings(look, load), *_others(look, load))
    return Card(tuple(body), (approve if proposal.pair else check, reject, back), more, run=run, private=True)


def proposed(look: Look, before: Term | None, after: Term | None, run: str, note: str = "") -> Card:
    """A term or a fact that is proposed, or a term that the data no longer holds: what speaks for it, the decision."""
    one = look.item
    body: list[Element] = [Text(one.question, "title"), Text(summary(one), "muted")]
    if note:
        body.append(Text(note, "warning"))
    facts = _facts(one, look.complaints)
    problems, speaks = one.parameters.get("what"), one.parameters.get("evidence")
    for label, said in (("What is wrong", problems), ("What speaks for it", speaks)):
        facts = (*facts, *((label, _evidence(words)) for words in (said if isinstance(said, list) else ())[:4]))
    sure = one.parameters.get("confidence")
    if isinstance(sure, int | float) and sure < 1:
        facts = (*facts, ("Confidence", f"{sure:.0%}"))
    body += [Facts(facts)] if facts else []
    if one.kind == "proposal" and after is not None:
        body += [Text("What it would be", "heading"), *changed_fields(diff(before, after))]
    body.append(Input("reason", "Reason", placeholder="Needed to reject; whoever asked reads it"))
    load: JsonObject = {"run": run, "item": one.id}
    approve = Button("Approve", "review.approve", {**load, "digest": digest(one.parameters)}, "primary")
    edit = Button("Edit", "review.meaning", {**load, "term": before.id if before else ""})
    reject = Button("Reject", "review.reject", load, "danger")
    edits = (edit,) if after is not None else ()
    first = (approve, reject, *edits) if one.kind == "proposal" else (*edits, reject)
    back = Button("Back to the list", "review.list", {"run": run})
    return Card(tuple(body), first, (*_others(look, load), back), run=run, private=True)


def _evidence(said: Json) -> str:
    """One thing that speaks for a proposal, as text or with its kind."""
    text = f"{said.get('text', '')} ({said.get('kind', '')})" if isinstance(said, dict) else str(said)
    return text[:600]


def _words(look: Look) -> tuple[tuple[str, str], ...]:
    """What the disputed query did, in words, and where the words of the question came from."""
    facts = [("What was done", look.explained)] if look.explained else []
    for term in look.terms:
        who = f", {term.changed_by} {term.changed_at[:10]}" if term.changed_by else ""
        facts.append((f"“{term.name}”", f"{term.definition or term.kind} (version {term.version}, {term.status}{who})"))
    what = look.item.parameters.get("what")
    if isinstance(what, str) and what:
        facts.append(("What is wrong", what[:600]))
    return tuple(facts)


def _meanings(look: Look, load: JsonObject) -> tuple[Button, ...]:
    """Ways into the glossary, first where somebody said that a word was taken wrongly."""
    edits = [
        Button(f"Change what “{term.name[:40]}” means", "review.meaning", {**load, "term": term.id})
        for term in look.terms[:3]
    ]
    return (*edits, Button("Define a word", "review.meaning", {**load, "term": ""}))


def _others(look: Look, load: JsonObject) -> tuple[Button, ...]:
    together = [Button(f"Approve all {look.alike} alike", "review.alike", load)] if look.alike > 1 else []
    ask = [Button("Ask back", "review.ask", load)] if look.complaints else []
    return (*together, *ask, Button("Assign", "review.assign", load))


def summary(one: ReviewItem) -> str:
    """Whom it hurts and why, in a few words."""
    people = "1 person" if one.people == 1 else f"{one.people} people"
    why = REASONS.get(one.reason, "") or (KINDS.get(one.kind, "") if one.kind != "answer" else "")
    return " · ".join(part for part in (people, why, one.source, one.created_at[:10], _waits(one)) if part)


def _waits(one: ReviewItem) -> str:
    """What an open item waits for."""
    if one.status != "open":
        return ""
    if one.change:
        return "a change of a word waits for approval"
    return "asked back" if one.asked else f"assigned to {one.assignee}" if one.assignee else ""


def _facts(one: ReviewItem, complaints: Sequence[Complaint]) -> tuple[tuple[str, str], ...]:
    facts = [("Asked after", f"{one.follows} (say the whole question below)")] if one.follows else []
    for said in list(complaints)[-3:]:
        words = [REASONS.get(said.reason, ""), f"“{said.words}”" if said.words else ""]
        silent = "No reason given" if one.kind == "answer" else "Asked it"
        facts.append((said.who.name, ": ".join(part for part in words if part) or silent))
        if said.correction:
            facts.append((f"{said.who.name}'s correction", said.correction[:900]))
    return tuple(facts)


def _proposed(proposal: Proposal) -> list[Element]:
    if proposal.problem:
        shown = [Code(proposal.sql, "sql")] if proposal.sql else []
        return [Text("This can't be approved", "heading"), Text(proposal.problem, "bad"), *shown]
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


def settled_card(one: ReviewItem, told: int, run: str) -> Card:
    """A proposal was approved."""
    who = one.decision.by.name if one.decision else "somebody"
    body: list[Element] = [Text(one.question, "title"), Text(f"Approved by {who}. It counts from now on.", "good")]
    if told:
        body.append(Text(f"{told} {'person was' if told == 1 else 'people were'} told.", "muted"))
    return Card(tuple(body), _next("", run), run=run, private=True)


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
    """What the people who complained are told where there is no new answer to show."""
    body: list[Element] = [Text("Your question was reviewed", "heading"), Facts((("Question", one.question),))]
    if decision.verdict == "reject":
        words = "can't have it answered" if one.kind == "unanswered" else "let the answer stand"
        body.append(Text(f"{decision.by.name} {words}: {decision.reason}"))
        return Card(tuple(body))
    body.append(Text(f"{decision.by.name} {settled(one)}, so it is answered by that from now on.", "good"))
    if decision.reason:
        body.append(Text(decision.reason, "muted"))
    return Card(tuple(body), (Button("Show the new answer", "ask", {"text": question}, "primary"),))


def fixed(one: ReviewItem, decision: Decision, answer: Card) -> Card:
    """What they are told with the new answer, which was read with their own rights."""
    body: list[Element] = [Text("Fixed: this is the new answer to your question", "heading")]
    body.append(Facts((("Question", one.question),)))
    body.append(Text(f"{decision.by.name} {settled(one)}.", "good"))
    if decision.reason:
        body.append(Text(decision.reason, "muted"))
    return replace(answer, body=(*body, *answer.body), private=True)


def settled(one: ReviewItem) -> str:
    """What the decision did, after the name of who decided."""
    return "approved a change of what a word means" if one.change else "approved a query for it"


def _next(question: str, run: str) -> tuple[Button, ...]:
    ask = (Button("Ask it", "ask", {"text": question}),) if question else ()
    return (Button("Next to review", "review.list", {"run": run}), *ask)
