"""The step before the rules: a question that somebody verified is answered by its verified query."""

import asyncio
from time import perf_counter
from typing import Any

from langgraph.runtime import Runtime

from graphs.asking import asker
from graphs.nlq import cards
from graphs.nlq.desk import Desk
from graphs.nlq.nodes import Turn, context_of, reading_of
from graphs.nlq.state import State
from knowledge.translation.model import Context, Translation
from knowledge.verified import VerifiedQueries, book, find
from knowledge.verified.beside import beside, chosen_otherwise, note

MANY = 500
"""Verified queries from which on they are indexed beside the loop."""


class Recall:
    """The node `recall`, over one desk and the verified queries."""

    def __init__(self, desk: Desk, verified: VerifiedQueries) -> None:
        self._desk = desk
        self._verified = verified

    async def recall(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """The reading of a verified query; nothing where there is none, or where a person chose another reading."""
        if chosen_otherwise({name: option for name, option in state["choices"].items() if name != cards.WITHOUT}):
            return {}
        began = perf_counter()
        who = asker(runtime.context.asked_by)
        queries = await self._verified.of(who.tenant)
        if not queries:
            return {}
        language = self._desk.language
        catalog = await self._desk.engine.catalog(who)
        context = await context_of(state, self._desk, runtime.context.asked_by)
        glossary = context.glossary
        many = len(queries) > MANY
        known = (
            await asyncio.to_thread(book, queries, language, glossary) if many else book(queries, language, glossary)
        )
        alone = Context(context.today, language=language, values=context.values, glossary=context.glossary)

        def translate(text: str) -> Translation:
            return self._desk.translator.translate(text, catalog, alone)

        found = find(state["question"], catalog, alone, known, who, translate)
        if found is None:
            return {}
        rules = self._desk.translator.translate(state["question"], catalog, context)
        reading = reading_of(beside(found, rules), (perf_counter() - began) * 1000)
        return {"reading": {**reading, "verified": note(found)}}
