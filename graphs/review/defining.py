"""“define active customer as customers with an order in the last 90 days”: the words read, and what they give."""

from dataclasses import dataclass, field, replace

from conversation.errors import PersonError
from conversation.principal import Principal
from graphs.nlq.desk import Desk
from graphs.review.evidence import Evidence, evidence
from graphs.review.proposal import LIMITS
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError
from knowledge.glossary import Glossary, Term
from knowledge.glossary.form import slug
from knowledge.translation.meaning.defining import Meant, meant_by
from knowledge.translation.model import Context, Interpretation, Read

LONGEST = 80
"""Characters of a name that is said in chat."""


@dataclass(frozen=True, slots=True)
class Defined:
    """A term as it would be, with its first result; `dates` in it stay as they are."""

    term: Term
    evidence: Evidence = field(default_factory=Evidence)
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defining:
    """Reads definitions with the translator and the glossary as it stands."""

    desk: Desk

    async def term(
        self, name: str, words: str, standing: Term | None, who: Principal, glossary: Glossary, catalog: Catalog
    ) -> Defined:
        """The term of a name that means these words. Raises PersonError for a name that is none."""
        name = " ".join(name.split())
        if not name or len(name) > LONGEST:
            raise PersonError(f"A name has 1 to {LONGEST} characters.", unchanged="Nothing was defined.")
        base = standing or Term(slug(name, {term.id for term in glossary.terms}), f"{name[:1].upper()}{name[1:]}")
        words = " ".join(words.split())
        reading, meant = self._read(words, base, glossary, catalog)
        term = replace(base, definition=f"{words[:1].upper()}{words[1:]}", kind=_kind(base, meant))
        term = term if term.owners else replace(term, owners=(who.id,))
        if meant is None or reading is None:
            return Defined(replace(term, metric=None, places=()))
        term = replace(term, metric=meant.metric, places=(meant.place,) if meant.place else ())
        return Defined(term, await self._first(reading, who), meant.dates)

    def _read(
        self, words: str, base: Term, glossary: Glossary, catalog: Catalog
    ) -> tuple[Interpretation | None, Meant | None]:
        """How the rules read the words, and what of it a term may stand for. A term is not read by itself."""
        others = Glossary(tuple(term for term in glossary.terms if term.id != base.id), glossary.version)
        today = self.desk.today()
        read = self.desk.translator.translate(
            words, catalog, Context(today, language=self.desk.language, glossary=others)
        )
        if not isinstance(read, Read):
            return None, None
        best = read.interpretations[0]
        return best, meant_by(best, words, catalog, today)

    async def _first(self, reading: Interpretation, who: Principal) -> Evidence:
        """The rows of the definition, with this person's rights; none where they can't be had."""
        try:
            return await evidence(self.desk, reading.query, reading.source, who, LIMITS)
        except KnowledgeError:
            return Evidence()


def _kind(base: Term, meant: Meant | None):  # type: ignore[no-untyped-def]
    if meant is None or base.version:
        return base.kind
    if meant.metric:
        return "metric"
    return "dimension" if meant.place and meant.place.column else "term"
