"""Definitions that stand in documents: “Net revenue is …”, “Churn: …”, rows of a table of terms."""

import re
from collections.abc import Iterator, Sequence

from knowledge.catalog.model import Catalog
from knowledge.enrichment.model import Evidence, Passage, Proposal
from knowledge.enrichment.naming import place_name, slug, spoken
from knowledge.glossary import Place, Term

LONGEST = 400
"""Characters of a definition."""
_NAME = r"(?P<name>[^\W\d_][\w]*(?:[ -][\w]+){0,3})"
_SENTENCE = re.compile(
    rf"(?:^|(?<=[.!?]\s))(?:\*\*|[“\"'`]|(?:An?|The)\s)*{_NAME}(?:\*\*|[”\"'`])*\s+"
    r"(?:means|is defined as|is the (?:sum|number|share|average|count|ratio)|refers to|denotes|stands for)\s+"
    r"(?P<rest>[^.!?\n]{8,400}[.!?]?)",
    re.MULTILINE,
)
_ENTRY = re.compile(rf"^\s*(?:[-*]\s+)?\*\*{_NAME}\*\*\s*(?:[:–—-])\s*(?P<rest>[^\n]{{12,400}})$", re.MULTILINE)
_ROW = re.compile(rf"^\|\s*\**{_NAME}\**\s*\|\s*(?P<rest>[^|\n]{{12,400}})\|", re.MULTILINE)
_HEADER = re.compile(
    r"^\|\s*(?:term|word|metric|name)\s*\|\s*(?:definition|meaning|description)\s*\|", re.IGNORECASE | re.MULTILINE
)
_NO_NAMES = frozenset(
    {"it", "this", "that", "which", "there", "he", "she", "they", "one", "we", "you", "term", "word", "name"}
)


def definitions(passages: Sequence[Passage], catalog: Catalog) -> Iterator[Proposal]:
    """A term for each definition; where a column is called so, it is the place of the term."""
    places = _named(catalog)
    seen: set[str] = set()
    for passage in passages:
        for name, said, sure in _defined(passage.text):
            if name.lower() in seen or name.lower() in _NO_NAMES:
                continue
            seen.add(name.lower())
            found = places.get(name.lower(), ())
            proof = [Evidence("document", f"{passage.where}: “{said[:LONGEST]}”")]
            if found:
                where = ", ".join(f"{place.table}.{place.column}" for place in found)
                proof.append(Evidence("name", f"{where} is called so."))
            term = Term(
                slug(name), name.lower(), "dimension" if found else "term", definition=said[:LONGEST], places=found
            )
            yield Proposal("term", f"Define “{name.lower()}”", sure + 0.1 * bool(found), tuple(proof), term)


def _defined(text: str) -> Iterator[tuple[str, str, float]]:
    for found in _SENTENCE.finditer(text):
        yield found["name"], " ".join(found[0].lstrip("*“\"'` ").replace("**", "").split()), 0.6
    for found in _ENTRY.finditer(text):
        yield found["name"], " ".join(found["rest"].split()), 0.7
    if _HEADER.search(text):
        for found in _ROW.finditer(text):
            yield found["name"], " ".join(found["rest"].split()), 0.7


def _named(catalog: Catalog) -> dict[str, tuple[Place, ...]]:
    """Columns by what they are called in words; names that several columns of one source have are left out."""
    found: dict[str, list[Place]] = {}
    for table in catalog.tables:
        for column in table.columns:
            found.setdefault(spoken(column.name), []).append(Place(table.source, place_name(table), column.name))
    return {
        name: tuple(places) for name, places in found.items() if len({place.source for place in places}) == len(places)
    }
