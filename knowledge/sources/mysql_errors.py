"""What MySQL and MariaDB say when something goes wrong, in words that help."""

from pymysql.constants import ER
from pymysql.err import MySQLError

from knowledge.errors import KnowledgeError, NotAllowed, Refused, SourceUnavailable, only_reading
from knowledge.sources.meter import Meter

_LATE = {1969, 1317, 3024}
"""Ended by max_statement_time, by KILL QUERY, by max_execution_time."""
_DENIED = {
    ER.TABLEACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR,
    ER.DBACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
    ER.PROCACCESS_DENIED_ERROR,
    1356,  # a view on something that may not be read
    1959,  # no such role for this user
}
_WRITES = {1792, 1290}
"""Refused in a read-only transaction, refused by an option of the server."""
_AWAY = {1040, 1045, 1049, 1053, 1077, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1927}


def explained(error: Exception, name: str, meter: Meter | None) -> KnowledgeError:
    """The error to raise instead."""
    code, text = code_and_text(error)
    if code in _LATE and meter:
        return meter.late()
    if code in _DENIED:
        return NotAllowed(
            f"The database does not let this connection read that: {text}.",
            next_step="Ask whoever runs the database for the right to read it.",
        )
    if code in _WRITES:
        return only_reading()
    if code in _AWAY or 2000 <= code < 3000 or not isinstance(error, MySQLError):
        return unavailable(text, name)
    return Refused(f"The database could not run the query: {text}.", next_step="Ask in other words.")


def unavailable(why: str, name: str) -> SourceUnavailable:
    """The error for a database that cannot be reached."""
    return SourceUnavailable(
        f"The source “{name}” could not be reached: {why}.",
        next_step="Check its address, user and password with `quillux source test`.",
    )


def code_and_text(error: Exception) -> tuple[int, str]:
    """The server's number (2013, a lost connection, where there is none) and the first line of what it says."""
    parts = error.args if isinstance(error, MySQLError) else (2013, error)
    code = parts[0] if parts and isinstance(parts[0], int) and parts[0] else 2013
    text = str(parts[-1]) if parts and parts[-1] else "the connection was lost"
    return code, text.splitlines()[0][:300].rstrip(".")
