"""Errors of `knowledge` told in the words of the conversation: the two packages do not know each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from conversation.errors import NotAllowed, PersonError, QuilluxError, SourceUnavailable, TooMuch
from knowledge import errors as knowledge

_TOLD: tuple[tuple[type[knowledge.KnowledgeError], type[QuilluxError]], ...] = (
    (knowledge.NotAllowed, NotAllowed),
    (knowledge.TooMuch, TooMuch),
    (knowledge.SourceUnavailable, SourceUnavailable),
    (knowledge.KnowledgeError, PersonError),
)


@contextmanager
def told() -> Iterator[None]:
    """Raise what `knowledge` raises as the matching error of the conversation."""
    try:
        yield
    except knowledge.KnowledgeError as error:
        kind = next(kind for known, kind in _TOLD if isinstance(error, known))
        told = kind(error.what, unchanged=error.unchanged, next_step=error.next_step)
        if isinstance(told, SourceUnavailable) and isinstance(error, knowledge.SourceUnavailable):
            told.source = error.source
        raise told from error
