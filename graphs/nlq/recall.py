"""The step before the rules: a question that somebody verified is answered by its verified query."""

import asyncio
from dataclasses import replace
from time import perf_counter
from typing import Any

from langgraph.runtime import Runtime

from graphs.asking import asker
from graphs.nlq import cards
from graphs.nlq.desk import Desk
from graphs.nlq.nodes import Turn, context_of, reading_of
from graphs.nlq.state import State
from knowledge.translation.assisted.compare import fingerprint
from knowledge.translation.model import Assumption, Context, Interpretation, Option, Read, Translation
from knowledge.verified import Found, VerifiedQueries, book, find

CHOICE = "verified"
"""The choice between a verified query and what the rules read."""
RULES = "rules"
MANY = 500
"""Verified queries from which on they are indexed beside the loop."""


class Recall:
    """The node `recall`, over one desk and the verified queries."""

    def __init__(self, desk: Desk, verified: VerifiedQueries) -> None:
        self._desk = desk
        self._verified = verified

    async def recall(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """The reading of a verified query; nothing where there is none, or where a person chose another reading."""
        if set(state["choices"]) - {cards.WITHOUT}:
            return {}
        began = perf_counter()
        who = asker(runtime.context.asked_by)
        queries = await self._verified.of(who.tenant)
        if not queries:
            return {}
        language = self._desk.language
        known = await asyncio.to_thread(book, queries, language) if len(queries) > MANY else book(queries, language)
        catalog = await self._desk.engine.catalog(who)
        context = context_of(state, language, runtime.context.asked_by)
        alone = Context(context.today, language=language, values=context.values)

        def translate(text: str) -> Translation:
            return self._desk.translator.translate(text, catalog, alone)

        found = find(state["question"], catalog, alone, known, who, translate)
        if found is None:
            return {}
        rules = self._desk.translator.translate(state["question"], catalog, context)
        reading = reading_of(_beside(found, rules), (perf_counter() - began) * 1000)
        return {"reading": {**reading, "verified": _note(found)}}


def _note(found: Found) -> str:
    words = found.query.made_by
    note = f"{words[:1].upper()}{words[1:]}"
    return f"{note}, here with other values." if found.other else f"{note}."


def _beside(found: Found, rules: Translation) -> Interpretation:
    """The verified reading, with that of the rules as another one; where both are one, as the rules explain it."""
    own = found.interpretation
    if not isinstance(rules, Read):
        return own
    other = rules.interpretations[0]
    if other.source == own.source and fingerprint(other.query) == fingerprint(own.query):
        return replace(own, explanation=other.explanation or own.explanation, memory=other.memory)
    options = (Option(CHOICE, "the verified query"), Option(RULES, "the rules' own reading"))
    return replace(own, assumptions=(Assumption(CHOICE, "", "", options, CHOICE),))
