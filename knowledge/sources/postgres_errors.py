"""What PostgreSQL says when something goes wrong, in words that help."""

import re

from knowledge.errors import KnowledgeError, NotAllowed, Refused, SourceUnavailable, only_reading
from knowledge.sources.meter import Meter

_SEVERITY = re.compile(r"(?:^|\s)[^\W\d_]+:  (.+)")
_CANCELED = "57014"
_NO_RIGHT = "42501"
_NOT_READING = ("25006", "55000")
_NO_ROLE = ("22023", "42704")
_AWAY = ("08", "28", "3D", "53", "57P", "58")


def explained(error: Exception, name: str, meter: Meter | None) -> KnowledgeError:
    """The error to raise instead."""
    state, said = str(getattr(error, "sqlstate", None) or ""), first_line(error)
    if state == _CANCELED and meter:
        return meter.late()
    if state == _NO_RIGHT:
        return NotAllowed(
            f"The database does not let this connection read that: {said}.",
            next_step="Ask whoever runs the database for the right to read it.",
        )
    if state in _NOT_READING:
        return only_reading()
    if not state or state.startswith(_AWAY):
        return unavailable(said, name)
    return Refused(f"The database could not run the query: {said}.", next_step="Ask in other words.")


def unavailable(why: str, name: str) -> SourceUnavailable:
    """The error for a database that cannot be reached."""
    return SourceUnavailable(
        f"The source “{name}” could not be reached: {why}.",
        next_step="Check its address, user and password with `quillux source test`.",
    )


def first_line(error: Exception) -> str:
    """The server's own words, without what the driver puts around them (which repeats the query)."""
    message = str(error)
    found = _SEVERITY.search(message)
    lines = (found[1] if found else message).splitlines() or [type(error).__name__]
    return lines[0][:300].strip().rstrip(".")
