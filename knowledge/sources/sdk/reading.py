"""Whether a text is one query that only reads, and that query as it is sent."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.errors import Refused, only_reading

_MORE = (
    exp.DDL, exp.DML, exp.Command, exp.Into, exp.Lock, exp.Hint, exp.Set, exp.Use, exp.Pragma, exp.Parameter,
    exp.SessionParameter, exp.Placeholder, exp.Alter, exp.Drop, exp.Transaction, exp.Commit, exp.Rollback,
)  # fmt: skip


def read_query(sql: str, dialect: str) -> exp.Query:
    """The query tree. Raises Refused for what can't be read, NotAllowed for what is not exactly one query.

    The tree is rendered again before it is sent, so that comments and what only one parser sees are gone.
    """
    try:
        found = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except (SqlglotError, RecursionError):
        raise Refused("The query could not be read.", next_step="Ask in other words.") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise only_reading()
    if any(isinstance(node, _MORE) for node in found[0].walk()):
        raise only_reading()
    return found[0]
