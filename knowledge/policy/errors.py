"""What may be said when a query over restricted data fails, and how exactly its size may be told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from knowledge.errors import KnowledgeError, NotAllowed, Refused, SourceUnavailable
from knowledge.sources.port import Estimate

_WITHHELD = "What the database said is not shown, because rules protect the data of this query."


def discreet(error: KnowledgeError) -> KnowledgeError:
    """The same kind of error without the database's own words: they may quote values that the person may not see."""
    match error:
        case SourceUnavailable():
            return SourceUnavailable(f"The source did not answer. {_WITHHELD}", next_step="Try again later.")
        case NotAllowed():
            return NotAllowed(f"The database does not allow this. {_WITHHELD}", next_step="Ask in other words.")
        case Refused():
            return Refused(f"The database could not run the query. {_WITHHELD}", next_step="Ask in other words.")
        case _:
            return error


@contextmanager
def discretion(policies: Sequence[str]) -> Iterator[None]:
    """Keep the database's words from people wherever policies were written into a query."""
    try:
        yield
    except KnowledgeError as error:
        if not policies:
            raise
        raise discreet(error) from error


def coarse(estimate: Estimate) -> Estimate:
    """The estimate to the next power of ten: an exact one would tell how often a value occurs that is not shown."""
    return Estimate(_power(estimate.rows_read), _power(estimate.rows_returned))


def _power(rows: int | None) -> int | None:
    return rows if rows is None or rows <= 1 else int(10 ** len(str(rows - 1)))
