"""All readings of a question that are worth weighing: as read, with other links, and with one part changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from knowledge.translation.ir import Field, Query
from knowledge.translation.linking import option_id, phrase_id
from knowledge.translation.ranking.edits import edited
from knowledge.translation.reading.draft import Reader

MOST = 60
"""Candidates of one question."""
RELINKED = 8
"""Other links that are tried, each of which reads the question anew."""
NEAR = 0.35
"""How much worse than the best a target may be to be tried."""

Again = Callable[[Mapping[str, str]], tuple[Reader, Query | None]]
"""Reads the question again with these links chosen."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A query, the reader that it came from, and how: the edit, and how much worse than the best its link is."""

    reader: Reader
    query: Query
    edit: str = ""
    relinked: float = 0.0


def candidates(reader: Reader, query: Query, again: Again, choices: Mapping[str, str]) -> list[Candidate]:
    """The reading first, then others; what a person chose stays."""
    kept = _chosen(query, choices)
    found = {query: Candidate(reader, query)}
    for candidate in _others(reader, query, again, choices):
        if len(found) >= MOST:
            break
        made = sound(candidate.query)
        if made and made not in found and kept <= set(_fields(made)):
            found[made] = replace(candidate, query=made)
    return list(found.values())


def sound(query: Query) -> Query | None:
    """The query, grouped by all that it shows beside an aggregate; None when it sorts by what groups don't have."""
    plain = [item for item in query.select if not item.fn]
    measured = query.aggregated or any(o.item.fn for o in query.order) or any(f.item.fn for f in query.filters)
    if not query.group and not (measured and plain):
        return None if query.aggregated and any(not o.item.fn for o in query.order) else query
    group = tuple(dict.fromkeys((*query.group, *plain)))
    if any(not order.item.fn and order.item not in group for order in query.order):
        return None
    return replace(query, group=group)


def _others(reader: Reader, query: Query, again: Again, choices: Mapping[str, str]) -> Iterator[Candidate]:
    relinked = [Candidate(r, q, "", worse) for r, q, worse in _relinked(reader, again, choices)]
    yield from relinked
    for name, made in edited(reader, query):
        yield Candidate(reader, made, name)
    for one in relinked:
        for name, made in edited(one.reader, one.query):
            yield Candidate(one.reader, made, name, one.relinked)


def _relinked(reader: Reader, again: Again, choices: Mapping[str, str]) -> Iterator[tuple[Reader, Query, float]]:
    """The question read with another target for one of its phrases, the likeliest first."""
    wanted: dict[tuple[str, str], float] = {}
    for chunk in reader.chunks:
        phrase = phrase_id(chunk.text)
        if not chunk.targets or phrase in choices:
            continue
        taken = {chunk.table, *(f"{field.table}.{field.column}" for field in chunk.columns)}
        best = max(target.score for target in chunk.targets)
        for target in chunk.targets[:5]:
            option = option_id(target)
            worse = best - target.score
            key = bool(target.column) and reader.index.is_key(Field(target.table, target.column))
            if option not in taken and worse <= NEAR and not (key and worse > 0):
                wanted.setdefault((phrase, option), worse)
    for (phrase, option), worse in sorted(wanted.items(), key=lambda entry: entry[1])[:RELINKED]:
        other, query = again({**choices, phrase: option})
        if query is not None:
            yield other, query, worse


def _chosen(query: Query, choices: Mapping[str, str]) -> set[Field]:
    """Fields that are in the query because a person chose them."""
    wanted = set(choices.values())
    return {field for field in _fields(query) if f"{field.table}.{field.column}" in wanted}


def _fields(query: Query) -> list[Field]:
    nested = [field for f in query.filters if f.query for field in f.query.fields()]
    return [*query.fields(), *nested, *(_fields(query.second) if query.second else ())]
