"""What would be approved: SQL from an item or from the expert's keyboard, checked, and run with the expert's rights."""

import hashlib
from dataclasses import dataclass, field

from conversation.principal import Principal
from conversation.review import ReviewItem
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review.evidence import Evidence, evidence
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError
from knowledge.federation import EVERYWHERE
from knowledge.guard import render
from knowledge.sources.port import Limits
from knowledge.translation.assisted.describe import describe
from knowledge.translation.model import Context, Read
from knowledge.verified import Checked, VerifiedQuery, approved, checked, fixed_dates

LIMITS = Limits(rows=10_000, seconds=15.0, bytes=16 * 1024 * 1024)
_SQL = ("select", "with", "(")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question and the query to approve for it. `pair` is None where `problem` says why it can't be approved."""

    question: str
    sql: str
    source: str
    origin: str
    pair: VerifiedQuery | None = None
    evidence: Evidence = field(default_factory=Evidence)
    explanation: str = ""
    problem: str = ""

    @property
    def digest(self) -> str:
        """Equal for the same question and the same query: an approval of one can't approve another."""
        return hashlib.sha256(f"{self.question}\n{self.source}\n{self.sql}".encode()).hexdigest()[:32]

    @property
    def dates(self) -> tuple[str, ...]:
        """Dates that the query holds whatever is asked."""
        return fixed_dates(self.pair) if self.pair else ()


@dataclass(frozen=True, slots=True)
class Proposing:
    """Makes proposals, with the rights of whoever looks at them."""

    desk: Desk

    async def of(self, item: ReviewItem, who: Principal, at: str, question: str = "", sql: str = "") -> Proposal:
        """The query typed, else the correction, else what was shown; a correction in words as the rules read it."""
        question = " ".join((question or item.question).split())
        catalog = await self.desk.engine.catalog(asker(who))
        if sql.strip():
            return await self._made(question, sql, item, who, at, catalog, "typed here")
        correction = item.correction.strip()
        if correction.lower().startswith(_SQL):
            return await self._made(question, correction, item, who, at, catalog, "the correction")
        if correction:
            read = self._read(correction, catalog)
            if read:
                origin = f"the correction “{correction[:200]}”, as the rules read it"
                return await self._made(question, read[0], item, who, at, catalog, origin, read[1])
        if not item.sql:
            problem = "It was not answered. Type a query for it, or define the word that was not known."
            return Proposal(question, "", item.source, "", problem=problem)
        return await self._made(question, item.sql, item, who, at, catalog, "what was shown")

    def _read(self, words: str, catalog: Catalog) -> tuple[str, str] | None:
        """SQL and source of a question in other words; None where the rules don't read it."""
        read = self.desk.translator.translate(words, catalog, Context(self.desk.today(), language=self.desk.language))
        match read:
            case Read(interpretations=(best, *_)):
                return best.query.sql(dialect=best.dialect), best.source
            case _:
                return None

    async def _made(
        self,
        question: str,
        sql: str,
        item: ReviewItem,
        who: Principal,
        at: str,
        catalog: Catalog,
        origin: str,
        source: str = "",
    ) -> Proposal:
        try:
            query = _checked(sql, source or item.source, catalog)
            found = await evidence(self.desk, query.tree, query.source, who, LIMITS)
            pair = approved(
                question,
                query,
                catalog,
                tenant=who.tenant,
                by=who.name,
                at=at,
                day=self.desk.today(),
                language=self.desk.language,
                glossary=await self.desk.meanings(who.tenant),
            )
        except KnowledgeError as error:
            return Proposal(
                question, sql, source or item.source, origin, problem=f"{error.what} {error.next_step}".strip()
            )
        explained = describe(query.tree, query.dialect)
        return Proposal(question, query.shown, query.source, origin, pair, found, explained)


def _checked(sql: str, source: str, catalog: Catalog) -> Checked:
    """SQL in the source it is meant for, else in the first other one that holds what it reads."""
    try:
        return checked(sql, source, catalog)
    except KnowledgeError:
        for other in (*catalog.dialects, EVERYWHERE):
            try:
                return checked(sql, other, catalog)
            except KnowledgeError:
                continue
        raise


def shown(sql: str, source: str, catalog: Catalog) -> str:
    """SQL for people; as it is where it can't be read any more."""
    try:
        query = checked(sql, source, catalog)
    except KnowledgeError:
        return sql
    return render(query.tree, query.dialect, pretty=True)


def explained(sql: str, source: str, catalog: Catalog) -> str:
    """SQL in words; nothing where it can't be read any more."""
    try:
        query = checked(sql, source, catalog) if sql else None
    except KnowledgeError:
        return ""
    return describe(query.tree, query.dialect) if query else ""
