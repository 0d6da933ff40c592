"""From a question and SQL to a verified query; SQL is hostile until it passed here."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.glossary import EMPTY, Glossary
from knowledge.guard import guard, read_sql, render
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.meaning import canonical
from knowledge.verified.model import VerifiedQuery
from knowledge.verified.parameters import literals, parameters
from knowledge.verified.reads import readings
from knowledge.verified.segment import fingerprint, segment
from knowledge.verified.terms import terms_of

LONGEST_QUESTION = 2_000
MOST_ROWS = 1_000_000
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([ T].*)?")


@dataclass(frozen=True, slots=True)
class Checked:
    """SQL that the guard let through, as a tree in `dialect`."""

    tree: exp.Query
    source: str
    dialect: str

    @property
    def sql(self) -> str:
        """The query on one line, without comments."""
        return render(self.tree, self.dialect)

    @property
    def shown(self) -> str:
        """The query for people."""
        return render(self.tree, self.dialect, pretty=True)


def checked(sql: str, source: str, catalog: Catalog) -> Checked:
    """SQL over what a person may see. Raises what the guard raises, and Refused for SQL that reads no table."""
    if source != EVERYWHERE and source not in catalog.dialects:
        raise Refused(f"There is no source {source[:80]!r}.", next_step=f"There are: {', '.join(catalog.dialects)}.")
    dialect = "duckdb" if source == EVERYWHERE else catalog.dialects[source]
    tree = read_sql(sql.strip().removesuffix(";"), dialect)
    guard(tree, catalog=catalog, source=source, rows=MOST_ROWS)
    if not list(tree.find_all(exp.Table)):
        raise Refused("The query reads no table.", next_step="Write a query that reads the data.")
    return Checked(tree, source, dialect)


def approved(
    question: str,
    query: Checked,
    catalog: Catalog,
    *,
    tenant: str,
    by: str,
    at: str,
    day: date,
    language: str = "en",
    name: str = "",
    scope: Sequence[str] = (),
    glossary: Glossary = EMPTY,
) -> VerifiedQuery:
    """The pair, with the parameters that both have. Raises Refused for a question that says nothing.

    One tenant has one pair for a question: approving another query for it takes the place of the first.
    """
    said = segment(question, language, day)
    if not said.items or len(question) > LONGEST_QUESTION:
        raise Refused("The question says nothing, or too much.", next_step=f"Use 1 to {LONGEST_QUESTION:,} characters.")
    scoped = ",".join(sorted(scope))
    key = f"{tenant}|{fingerprint(canonical(question, glossary), language)}|{scoped}"
    return VerifiedQuery(
        id=hashlib.sha256(key.encode()).hexdigest()[:12],
        tenant=tenant,
        name=" ".join(name.split())[:120] or " ".join(question.split())[:120],
        question=" ".join(question.split()),
        sql=query.sql,
        source=query.source,
        dialect=query.dialect,
        day=day.isoformat(),
        approved_by=by,
        approved_at=at,
        catalog=catalog.version,
        reads=readings(query.tree, catalog, query.source),
        parameters=parameters(said, read_sql(query.sql, query.dialect), catalog, query.source),
        scope=tuple(sorted(scope)),
        terms=terms_of(question, glossary),
    )


def fixed_dates(query: VerifiedQuery) -> tuple[str, ...]:
    """Dates that stand in the query and not in the question, so that they stay as they are in every answer."""
    tree = read_sql(query.sql, query.dialect)
    bound = {place.at for parameter in query.parameters for place in parameter.places}
    found = [str(one.this) for at, one in enumerate(literals(tree)) if at not in bound and one.is_string]
    return tuple(dict.fromkeys(text for text in found if _DATE.fullmatch(text)))
