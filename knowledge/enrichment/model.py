"""What could be said of the data and is not yet: proposals, each with what speaks for it."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from knowledge.glossary import Term

Aspect = Literal["description", "synonym", "metric", "mapping", "term", "key", "tag"]
EvidenceKind = Literal["name", "comment", "values", "keys", "document", "history", "model"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a proposal, in words for the expert. Text from data and documents is quoted."""

    kind: EvidenceKind
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about the catalog to be confirmed or refuted: a key that was inferred, a tag that was given.

    `table` is written with its schema where it has one; `value` is `table(column)` that a key points at, or the tag.
    """

    aspect: Literal["key", "tag"]
    source: str
    table: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something for an expert to approve: a `term` as it would stand, or a `note` on the catalog.

    `confidence` is in 0..1, from the rule and what it saw. `title` is one line for people.
    """

    aspect: Aspect
    title: str
    confidence: float
    evidence: tuple[Evidence, ...]
    term: Term | None = None
    note: Note | None = None

    @property
    def fingerprint(self) -> str:
        """Equal for the same proposal of a later day, so that what was rejected is not proposed again."""
        if self.note is not None:
            said: object = self.note
        else:
            term = self.term
            said = term and (self.aspect, term.id, term.metric, term.places, sorted(map(str.lower, term.synonyms)))
        return hashlib.sha256(repr((self.aspect, said)).encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered: its SQL in `dialect` over `source`, and how many people asked it.

    `trusted` is true for verified queries.
    """

    question: str
    sql: str
    source: str
    dialect: str
    people: int = 1
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that everybody may read: its text, and where it stands, for people."""

    text: str
    where: str
