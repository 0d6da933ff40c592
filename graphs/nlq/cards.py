"""The cards of a question: the answer, a question back, a refusal, an approval."""

from collections.abc import Sequence
from typing import Any

from conversation.card import Button, Card, Chart, Code, Details, Element, Facts, Table, Text
from conversation.cells import Column
from conversation.codec import JsonObject
from conversation.errors import SourceUnavailable
from graphs.nlq.headline import headline
from graphs.nlq.phrases import phrases
from graphs.nlq.receipt import receipt
from graphs.nlq.state import Reading, State
from knowledge.translation.model import Ask, Phrase

SHOWN_ROWS = 10
MOST_ALTERNATIVES = 6
WITHOUT = "without"
"""The choice of an answer from the other sources; its option is the source that failed."""


def answer(state: State, run: str) -> Card:
    """The answer first, then what was assumed, the chart, the rows; how it was made is folded."""
    reading, rows = state["reading"], state["rows"]
    columns = tuple(Column(name.replace("_", " "), kind, unit) for name, kind, unit in rows["columns"])  # type: ignore[arg-type]
    body: list[Element] = [Text(headline(columns, rows["rows"], rows["total"]), "title")]
    if reading["explanation"]:
        body.append(Text(reading["explanation"], "muted"))
    if reading.get("verified"):
        body.append(Text(reading["verified"], "good"))
    if rows.get("missing"):
        body.append(Text(f"Without {', '.join(rows['missing'])}, which could not be reached.", "warning"))
    body += [Text(assumption["text"], "muted") for assumption in reading["assumptions"] if assumption["text"]]
    if rows["chart"]:
        body.append(Chart(rows["chart"], rows["chart_alt"]))
    if rows["total"] > 1 or len(columns) > 1:
        shown = tuple(tuple(row) for row in rows["rows"][:SHOWN_ROWS])
        body.append(Table(columns, shown, rows["total"], rows["result"]))
    body += [*_read_so(reading), Details("How this was made", receipt(state))]
    thumbs = (
        Button("👍", "run.feedback", {"run": run, "value": "up"}),
        Button("👎", "run.feedback", {"run": run, "value": "down"}),
    )
    csv = (Button("CSV", "run.csv", {"run": run}),) if rows["total"] > 1 else ()
    private = bool(rows.get("policies"))
    return Card(tuple(body), (*csv, *thumbs), _alternatives(reading["assumptions"], run), run=run, private=private)


def _read_so(reading: Reading) -> tuple[Details, ...]:
    told = [Phrase(p["meaning"], tuple(p["words"]), (), p["why"]) for p in reading.get("because", ())]
    return phrases(told, reading.get("unread", ()))


def question_back(ask: Ask, run: str) -> Card:
    """One question with the candidates as buttons, the likeliest first."""
    buttons = tuple(
        Button(label, "nlq.choose", _choice(run, ask.assumption.id, option.id), "primary" if at == 0 else "default")
        for at, (label, option) in enumerate(zip(ask.labels, ask.assumption.options, strict=False))
    )
    return Card((Text(ask.question, "heading"),), alternatives=buttons[:MOST_ALTERNATIVES], run=run)


def declined(reason: str, suggestions: Sequence[str], run: str) -> Card:
    """Why there is no answer, and what could be asked instead."""
    body: list[Element] = [Text(reason, "warning")]
    if suggestions:
        body.append(Text("You could ask:"))
    buttons = tuple(Button(words, "ask", {"text": words}) for words in suggestions[:3])
    return Card(tuple(body), alternatives=buttons, run=run)


def evidence(state: State, run: str) -> Card:
    """What deciders see of a query beside the gate itself; the query is folded."""
    query = (Code(state["reading"]["shown"], "sql"), Text(state["reading"]["explanation"], "muted"))
    return Card((Facts((("Question", state["question"]),)), Details("The query", query)), run=run)


def rejected(state: State, run: str) -> Card:
    """The asker is told who rejected it and why."""
    decision = state["decision"]
    body: list[Element] = [Text(f"{decision['by']} did not approve this query.", "warning")]
    if decision.get("reason"):
        body.append(Facts((("Reason", decision["reason"]),)))
    body.append(Text("It was not run. Ask for less: a shorter period, one region, or a total instead of every row."))
    return Card(tuple(body), run=run)


def source_down(down: SourceUnavailable, run: str, *, needed: bool = False) -> Card:
    """One of several sources failed: which, and the choice between another try and an answer without it.

    `needed` is set where an answer without it was asked for, and there is none.
    """
    body = [Text(down.what, "bad"), Text("Nothing was changed, and no part of the answer is shown.")]
    if needed:
        body.insert(1, Text(f"Without {down.source} this question has no answer."))
    if down.next_step:
        body.append(Text(down.next_step, "muted"))
    body.append(Text(f"Reference: {run}", "muted"))
    without = (Button(f"Answer without {down.source}", "nlq.choose", _choice(run, WITHOUT, down.source)),)
    again = Button("Try again", "run.retry", {"run": run}, "primary")
    return Card(tuple(body), (again,), () if needed else without, run=run)


def _alternatives(assumptions: Sequence[dict[str, Any]], run: str) -> tuple[Button, ...]:
    buttons = [
        Button(f"Use {option['label']}", "nlq.choose", _choice(run, assumption["id"], option["id"]))
        for assumption in assumptions
        for option in assumption["options"]
        if option["id"] != assumption["chosen"]
    ]
    return tuple(buttons[:MOST_ALTERNATIVES])


def _choice(run: str, assumption: str, option: str) -> JsonObject:
    return {"run": run, "choices": {assumption: option}}
