"""Everything that could be proposed, once each, the surest first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from knowledge.catalog.model import Catalog
from knowledge.enrichment.descriptions import descriptions
from knowledge.enrichment.documents import definitions
from knowledge.enrichment.mappings import mappings
from knowledge.enrichment.metrics import metrics
from knowledge.enrichment.model import Asked, Passage, Proposal
from knowledge.enrichment.notes import notes
from knowledge.enrichment.synonyms import synonyms
from knowledge.glossary import EMPTY, Glossary


@dataclass(frozen=True, slots=True)
class Known:
    """What proposals are made from. `settled` are fingerprints of proposals that were decided before."""

    catalog: Catalog
    glossary: Glossary = EMPTY
    asked: Sequence[Asked] = ()
    passages: Sequence[Passage] = ()
    settled: Collection[str] = ()


def propose(known: Known) -> tuple[Proposal, ...]:
    """Proposals by rules alone: nothing that the glossary says already, nothing that was settled."""
    found: dict[str, Proposal] = {}
    for one in _all(known):
        before = found.get(one.fingerprint)
        if before is None or before.confidence < one.confidence:
            found[one.fingerprint] = one
    kept = [one for key, one in found.items() if key not in known.settled and not _said(one, known.glossary)]
    return tuple(_once(sorted(kept, key=lambda one: (-one.confidence, one.title))))


def _all(known: Known) -> Iterator[Proposal]:
    yield from metrics(known.catalog, known.asked)
    yield from synonyms(known.catalog, known.glossary, known.asked)
    yield from mappings(known.catalog)
    yield from definitions(known.passages, known.catalog)
    yield from notes(known.catalog)
    yield from descriptions(known.catalog)


def _said(one: Proposal, glossary: Glossary) -> bool:
    """Whether the glossary has it: a term of this id, of this word, or of one of its places."""
    if one.term is None:
        return False
    standing = glossary.get(one.term.id)
    if one.aspect == "synonym":
        return standing is not None and one.term.words == standing.words
    taken = {word.lower() for term in glossary.terms for word in term.words}
    places = {place for term in glossary.terms for place in term.places}
    return standing is not None or one.term.name.lower() in taken or bool(places & set(one.term.places))


def _once(proposals: Sequence[Proposal]) -> Iterator[Proposal]:
    """One proposal for a new term: the surest of those that would have the same id."""
    taken: set[str] = set()
    for one in proposals:
        if one.term is not None and one.aspect != "synonym":
            if one.term.id in taken:
                continue
            taken.add(one.term.id)
        yield one
