"""From what a model wrote to a checked query; everything in a reply is hostile until it passed here."""

import json
import re
from dataclasses import dataclass

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError, NotAllowed, TooMuch
from knowledge.guard import guard, read_sql
from knowledge.guard.names import tables_of
from knowledge.translation.assisted.describe import describe
from knowledge.translation.model import Interpretation

LONGEST = 20_000
"""Characters of a reply that are looked at."""
MOST_ROWS = 1_000_000
_FENCED = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL)
_PLAIN_NAME = re.compile(r"[^\W\d][\w ]{0,62}")


class Unusable(Exception):
    """A reply that can't be used: `problem` is for the model, which may try again, `why` for people, in our words."""

    def __init__(self, problem: str, why: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.why = why


@dataclass(frozen=True, slots=True)
class Proposal:
    """The form of a reply; `sql` is None where the model says that the data does not hold the answer."""

    source: str
    sql: str | None


def parse(reply: str) -> Proposal:
    """The proposal in a reply: a JSON object, alone, in a code fence or within prose. Raises Unusable."""
    if len(reply) > LONGEST:
        raise Unusable(f"The reply is longer than {LONGEST:,} characters.", "its answer was too long")
    if not reply.strip():
        raise Unusable("The reply is empty.", "it gave no answer")
    for text in (reply, *_FENCED.findall(reply)[:3], *_objects(reply)):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "sql" in found:
            return _proposal(found)
    raise Unusable("The reply is not a JSON object with the fields source and sql.", "its answer was not in form")


def _objects(reply: str) -> list[str]:
    """What stands between the first opening and the last closing brace."""
    start, end = reply.find("{"), reply.rfind("}")
    return [reply[start : end + 1]] if 0 <= start < end else []


def _proposal(found: dict[str, object]) -> Proposal:
    source, sql = found.get("source", ""), found["sql"]
    if not isinstance(source, str) or not (sql is None or isinstance(sql, str)):
        raise Unusable("source must be a string, sql a string or null.", "its answer was not in form")
    return Proposal(source, sql.strip().removesuffix(";").strip() if sql else None)


def checked(proposal: Proposal, catalog: Catalog, confidence: float, made_by: str) -> Interpretation | None:
    """The proposal as an interpretation that the guard lets through; None for no query. Raises Unusable."""
    if not proposal.sql:
        return None
    source = _source(proposal.source, catalog)
    dialect = catalog.dialects[source]
    try:
        query = read_sql(proposal.sql, dialect)
        guard(query, catalog=catalog, source=source, rows=MOST_ROWS)
        tables = tables_of(query, catalog, source)
    except KnowledgeError as refused:
        raise unusable(refused) from refused
    if not isinstance(query, exp.Select | exp.SetOperation):
        raise Unusable("The query must be a SELECT or a combination of them.", "its query was not in form")
    _only_data(query)
    return Interpretation(
        query=query,
        source=source,
        dialect=dialect,
        confidence=confidence,
        explanation=describe(query, dialect),
        tables=tuple(dict.fromkeys(table.name for table in tables)),
        made_by=made_by,
    )


def unusable(refused: KnowledgeError) -> Unusable:
    """What the guard or the database says of a query, for the model and for people."""
    match refused:
        case NotAllowed():
            why = "its query would do more than read the data"
        case TooMuch():
            why = "its query was too large"
        case _:
            why = "its query does not fit the data"
    return Unusable(refused.what, why)


def _source(name: str, catalog: Catalog) -> str:
    if name in catalog.dialects:
        return name
    if not name and len(catalog.dialects) == 1:
        return next(iter(catalog.dialects))
    known = ", ".join(sorted(catalog.dialects))
    raise Unusable(f"source must be one of: {known}.", "its query does not fit the data")


def _only_data(query: exp.Query) -> None:
    """A result shows what is stored, not a text that the model wrote: no bare literals, no sentence for a heading."""
    why = "its query would show words of its own"
    if query.find(exp.Table) is None:
        raise Unusable("The query reads no table.", why)
    for select in query.find_all(exp.Select):
        for shown in select.expressions:
            if shown.find(exp.Column, exp.Star, exp.Subquery) is None and not _in_exists(select):
                raise Unusable("Each selected expression must be made of columns.", why)
    for name in query.find_all(exp.Alias, exp.TableAlias):
        if name.alias and not _PLAIN_NAME.fullmatch(name.alias):
            raise Unusable("Each alias must be a short plain name.", why)


def _in_exists(select: exp.Select) -> bool:
    return isinstance(select.parent, exp.Exists) or isinstance(select.parent and select.parent.parent, exp.Exists)
