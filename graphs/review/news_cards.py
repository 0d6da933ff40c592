"""The cards that come without being asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversation.card import Button, Card, Element, Facts, Table, Text
from conversation.cells import Column
from conversation.review import ReviewItem
from graphs.review.cards import summary

LISTED = 3
DECIDED = 8


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its first day on: answers given, and those found wrong."""

    first: str
    answers: int
    wrong: int

    @property
    def right(self) -> float | None:
        """The share of answers that nobody found wrong; None where none was given."""
        return 1 - self.wrong / self.answers if self.answers else None


def notice(new: Sequence[ReviewItem], waiting: int) -> Card:
    """Something new waits for this person."""
    count = "1 new item waits" if len(new) == 1 else f"{len(new)} new items wait"
    rest = f", {waiting} in all" if waiting > len(new) else ""
    body: list[Element] = [Text(f"{count} for your review{rest}", "heading")]
    body.append(Facts(tuple((item.question[:150], summary(item)) for item in new[:LISTED])))
    buttons = tuple(Button(f"Review: {item.question[:50]}", "ask", {"text": f"review {item.id}"}) for item in new[:1])
    whole = Button("Show all", "ask", {"text": "what needs review?"})
    return Card(tuple(body), (*buttons, whole), private=True)


def digest(decided: Sequence[ReviewItem], waiting: Sequence[ReviewItem], weeks: Sequence[Week]) -> Card:
    """The week: decided, waiting, whom it hurts, and how often answers were right."""
    approved = sum(1 for item in decided if item.status == "approved")
    people = sum(item.people for item in waiting)
    body: list[Element] = [Text("Reviews of the week", "title")]
    body.append(
        Facts(
            (
                ("Decided", f"{len(decided)}: {approved} approved, {len(decided) - approved} rejected"),
                ("Waiting", f"{len(waiting)}, which hurt {people} {'person' if people == 1 else 'people'}"),
            )
        )
    )
    if decided:
        body.append(Text("Decided", "heading"))
        body.append(Facts(tuple((item.question[:150], _verdict(item)) for item in decided[:DECIDED])))
    if waiting:
        body.append(Text("What hurts most", "heading"))
        body.append(Facts(tuple((item.question[:150], summary(item)) for item in waiting[:LISTED])))
    columns = (Column("Week from"), Column("Answers", "integer"), Column("Found wrong", "integer"), Column("Right"))
    rows = tuple((week.first, week.answers, week.wrong, _share(week)) for week in weeks)
    body.append(Table(columns, rows, len(rows), title="How often answers were right"))
    return Card(tuple(body), (Button("What needs review?", "ask", {"text": "what needs review?"}, "primary"),))


def _verdict(item: ReviewItem) -> str:
    return f"{item.status} by {item.decision.by.name}" if item.decision else item.status


def _share(week: Week) -> str:
    return "no answers" if week.right is None else f"{week.right:.1%}"
