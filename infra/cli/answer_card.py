"""What a terminal shows of an outcome: a card, as in a chat, and JSON for programs."""

from dataclasses import asdict
from shlex import quote
from typing import Any

from conversation.card import Card, Chart, Code, Details, Element, Facts, Table, Text
from conversation.cells import Column
from graphs.nlq.phrases import phrases
from graphs.nlq.receipt import plan
from infra.cli.answering import Answer, Heavy, Outcome, Written, sql_of
from knowledge.federation import EVERYWHERE
from knowledge.table_view import scalars
from knowledge.translation.model import Ask, Assumption, Decline, Interpretation, Option


def card(outcome: Outcome, rows: int) -> Card:
    """The outcome for a person, at most so many rows of it."""
    match outcome:
        case Answer():
            return _answer(outcome, rows)
        case Written(reading=reading, rows=written, out=out):
            return Card((Text(reading.explanation, "title"), Text(f"{written:,} rows are in {out}."), _made(reading)))
        case Heavy(reading=reading, reason=reason):
            return Card((Text("This query waits for somebody's yes.", "warning"), Text(reason), _made(reading)))
        case Ask(question=question, labels=labels, assumption=assumption):
            options = zip(labels, assumption.options, strict=False)
            pairs = tuple((_flag(assumption, option), label) for label, option in options)
            return Card((Text(question, "heading"), Facts(pairs)))
        case Decline(reason=reason, suggestions=suggestions):
            offered = [Text(f"  {words}", "muted") for words in suggestions]
            return Card((Text(reason, "warning"), *([Text("You could ask:"), *offered] if offered else ())))


def data(outcome: Outcome, rows: int) -> dict[str, Any]:
    """The outcome for a program."""
    match outcome:
        case Answer(table=table, columns=columns, figure=figure, receipt=receipt):
            return {
                "state": "answered",
                **_reading(outcome.reading),
                "columns": [column._asdict() for column in columns],
                "rows": [list(row) for row in scalars(table, 0, rows)],
                "total": table.num_rows,
                "chart": figure.spec if figure is not None else None,
                "receipt": receipt.to_json(),
            }
        case Written(reading=reading, rows=written, out=out):
            return {"state": "written", "total": written, "file": str(out), **_reading(reading)}
        case Heavy(reading=reading, reason=reason):
            return {"state": "heavy", "reason": reason, **_reading(reading)}
        case Ask(question=question, labels=labels, assumption=assumption):
            options = zip(labels, assumption.options, strict=False)
            choices = [{"choose": f"{assumption.id}={option.id}", "label": label} for label, option in options]
            return {"state": "unclear", "question": question, "choices": choices}
        case Decline(reason=reason, suggestions=suggestions):
            return {"state": "declined", "reason": reason, "suggestions": list(suggestions)}


def _answer(answer: Answer, rows: int) -> Card:
    reading, table = answer.reading, answer.table
    columns = tuple(Column(*view) for view in answer.columns)
    shown = Table(columns, tuple(scalars(table, 0, rows)), table.num_rows)
    body: list[Element] = [Text(reading.explanation, "title")] if reading.explanation else []
    body += [Text(assumption.text, "muted") for assumption in reading.assumptions if assumption.text]
    body.append(shown if table.num_rows else Text("No rows match.", "warning"))
    if answer.figure is not None:
        body.append(Chart(answer.figure.spec, answer.figure.alt, answer.figure.title))
    read_so = phrases(reading.because, reading.unread)
    return Card((*body, Text(_in_short(answer), "muted"), *read_so, _made(reading, answer)))


def _in_short(answer: Answer) -> str:
    where = f"{answer.reading.source}: " if answer.reading.source != EVERYWHERE else ""
    asked = f"{where}{', '.join(answer.reading.tables)}"
    return f"{asked} · {answer.receipt.rows:,} rows in {answer.receipt.milliseconds:,.0f} ms · --receipt for more"


def _made(reading: Interpretation, answer: Answer | None = None) -> Details:
    sources = dict.fromkeys(table.split(".")[0] for table in reading.tables)
    facts = [
        ("Source", reading.source) if reading.source != EVERYWHERE else ("Sources", ", ".join(sources)),
        ("Tables", ", ".join(reading.tables)),
        ("Confidence", f"{reading.confidence:.0%}"),
        ("Made by", reading.made_by),
        *((("Terms applied", ", ".join(term.told for term in reading.terms)),) if reading.terms else ()),
    ]
    facts += [("Spent on the model", reading.spent)] if reading.spent else []
    if answer is not None:
        facts += [("Rows", f"{answer.receipt.rows:,}"), ("Time", f"{answer.receipt.milliseconds:,.0f} ms")]
        if answer.receipt.policies:
            facts.append(("Rules applied", ", ".join(answer.receipt.policies)))
        if answer.receipt.rows_estimated is not None:
            facts.append(("Rows read (estimate)", f"{answer.receipt.rows_estimated:,}"))
    choices = [
        (_flag(assumption, option), option.label)
        for assumption in reading.assumptions
        for option in assumption.options
        if option.id != assumption.chosen
    ]
    others: tuple[Element, ...] = (Text("Other readings", "heading"), Facts(tuple(choices))) if choices else ()
    steps = [asdict(step) for step in answer.receipt.steps] if answer is not None else []
    queries = plan(steps) if len(steps) > 1 else (Code(sql_of(reading), "sql"),)
    return Details("How this was made", (Facts(tuple(facts)), *queries, *others))


def _flag(assumption: Assumption, option: Option) -> str:
    """What to add to the command for another reading, as a shell takes it."""
    return f"--choose {quote(f'{assumption.id}={option.id}')}"


def _reading(reading: Interpretation) -> dict[str, Any]:
    return {
        "source": reading.source,
        "sql": sql_of(reading),
        "explanation": reading.explanation,
        "confidence": reading.confidence,
        "made_by": reading.made_by,
        "terms": [asdict(term) for term in reading.terms],
        "assumptions": [
            {"id": item.id, "text": item.text, "chosen": item.chosen, "options": [option.id for option in item.options]}
            for item in reading.assumptions
        ],
    }
