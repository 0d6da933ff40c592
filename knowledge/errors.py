"""What can go wrong between a query and its rows, split by who must act, as in `conversation/errors.py`.

`knowledge` may not import `conversation`, so the caller translates: `Refused` (with `NotAllowed`) and `TooMuch` are for
the person who asked, `SourceUnavailable` for whoever runs Quillux. All carry `what`, `unchanged` and `next_step`.
"""


class KnowledgeError(Exception):
    """Something that a person is told about: what happened, what was not changed, what to do now."""

    def __init__(self, what: str, *, unchanged: str = "Nothing was changed.", next_step: str = "") -> None:
        super().__init__(" ".join(part for part in (what, unchanged, next_step) if part))
        self.what = what
        self.unchanged = unchanged
        self.next_step = next_step


class Refused(KnowledgeError):
    """The query may not run, or the database would not take it."""


class NotAllowed(Refused):
    """The query would do more than read the tables of the catalog."""


class TooMuch(KnowledgeError):
    """A limit on rows, seconds, bytes or length was reached."""


class Conflict(KnowledgeError):
    """Somebody else changed the same thing meanwhile, so this change was not made."""


class SourceUnavailable(KnowledgeError):
    """A source could not be reached, or turned the connection away; `source` is its name where it is one of several."""

    source = ""


def only_reading() -> NotAllowed:
    """The error for a query that a source will not run because it is none, or more than one."""
    return NotAllowed(
        "The query would do more than read the tables of this source, so it was not run.",
        next_step="Ask in other words; only questions that read data are answered.",
    )
