"""From columns to terms, metrics, verified queries and answers, and back; and whom a change meets."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.catalog.affected import Affected, Reference
from knowledge.catalog.drift import Change
from knowledge.glossary.model import EMPTY, Glossary, Term
from knowledge.glossary.ties import spoken
from knowledge.glossary.uses import Use, bare, reads_of, use_of
from knowledge.verified.model import VerifiedQuery


@dataclass(frozen=True, slots=True)
class Trace:
    """What a term is made of and what is made with it.

    `columns` and `tables` are written `source.table.column`; terms come with why: the relation, the level, the column.
    """

    term: Term
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    made_of: tuple[Affected, ...]
    used_by: tuple[Affected, ...]


class Lineage:
    """The ties of a glossary as it stands to the data and to those who ask.

    `uses` are verified queries, questions that were answered and agents; `dialects` those of the sources.
    """

    def __init__(self, glossary: Glossary, uses: Iterable[Use] = (), dialects: Mapping[str, str] | None = None) -> None:
        self._glossary = glossary
        self._uses = tuple(uses)
        self._dialects = dialects or {}
        self._reads = {term.id: reads_of(term, self._dialects) for term in glossary.terms}
        self._naming = _naming(glossary.terms)

    def of(self, term: Term) -> Trace:
        """Both directions of one term."""
        reads = self._reads.get(term.id) or reads_of(term, self._dialects)
        made_of = tuple(_met(other, why) for other, why in self._parts(term))
        columns = sorted(".".join(place) for place in reads.columns)
        tables = sorted(".".join(place) for place in reads.tables)
        return Trace(term, tuple(tables), tuple(columns), made_of, self.users(term))

    def users(self, term: Term) -> tuple[Affected, ...]:
        """Terms, verified queries, questions and agents that are made with a term."""
        terms = (_met(other, why) for other, why in self._dependents(term.id))
        uses = (_used(use, why) for use in self._uses if (why := self._why(use, term)))
        return _once((*terms, *uses))

    def of_column(self, source: str, table: str, column: str = "") -> tuple[Affected, ...]:
        """Everything that is made with a column, or with a table as a whole."""
        place = (source.lower(), bare(table))
        terms = [term for term in self._glossary.terms if _reads(self._reads[term.id], place, column.lower())]
        found = [_met(term, f"reads {'.'.join(part for part in (table, column) if part)}") for term in terms]
        for term in terms:
            found += [_met(other, why) for other, why in self._dependents(term.id)]
        uses = (
            _used(use, f"reads {column or table}") for use in self._uses if _reads(use.reads, place, column.lower())
        )
        named = (_used(use, f"uses {term.name}") for term in terms for use in self._uses if term.id in use.terms)
        return _once((*found, *uses, *named))

    def met(self, change: Change) -> tuple[Affected, ...]:
        """Whom a change of the data meets: terms that speak of it, what depends on them, and queries that read it."""
        terms = [term for term in self._glossary.terms if self._reads[term.id].meets(change)]
        found = [_met(term, f"speaks of {change.place}") for term in terms]
        for term in terms:
            found += [_met(other, why) for other, why in self._dependents(term.id)]
        uses = [_used(use, f"reads {change.place}") for use in self._uses if use.reads.meets(change)]
        return _once((*found, *uses))

    def _parts(self, term: Term) -> list[tuple[Term, str]]:
        """The terms that a term names, with how."""
        named: list[tuple[str, str]] = [(relation.other, relation.kind) for relation in term.relations]
        named += [(level, "is a level of it") for level in term.levels]
        return [(other, why) for id, why in named if (other := self._glossary.get(id)) is not None]

    def _dependents(self, id: str) -> list[tuple[Term, str]]:
        """The terms that name a term, through any number of others."""
        found: dict[str, tuple[Term, str]] = {}
        waiting = deque((id,))
        while waiting:
            for term, why in self._naming.get(waiting.popleft(), ()):
                if term.id not in found and term.id != id:
                    found[term.id] = (term, why)
                    waiting.append(term.id)
        return list(found.values())

    def _why(self, use: Use, term: Term) -> str:
        if term.id in use.terms:
            return f"made with {term.name}"
        if use.holds(term, self._dialects):
            return f"computes {term.name} as it is defined"
        return ""


def affected(
    before: Term | None,
    after: Term | None,
    glossary: Glossary = EMPTY,
    verified: Sequence[VerifiedQuery] = (),
    uses: Sequence[Use] = (),
    dialects: Mapping[str, str] | None = None,
) -> tuple[Affected, ...]:
    """Whom a change of a term meets: from `before` (None makes a new one) to `after` (None takes it away).

    Terms that name it, verified queries and answered questions made with it, and those that say one of its words.
    """
    every = (*(use_of(query) for query in verified), *uses)
    lineage = Lineage(glossary, every, dialects)
    users = lineage.users(before) if before else ()
    words = dict.fromkeys(word for term in (before, after) if term for word in term.words)
    says = [_used(use, f"says “{word}”") for use in every if (word := _said(use.text, words))]
    return _once((*users, *says))


def _said(text: str, words: Iterable[str]) -> str:
    """The first of the words that stands in a text, as a whole word."""
    plain = spoken(text)
    return next((word for word in words if re.search(rf"(?<!\w){re.escape(spoken(word))}(?!\w)", plain)), "")


def _naming(terms: Iterable[Term]) -> Mapping[str, Sequence[tuple[Term, str]]]:
    """For each id the terms that name it, with how."""
    found: dict[str, list[tuple[Term, str]]] = defaultdict(list)
    for term in terms:
        for level in term.levels:
            found[level].append((term, "has it as a level"))
        for relation in term.relations:
            found[relation.other].append((term, f"{relation.kind} it"))
    return found


def _reads(reads: Reference, place: tuple[str, str], column: str) -> bool:
    if not column:
        return place in reads.tables
    return bool({(*place, column), (*place, "*")} & reads.columns)


def _met(term: Term, why: str) -> Affected:
    return Affected("term", term.id, term.name, why)


def _used(use: Use, why: str) -> Affected:
    return Affected(use.kind, use.id, use.text, why)


def _once(found: Iterable[Affected]) -> tuple[Affected, ...]:
    """Each thing once, with the first reason; questions that were asked several times in the same words once too."""
    kept: dict[tuple[str, str], Affected] = {}
    for each in found:
        kept.setdefault((each.kind, spoken(each.text) if each.kind == "question" else each.id), each)
    return tuple(kept.values())
