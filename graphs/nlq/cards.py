"""The cards of a question: the answer, a question back, a refusal, an approval."""

from collections.abc import Sequence
from typing import Any

from conversation.card import Button, Card, Chart, Code, Details, Element, Facts, Input, Table, Text
from conversation.cells import Column
from conversation.codec import JsonObject
from conversation.gate import Gate
from graphs.nlq.headline import headline
from graphs.nlq.state import State
from knowledge.translation.model import Ask

SHOWN_ROWS = 10
MOST_ALTERNATIVES = 6


def answer(state: State, run: str) -> Card:
    """The answer first, then what was assumed, the chart, the rows; how it was made is folded."""
    reading, rows = state["reading"], state["rows"]
    columns = tuple(Column(name.replace("_", " "), kind, unit) for name, kind, unit in rows["columns"])  # type: ignore[arg-type]
    body: list[Element] = [Text(headline(columns, rows["rows"], rows["total"]), "title")]
    if reading["explanation"]:
        body.append(Text(reading["explanation"], "muted"))
    body += [Text(assumption["text"], "muted") for assumption in reading["assumptions"] if assumption["text"]]
    if rows["chart"]:
        body.append(Chart(rows["chart"], rows["chart_alt"]))
    if rows["total"] > 1 or len(columns) > 1:
        shown = tuple(tuple(row) for row in rows["rows"][:SHOWN_ROWS])
        body.append(Table(columns, shown, rows["total"], rows["result"]))
    body.append(Details("How this was made", _receipt(state)))
    thumbs = (
        Button("👍", "run.feedback", {"run": run, "value": "up"}),
        Button("👎", "run.feedback", {"run": run, "value": "down"}),
    )
    csv = (Button("CSV", "run.csv", {"run": run}),) if rows["total"] > 1 else ()
    return Card(tuple(body), (*csv, *thumbs), _alternatives(reading["assumptions"], run), run=run)


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


def approval(gate: Gate, state: State) -> Card:
    """What waits, why, and who asked; the query itself is folded."""
    decide: JsonObject = {"gate": gate.id}
    return Card(
        (
            Text(gate.title, "heading"),
            Text(gate.reason),
            Facts((("Question", state["question"]), ("Asked by", gate.asked_by.name), ("May decide", _roles(gate)))),
            Details(
                "The query", (Code(state["reading"]["shown"], "sql"), Text(state["reading"]["explanation"], "muted"))
            ),
            Input("reason", "Reason", placeholder="Optional, kept with the decision"),
        ),
        (
            Button("Approve", "gate.decide", {**decide, "verdict": "approve"}, "primary"),
            Button("Reject", "gate.decide", {**decide, "verdict": "reject"}, "danger"),
        ),
        run=gate.run,
    )


def rejected(state: State, run: str) -> Card:
    """The asker is told who rejected it and why."""
    decision = state["decision"]
    body: list[Element] = [Text(f"{decision['by']} did not approve this query.", "warning")]
    if decision.get("reason"):
        body.append(Facts((("Reason", decision["reason"]),)))
    body.append(Text("It was not run. Ask for less: a shorter period, one region, or a total instead of every row."))
    return Card(tuple(body), run=run)


def _receipt(state: State) -> tuple[Element, ...]:
    reading, rows, weight = state["reading"], state["rows"], state["weight"]
    facts = [
        ("Source", reading["source"]),
        ("Tables", ", ".join(reading["tables"])),
        ("Rows", f"{rows['total']:,}"),
        ("Time", f"{reading['translated_ms'] + rows['milliseconds']:,.0f} ms"),
        ("Confidence", f"{reading['confidence']:.0%}"),
        ("Made by", reading["made_by"]),
    ]
    if weight["rows_read"] is not None:
        facts.insert(3, ("Rows read (estimate)", f"{weight['rows_read']:,}"))
    decision = state.get("decision")
    if decision:
        facts.append(("Approved by", decision["by"]))
    return (Facts(tuple(facts)), Code(reading["shown"], "sql"))


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


def _roles(gate: Gate) -> str:
    return " or ".join(gate.roles)
