"""The steps of a question: read it, weigh it, wait at the gate if it is heavy, run it, show it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from time import perf_counter
from typing import Any

import sqlglot
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from conversation.codec import JsonObject, encode
from conversation.gates.canonical import EXACT
from conversation.principal import Principal
from conversation.run import Report
from graphs.asking import asker
from graphs.errors import told
from graphs.nlq import cards
from graphs.nlq.desk import Desk
from graphs.nlq.state import Reading, Rows, State, Weight
from knowledge.charts import choose
from knowledge.federation import EVERYWHERE, Request
from knowledge.table_view import column_kinds, defined, noted, scalars
from knowledge.translation.differing import differing
from knowledge.translation.model import Ask, Context, Decline, Exchange, Interpretation, Read
from knowledge.trial import LightTrial

PREVIEW_ROWS = 50
"""Rows that a card carries; the rest is in the stored result."""
HISTORY = 10
"""Earlier questions that a follow-up may refer to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What belongs to this call of the graph and is never stored."""

    run: str
    asked_by: Principal
    report: Report


class Nodes:
    """The nodes of the graph, over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def read(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """Translate the question; a question back or a refusal ends the run with its card."""
        began = perf_counter()
        catalog = await self._desk.engine.catalog(asker(runtime.context.asked_by))
        context = await context_of(state, self._desk, runtime.context.asked_by)
        translation = self._desk.translator.translate(state["question"], catalog, context)
        if isinstance(translation, Ask):
            trial = LightTrial(self._desk.engine, asker(runtime.context.asked_by))
            translation = await differing(translation, trial)
        took = (perf_counter() - began) * 1000
        match translation:
            case Read(interpretations=(best, *_)):
                return {"reading": reading_of(best, took)}
            case Ask():
                return {"card": encode(cards.question_back(translation, runtime.context.run))}
            case Decline(reason=reason, suggestions=suggestions):
                return declined(state, runtime.context, reason, suggestions)
            case _:
                return declined(state, runtime.context, "I could not read this question.", ())

    async def weigh(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """Estimate what the query takes, and say why it should wait if it should."""
        with told():
            expected = await self._desk.engine.estimate(self._request(state, runtime))
        approval = self._desk.approval
        reasons = []
        if (expected.rows_returned or 0) > approval.rows_returned:
            reasons.append(
                f"It returns about {expected.rows_returned:,} rows; up to {approval.rows_returned:,} need no approval."
            )
        if (expected.rows_read or 0) > approval.rows_read:
            reasons.append(
                f"It reads about {expected.rows_read:,} rows; up to {approval.rows_read:,} need no approval."
            )
        weight: Weight = {
            "rows_read": expected.rows_read,
            "rows_returned": expected.rows_returned,
            "reasons": reasons,
        }
        return {"weight": weight}

    async def gate(self, state: State) -> dict[str, Any]:
        """Wait for a decision; nothing else happens here, because this node runs again on resume."""
        return {"decision": interrupt(action(state))}

    async def refuse(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """The approval was not given."""
        return {"card": encode(cards.rejected(state, runtime.context.run))}

    async def run(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """Run the query and keep its rows."""
        reading = state["reading"]
        everywhere = ", ".join(dict.fromkeys(table.split(".")[0] for table in reading["tables"]))
        runtime.context.report(f"Asking {everywhere if reading['source'] == EVERYWHERE else reading['source']}")
        began = perf_counter()
        request = self._request(state, runtime)
        with told():
            answer = await self._desk.engine.run(request)
        table, query = answer.table, request.query
        took = (perf_counter() - began) * 1000
        catalog = await self._desk.engine.catalog(request.asker)
        kinds = defined(column_kinds(table, query, tuple(catalog.of(reading["source"]))), reading.get("terms", ()))
        chart = choose(table, kinds, title=reading["explanation"])
        rows: Rows = {
            "result": await self._desk.results.put(state["tenant"], noted(table, kinds)),
            "columns": [list(kind) for kind in kinds],
            "rows": [list(row) for row in scalars(table, 0, PREVIEW_ROWS)],
            "total": table.num_rows,
            "milliseconds": took,
            "chart": dict(chart.spec) if chart else None,
            "chart_alt": chart.alt if chart else "",
            "steps": [asdict(step) for step in answer.steps],
            "policies": list(answer.policies),
            "cached": answer.cached,
            "missing": list(answer.missing),
        }
        return {"rows": rows}

    def _request(self, state: State, runtime: Runtime[Turn]) -> Request:
        """What was read, for whoever asked; all checks are made anew for it."""
        reading = state["reading"]
        query = sqlglot.parse_one(reading["sql"], dialect=reading["dialect"])
        partial = cards.WITHOUT in state["choices"]
        return Request(query, reading["source"], asker(runtime.context.asked_by), self._desk.limits, partial=partial)

    async def show(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """Build the answer's card and what the next question may refer to."""
        return {
            "card": encode(cards.answer(state, runtime.context.run)),
            "memory": remembered(state, runtime.context),
        }


async def context_of(state: State, desk: Desk, asked_by: Principal) -> Context:
    """What the question is asked in. Rows that were read with other rights are not told to this person's question."""
    own = asked_by.entitlement()
    history = tuple(
        Exchange(
            question=exchange["question"],
            sql=exchange["sql"],
            source=exchange["source"],
            memory=exchange["memory"],
            columns=tuple(exchange["columns"]),
            rows=tuple(tuple(row) for row in exchange["rows"] if exchange.get("only_for", own) == own),
        )
        for exchange in state["history"]
    )
    glossary = await desk.meanings(asked_by.tenant)
    return Context(date.fromisoformat(state["today"]), history, state["choices"], desk.language, glossary=glossary)


def action(state: State) -> JsonObject:
    """The exact action that a gate approves."""
    reading = state["reading"]
    return {
        "do": "run a query",
        "source": reading["source"],
        "sql": reading["sql"],
        "rows_read": _exact(state["weight"]["rows_read"]),
        "rows_returned": _exact(state["weight"]["rows_returned"]),
    }


def _exact(rows: int | None) -> int | None:
    """An estimate as JSON keeps it exactly; past that it says nothing anyway."""
    return None if rows is None else min(rows, EXACT)


def declined(state: State, turn: Turn, reason: str, suggestions: Sequence[str]) -> dict[str, Any]:
    """The refusal's card; the memory says that this question got no answer, and why."""
    unread = {"run": turn.run, "question": state["question"], "reason": reason}
    card = encode(cards.declined(reason, suggestions, turn.run))
    return {"card": card, "memory": {"history": state["history"], "declined": unread}, "declined": reason}


def remembered(state: State, turn: Turn) -> dict[str, Any]:
    """The conversation's memory with this question at its end."""
    reading, rows = state["reading"], state["rows"]
    exchange = {
        "run": turn.run,
        "question": state["question"],
        "sql": reading["sql"],
        "source": reading["source"],
        "memory": reading["memory"],
        "choices": state["choices"],
        "confidence": reading["confidence"],
        "verified": bool(reading.get("verified")),
        "terms": [term["id"] for term in reading.get("terms", ())],
        "columns": [name for name, *_ in rows["columns"]],
        "rows": rows["rows"][:20],
    }
    if rows["policies"]:
        exchange["only_for"] = turn.asked_by.entitlement()
    return {"history": [*state["history"], exchange][-HISTORY:]}


def reading_of(best: Interpretation, took: float) -> Reading:
    """An interpretation in JSON; `took` milliseconds."""
    return {
        "sql": best.query.sql(dialect=best.dialect),
        "shown": best.query.sql(dialect=best.dialect, pretty=True),
        "source": best.source,
        "dialect": best.dialect,
        "confidence": best.confidence,
        "explanation": best.explanation,
        "assumptions": [asdict(assumption) for assumption in best.assumptions],
        "tables": list(best.tables),
        "memory": best.memory,
        "translated_ms": took,
        "made_by": best.made_by,
        "spent": best.spent,
        "because": [asdict(phrase) for phrase in best.because],
        "unread": list(best.unread),
        "terms": [asdict(term) for term in best.terms],
    }
