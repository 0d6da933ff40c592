"""What a change of the glossary does to past questions: each is read again without and with it.

Everything is read and run with the rights of one person, so nobody is shown more than they may see.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol

import sqlglot

from conversation.principal import Principal
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review.evidence import Evidence, evidence
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError
from knowledge.glossary import Glossary, Term
from knowledge.sources.port import Limits
from knowledge.translation.model import Context, Exchange, Read
from knowledge.verified import book, find

QUESTIONS = 1_000
"""Distinct past questions that are read again."""
SECONDS = 10.0
"""Time for all of it; what was not looked at by then is said."""
RUN = 12
"""Changed answers that are run, before and after."""
LIGHT = Limits(rows=1_000, seconds=3.0, bytes=4 * 1024 * 1024)
_CHUNK = 20


@dataclass(frozen=True, slots=True)
class Past:
    """A question that was asked: by so many people, after these exchanges, with these choices pressed."""

    question: str
    people: int = 1
    history: tuple[Mapping[str, Any], ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)


class PastQuestions(Protocol):
    """The questions of a tenant."""

    async def of(self, tenant: str, limit: int = QUESTIONS) -> Sequence[Past]:
        """The latest distinct ones, each with how many people asked it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a question is read: its query, in words, and its first rows where it was run."""

    sql: str
    source: str
    dialect: str
    words: str
    rows: Evidence | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question whose query is another one. None stands for one that is not answered."""

    question: str
    people: int
    before: Answer | None
    after: Answer | None

    @property
    def same_rows(self) -> bool:
        """Whether both queries were run and gave the same."""
        rows = [one.rows for one in (self.before, self.after) if one is not None and one.rows is not None]
        return len(rows) == 2 and rows[0] == rows[1]


@dataclass(frozen=True, slots=True)
class Effect:
    """The answers that change, those of most people first, of so many `looked` at out of `total`."""

    changes: tuple[Difference, ...]
    looked: int
    total: int

    @property
    def people(self) -> int:
        """How many people's answers change, counted once for each question."""
        return sum(one.people for one in self.changes)


@dataclass(frozen=True, slots=True)
class Effects:
    """Reads past questions again, over one desk."""

    desk: Desk
    past: PastQuestions
    seconds: float = SECONDS
    questions: int = QUESTIONS

    async def of(self, before: Term | None, after: Term, who: Principal) -> Effect:
        """What changes when `after` takes the place of `before`, read and run with the rights of `who`."""
        until = monotonic() + self.seconds
        catalog = await self.desk.engine.catalog(asker(who))
        glossary = await self.desk.glossary.of(who.tenant) if self.desk.glossary else Glossary()
        pasts = _likely(await self.past.of(who.tenant, self.questions), before, after)
        reader = _Reader(self.desk, catalog, without(glossary, after, before), without(glossary, after, after))
        found: list[Difference] = []
        looked = 0
        while looked < len(pasts) and monotonic() < until:
            chunk = pasts[looked : looked + _CHUNK]
            found += await asyncio.to_thread(lambda some: [*reader.differences(some)], chunk)
            looked += len(chunk)
        found = await self._unverified(found, catalog, who)
        found.sort(key=lambda one: (-one.people, one.question))
        shown = [await self._run(one, who) if monotonic() < until else one for one in found[:RUN]]
        return Effect((*shown, *found[RUN:]), looked, len(pasts))

    async def _unverified(self, found: Sequence[Difference], catalog: Catalog, who: Principal) -> list[Difference]:
        """Without questions that a verified query answers, whatever the words mean."""
        queries = await self.desk.verified.of(who.tenant) if self.desk.verified else ()
        if not queries:
            return list(found)
        known, context = book(queries, self.desk.language), Context(self.desk.today(), language=self.desk.language)

        def answers(question: str) -> bool:
            translate = self.desk.translator.translate
            return find(question, catalog, context, known, asker(who), lambda t: translate(t, catalog, context)) is None

        return [one for one in found if answers(one.question)]

    async def _run(self, one: Difference, who: Principal) -> Difference:
        return replace(one, before=await self._answered(one.before, who), after=await self._answered(one.after, who))

    async def _answered(self, answer: Answer | None, who: Principal) -> Answer | None:
        if answer is None:
            return None
        try:
            tree = sqlglot.parse_one(answer.sql, dialect=answer.dialect)
            return replace(answer, rows=await evidence(self.desk, tree, answer.source, who, LIGHT))
        except KnowledgeError as error:
            return replace(answer, problem=error.what)


def without(glossary: Glossary, changed: Term, standing: Term | None) -> Glossary:
    """The glossary with `standing` in the place of the changed term; without that where it is None."""
    rest = tuple(term for term in glossary.terms if term.id != changed.id)
    if standing is None:
        return Glossary(rest, f"{glossary.version}-without-{changed.id}")
    approved = replace(standing, status="approved")
    return Glossary((*rest, approved), f"{glossary.version}-with-{changed.id}-{hash(approved)}")


@dataclass(frozen=True, slots=True)
class _Reader:
    desk: Desk
    catalog: Catalog
    before: Glossary
    after: Glossary

    def differences(self, pasts: Sequence[Past]) -> Iterator[Difference]:
        """Those whose query is another one under the glossary as it would be."""
        # One glossary after the other: the translator keeps what it made of the one that it used last.
        olds = [self._read(past, self.before) for past in pasts]
        news = [self._read(past, self.after) for past in pasts]
        for past, old, new in zip(pasts, olds, news, strict=True):
            if (old and (old.sql, old.source)) != (new and (new.sql, new.source)):
                yield Difference(past.question, past.people, old, new)

    def _read(self, past: Past, glossary: Glossary) -> Answer | None:
        history = tuple(
            Exchange(str(one["question"]), str(one["sql"]), str(one["source"]), one.get("memory") or {})
            for one in past.history
        )
        context = Context(self.desk.today(), history, past.choices, self.desk.language, glossary=glossary)
        match self.desk.translator.translate(past.question, self.catalog, context):
            case Read(interpretations=(best, *_)):
                sql = best.query.sql(dialect=best.dialect)
                return Answer(sql, best.source, best.dialect, best.explanation)
            case _:
                return None


def _likely(pasts: Sequence[Past], before: Term | None, after: Term) -> list[Past]:
    """Those that say one of the words first: they are looked at whatever the time."""
    words = {word.lower() for term in (before, after) if term for word in term.words}

    def says(past: Past) -> bool:
        said = " ".join([past.question, *(str(one.get("question", "")) for one in past.history)]).lower()
        return any(word in said for word in words)

    return sorted(pasts, key=lambda past: (not says(past), -past.people))
