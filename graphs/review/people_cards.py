"""The cards by which an item goes between people: asked back, answered, given to somebody."""

from collections.abc import Sequence

from conversation.card import Button, Card, Choice, Facts, Input, Text
from conversation.codec import JsonObject
from conversation.principal import Principal
from conversation.review import ReviewItem

ANSWER_LIMIT = 1_000


def ask(item: ReviewItem, run: str) -> Card:
    """What the expert wants to know of whoever complained."""
    load: JsonObject = {"run": run, "item": item.id}
    body = (
        Text(item.question, "title"),
        Input("reason", "What do you want to know?", "multiline", placeholder="Goes to everybody who complained"),
    )
    back = Button("Back to it", "review.open", load)
    return Card(body, (Button("Ask", "review.ask", load, "primary"), back), run=run, private=True)


def asked(item: ReviewItem, by: Principal, question: str, run: str) -> Card:
    """What the person who complained is asked."""
    body = (
        Text("One question about your answer", "heading"),
        Facts((("Your question", item.question[:300]), (f"{by.name} asks", question))),
        Input("answer", "Your answer", "multiline", limit=ANSWER_LIMIT),
    )
    return Card(body, (Button("Answer", "review.answer", {"run": run, "item": item.id}, "primary"),), run=run)


def thanks(question: str, answer: str, run: str) -> Card:
    """The answer was passed on."""
    facts = Facts((("You were asked", question), ("You said", answer)))
    return Card((Text("Thank you, that goes to the expert.", "good"), facts), run=run)


def assign(item: ReviewItem, people: Sequence[Principal], run: str) -> Card:
    """To whom the item is given."""
    load: JsonObject = {"run": run, "item": item.id}
    choices = tuple(Choice(who.id, who.name) for who in people[:50])
    body = (Text(item.question, "title"), Input("person", "Give it to", "choice", choices=choices))
    back = Button("Back to it", "review.open", load)
    return Card(body, (Button("Assign", "review.assign", load, "primary"), back), run=run, private=True)
