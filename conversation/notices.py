"""The cards of a turn itself: work under way, an error, small confirmations."""

from conversation.card import Button, Card, Choice, Details, Element, Input, Progress, Text
from conversation.errors import OperatorError, QuilluxError
from conversation.review import CORRECTION_LIMIT, REASONS
from conversation.run import Run


def working(run: Run, label: str = "Looking at your data", done: int = 0, total: int = 0) -> Card:
    """Work is under way; it can be stopped."""
    return Card((Progress(label, done, total),), (Button("Stop", "run.stop", {"run": run.id}),), run=run.id)


def failed(error: QuilluxError, run: str, *, retry: bool = True) -> Card:
    """What happened, what was not changed, what to do next; an operator's error carries the reference to look for."""
    body: list[Element] = [Text(error.what, "bad")]
    if error.unchanged:
        body.append(Text(error.unchanged))
    if error.next_step:
        body.append(Text(error.next_step))
    if isinstance(error, OperatorError):
        body.append(Text(f"Reference: {run}", "muted"))
    return Card(tuple(body), (Button("Try again", "run.retry", {"run": run}),) if retry and run else (), run=run)


def unexpected(run: str, *, retry: bool = True) -> Card:
    """A fault of ours: nothing of its inside is shown, the reference leads to the log."""
    return failed(
        OperatorError("Something went wrong inside Quillux.", next_step="Try again; if it happens again, report it."),
        run,
        retry=retry,
    )


def kept_private(run: Run) -> Card:
    """Stands in a shared place for an answer that was made with the asker's own rights."""
    who = run.asked_by.name
    return Card(
        (Text(f"The answer was made with {who}'s own rights, so it was shown to {who} only."),),
        (
            Button("Show me", "run.reveal", {"run": run.id}),
            Button("Share here", "run.share", {"run": run.id}, confirm="Everybody here will see the answer."),
        ),
        run=run.id,
    )


def notice(words: str, run: str = "") -> Card:
    """One plain sentence."""
    return Card((Text(words, "muted"),), run=run)


def why_down(run: str) -> Card:
    """Asks what was wrong with an answer, and how it would be right."""
    return Card(
        (
            Text("What was wrong?", "heading"),
            Input("kind", "It was", "choice", choices=tuple(Choice(key, words) for key, words in REASONS.items())),
            Input("reason", "In your words", "multiline", placeholder="What did you expect?"),
            Input(
                "correction",
                "How it would be right",
                "multiline",
                placeholder="The question in other words, or SQL; leave it empty if you don't know",
                limit=CORRECTION_LIMIT,
            ),
        ),
        (Button("Send", "run.feedback", {"run": run, "value": "down", "final": True}, "primary"),),
        run=run,
    )


def opened(card: Card, run: str) -> Card:
    """What a card keeps folded, laid open for one person."""
    body: list[Element] = []
    for element in card.body:
        if isinstance(element, Details):
            body += [Text(element.title, "heading"), *element.body]
    return Card(tuple(body) or (Text("There is nothing more to show.", "muted"),), run=run)
