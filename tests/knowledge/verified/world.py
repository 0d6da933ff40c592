"""The small warehouse with verified queries over it, as one person asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read, Translation
from knowledge.verified import Found, VerifiedQuery, approved, book, checked, find
from tests.knowledge.translation.warehouse import TODAY

ANN = Asker("acme", "ann", ("member",))
RULES = RuleTranslator()


def by_rules(catalog: Catalog, day: date = TODAY) -> Callable[[str], Translation]:
    """How the rules read a text that stands alone."""
    return lambda text: RULES.translate(text, catalog, Context(day))


def sql_of(question: str, catalog: Catalog, day: date = TODAY) -> str:
    """The rules' own SQL for a question, as good as any for approving."""
    read = RULES.translate(question, catalog, Context(day))
    assert isinstance(read, Read), question
    return read.interpretations[0].query.sql("sqlite")


def pair(question: str, catalog: Catalog, sql: str = "", **more: object) -> VerifiedQuery:
    """A question approved by Eva with some SQL, else with that of the rules."""
    query = checked(sql or sql_of(question, catalog), "shop", catalog)
    given = {"tenant": "acme", "by": "Eva", "at": "2026-11-21T10:00:00+00:00", "day": TODAY} | more
    return approved(question, query, catalog, **given)  # type: ignore[arg-type]


@dataclass(frozen=True)
class World:
    """Verified queries over a catalog."""

    catalog: Catalog = field(repr=False)
    pairs: Sequence[VerifiedQuery] = field(repr=False)

    def ask(self, question: str, asker: Asker = ANN, day: date = TODAY, catalog: Catalog | None = None) -> Found | None:
        """What is found for a question."""
        seen = catalog or self.catalog
        context = Context(day)
        return find(question, seen, context, book(self.pairs, "en"), asker, by_rules(seen, day))

    def sql(self, question: str, asker: Asker = ANN, day: date = TODAY, catalog: Catalog | None = None) -> str:
        """The SQL of what is found, empty for nothing."""
        found = self.ask(question, asker, day, catalog)
        return found.interpretation.query.sql("sqlite") if found else ""
