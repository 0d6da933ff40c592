"""Rules for what is not there: “without”, “have no orders”, “countries without a stadium”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.headings import participle
from knowledge.translation.reading.dating import measures
from knowledge.translation.reading.draft import END, Reader, condition_follows


def negation(r: Reader) -> bool:
    """“not”, “without”, “have no”."""
    if not r.see().has("neg") or r.see().linked:
        return False
    r.negated, r.negator = True, r.see().text.lower()
    if r.draft.select or r.draft.shown or r.draft.focus:
        r.clause = "where"
    if deed := _deed(r):
        r.negated, r.draft.absent = False, deed
        return r.step(2)
    return r.step()


def _deed(r: Reader) -> str:
    """“products never sold”: the table that holds what the verb speaks of."""
    verb = r.see(1).text.lower()
    after = r.see(2)
    if (
        verb not in r.lexicon.verbs
        or r.see(1).linked
        or not r.about
        or not (after is END or after.has("dot", "prep") or after.period)
    ):
        return ""
    tables = [field.table for field in measures(r, r.about, r.lexicon.verbs[verb])]
    return next((table for table in tables if table != r.about and r.many(r.about, table)), "")


def lacking_table(r: Reader, here: Chunk) -> str:
    """The table whose rows are missing: “no facility”, “never returned”."""
    if not r.negated or not r.about or condition_follows(r, 1):
        return ""
    table = here.table or (here.columns[0].table if here.columns else "")
    column = r.index.column(here.columns[0]) if here.columns and not here.table else None
    if column and column.nulls and participle(here.columns[0]) == here.text.lower() and table != r.about:
        r.unsupported = f"which rows wait to be {here.text.lower()}"
    away = table and table != r.about and r.index.graph.distance(r.about, table) < 4
    return table if away and r.many(r.about, table) else ""


def described(r: Reader, table: str) -> None:
    """“countries that have mountains ...”, “... without mountains ...”: rows that tell of what is shown."""
    if r.negated and table == r.about:
        r.negated, r.draft.absent = False, table
    r.draft.through = table
    if not r.draft.absent:
        r.draft.also.append(table)
