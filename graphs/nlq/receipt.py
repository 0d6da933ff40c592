"""How an answer was made, as the folded part of its card: what ran where, by which rules, and the queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from conversation.card import Code, Element, Facts, Table, Text
from conversation.cells import Column
from graphs.nlq.state import State
from knowledge.translation.model import Applied

_COLUMNS = (
    Column("Step"),
    Column("Where"),
    Column("Rows", "integer"),
    Column("Expected", "integer"),
    Column("Time", "number", "ms"),
    Column("Note"),
)
_MOST_QUERIES = 6


def receipt(state: State) -> tuple[Element, ...]:
    """Facts, then a table of the steps where there were several, then each query that a source was sent."""
    steps: list[dict[str, Any]] = state["rows"].get("steps") or []
    facts = Facts(_facts(state, steps))
    return (facts, *(plan(steps) if len(steps) > 1 else (Code(state["reading"]["shown"], "sql"),)))


def plan(steps: Sequence[Mapping[str, Any]]) -> tuple[Element, ...]:
    """The steps (fields of `knowledge.receipt.Step`) as EXPLAIN would say them, then each query."""
    parts: list[Element] = [_table(steps)]
    for at, step in enumerate(steps[:_MOST_QUERIES]):
        parts += [Text(f"{at + 1}. {_where(step)}", "heading"), Code(step["sql"], "sql")]
    if len(steps) > _MOST_QUERIES:
        parts.append(Text(f"{len(steps) - _MOST_QUERIES} more steps are not shown.", "muted"))
    return tuple(parts)


def _facts(state: State, steps: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    reading, rows, weight = state["reading"], state["rows"], state["weight"]
    sources = tuple(dict.fromkeys(step["source"] for step in steps if not step["place"])) or (reading["source"],)
    took = f"{reading['translated_ms'] + rows['milliseconds']:,.0f} ms"
    facts = [
        ("Source" if len(sources) == 1 else "Sources", ", ".join(sources)),
        ("Tables", ", ".join(reading["tables"])),
        ("Rows", f"{rows['total']:,}"),
    ]
    if weight["rows_read"] is not None:
        facts.append(("Rows read (estimate)", f"{weight['rows_read']:,}"))
    facts.append(("Time", f"{took}, from the cache" if rows.get("cached") else took))
    facts += [("Confidence", f"{reading['confidence']:.0%}"), ("Made by", reading["made_by"])]
    if reading.get("terms"):
        facts.append(("Terms applied", ", ".join(Applied(**term).told for term in reading["terms"])))
    if reading.get("spent"):
        facts.append(("Spent on the model", reading["spent"]))
    if rows.get("policies"):
        facts.append(("Rules applied", ", ".join(rows["policies"])))
    decision = state.get("decision")
    if decision:
        facts.append(("Approved by", decision["by"]))
    return tuple(facts)


def _table(steps: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            f"{at + 1}. {', '.join(step['tables']) or 'result'}",
            _where(step),
            step["rows"],
            step["rows_estimated"],
            round(step["milliseconds"], 1),
            step["note"],
        )
        for at, step in enumerate(steps)
    )
    return Table(_COLUMNS, rows, total=len(rows), title="What ran where")


def _where(step: Mapping[str, Any]) -> str:
    return step["place"] or str(step["source"])
