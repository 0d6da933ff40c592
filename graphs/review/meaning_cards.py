"""The cards by which an expert edits what a word means."""

from collections.abc import Sequence

from conversation.card import Button, Card, Element, Facts, Input, Text
from conversation.codec import JsonObject
from conversation.review import ReviewItem
from graphs.review.change_cards import changed_fields
from graphs.review.meaning import Draft, fields
from knowledge.glossary.diff import diff


def form(item: ReviewItem, draft: Draft, run: str, *, reason: str = "", effect: Sequence[Element] = ()) -> Card:
    """The term to be edited; once something was typed, what it changes in the term and in past answers."""
    title = f"What “{draft.before.name}” means" if draft.before else "What a word means"
    body: list[Element] = [Text(title, "title")]
    facts = [("For the question", item.question[:300])]
    if draft.before and draft.before.metric:
        facts.append(("Number of", f"{draft.before.metric.source}, {draft.before.metric.table}"))
    if draft.before:
        facts.append(("Version", where_from(draft)))
    body.append(Facts(tuple(facts)))
    if draft.problem:
        body.append(Text(draft.problem, "bad"))
    changes = diff(draft.before, draft.after) if draft.after.id else ()
    if changes and not draft.problem:
        body += [Text("What changes", "heading"), *changed_fields(changes)]
    body += effect
    body += fields(draft.after)
    body.append(Input("reason", "Why", value=reason, placeholder="Whoever approves it reads this"))
    load: JsonObject = {"run": run, "item": item.id, "term": draft.before.id if draft.before else ""}
    buttons = (
        Button("Propose this", "review.propose", load, "primary"),
        Button("Show the effect", "review.effect", load),
        Button("Back to it", "review.open", {"run": run, "item": item.id}),
    )
    return Card(tuple(body), buttons, run=run, private=True)


def where_from(draft: Draft) -> str:
    """Where the term as it stands came from."""
    term = draft.before
    if term is None:
        return ""
    who = f" by {term.changed_by}" if term.changed_by else ""
    when = f" on {term.changed_at[:10]}" if term.changed_at else ""
    return f"{term.version}, {term.status}{who}{when}"
