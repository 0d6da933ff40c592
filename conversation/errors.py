"""Every error that Quillux raises on purpose, split by who must act.

The message of each error is shown to a person: it says what happened, what was not changed, and what to do next.
"""


class QuilluxError(Exception):
    """Something that a person is told about. `next_step` says what to do now."""

    def __init__(self, what: str, *, unchanged: str = "Nothing was changed.", next_step: str = "") -> None:
        super().__init__(" ".join(part for part in (what, unchanged, next_step) if part))
        self.what = what
        self.unchanged = unchanged
        self.next_step = next_step


class PersonError(QuilluxError):
    """The person who asked can put it right: by other words, a smaller question, a right they ask for."""


class NotAllowed(PersonError):
    """The person may not do this; somebody else may."""


class TooMuch(PersonError):
    """A limit on rows, time, bytes or length was reached."""


class Unanswerable(PersonError):
    """The data does not hold the answer, or the words could not be read."""


class Stopped(PersonError):
    """The person pressed Stop."""


class ModelError(QuilluxError):
    """A language model answered badly or not at all; the deterministic path goes on without it."""


class OperatorError(QuilluxError):
    """Whoever runs Quillux must act: a setting, a source, a credential, a service that is down."""


class SourceUnavailable(OperatorError):
    """A source could not be reached or refused the connection. `source` is its name, where it is one of several."""

    source = ""


class ChannelRefused(OperatorError):
    """A chat service refused a message, and degrading it did not help."""
