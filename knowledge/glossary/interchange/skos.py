"""The glossary as SKOS (RDF), for tools that read vocabularies."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from knowledge.glossary.diff import fields
from knowledge.glossary.model import Relation, Term

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

BASE = "urn:quillux:glossary:"
"""What the IRIs of our concepts begin with, unless another base is given."""
VOCABULARY = "urn:quillux:vocabulary:"
"""What the IRIs of our own properties begin with: status, kind, expression ..."""
_OWN = ("kind", "status", "owners", "places")


def to_turtle(terms: Iterable[Term], base: str = BASE, language: str = "") -> str:
    """Terms as a concept scheme in Turtle; `language` is the tag of names and definitions, where they are in one."""
    return str(graph_of(terms, base, language).serialize(format="turtle"))


def graph_of(terms: Iterable[Term], base: str = BASE, language: str = "") -> "Graph":
    """Terms as an RDF graph.

    prefLabel, altLabel and definition; is-a and part-of are broader (`quillux:is-a`, `quillux:part-of` say which), with
    narrower the other way, and the levels of a hierarchy are a chain of them; same-as and maps-to are exactMatch.
    Status, kind, version, owners, places and how numbers are made are properties of our own.
    """
    every = tuple(sorted(terms, key=lambda term: term.id))
    writer = _Writer(base, language)
    for term in every:
        writer.concept(term)
        for relation in term.relations:
            writer.relation(term, relation)
        writer.levels(term)
    writer.tops(every)
    return writer.graph


class _Writer:
    """One graph as it grows. rdflib is loaded only here."""

    def __init__(self, base: str, language: str) -> None:
        from rdflib import Graph, Namespace
        from rdflib.namespace import DCTERMS, SKOS

        self._base, self._language = base, language or None
        self._skos, self._own = SKOS, Namespace(VOCABULARY)
        self.graph = Graph()
        for prefix, space in (("skos", SKOS), ("dcterms", DCTERMS), ("quillux", self._own)):
            self.graph.bind(prefix, space)
        self._scheme = self._iri("scheme:all")
        self._type(self._scheme, "ConceptScheme")

    def concept(self, term: Term) -> None:
        """A term by itself."""
        from rdflib import Literal
        from rdflib.namespace import DCTERMS, OWL

        here = self._iri(term.id)
        self._type(here, "Concept")
        self.graph.add((here, self._skos.inScheme, self._scheme))
        self.graph.add((here, self._skos.notation, Literal(term.id)))
        for name, text in _texts(term):
            self.graph.add((here, self._skos[name], Literal(text, lang=self._language)))
        for name, text in _own_properties(term):
            self.graph.add((here, self._own[name], Literal(text)))
        if term.version:
            self.graph.add((here, OWL.versionInfo, Literal(str(term.version))))
        if term.changed_at:
            self.graph.add((here, DCTERMS.modified, Literal(term.changed_at)))
        if term.status == "deprecated":
            self.graph.add((here, OWL.deprecated, Literal(True)))

    def relation(self, term: Term, relation: Relation) -> None:
        """A tie to another term, or to a concept elsewhere."""
        from rdflib import URIRef

        here = self._iri(term.id)
        if relation.kind == "maps-to":
            self.graph.add((here, self._skos.exactMatch, URIRef(relation.other)))
            return
        there = self._iri(relation.other)
        self.graph.add((here, self._own[relation.kind], there))
        if relation.kind == "same-as":
            self.graph.add((here, self._skos.exactMatch, there))
        else:
            self._below(here, there)

    def levels(self, term: Term) -> None:
        """The levels of a hierarchy: each below the one before, all related to the hierarchy."""
        for wide, narrow in zip(term.levels, term.levels[1:], strict=False):
            self._below(self._iri(narrow), self._iri(wide))
        for level in term.levels:
            self.graph.add((self._iri(term.id), self._skos.related, self._iri(level)))
            self.graph.add((self._iri(level), self._skos.related, self._iri(term.id)))

    def tops(self, terms: Iterable[Term]) -> None:
        """The concepts that none is broader than."""
        for here in (self._iri(term.id) for term in terms):
            if not any(self.graph.objects(here, self._skos.broader)):
                self.graph.add((here, self._skos.topConceptOf, self._scheme))
                self.graph.add((self._scheme, self._skos.hasTopConcept, here))

    def _below(self, narrow: "URIRef", wide: "URIRef") -> None:
        self.graph.add((narrow, self._skos.broader, wide))
        self.graph.add((wide, self._skos.narrower, narrow))

    def _type(self, here: "URIRef", name: str) -> None:
        from rdflib.namespace import RDF

        self.graph.add((here, RDF.type, self._skos[name]))

    def _iri(self, id: str) -> "URIRef":
        from rdflib import URIRef

        return URIRef(f"{self._base}{quote(id, safe=':')}")


def _texts(term: Term) -> Iterator[tuple[str, str]]:
    yield "prefLabel", term.name
    yield from (("altLabel", word) for word in dict.fromkeys(term.synonyms) if word != term.name)
    if term.definition:
        yield "definition", term.definition


def _own_properties(term: Term) -> Iterator[tuple[str, str]]:
    for name, value in fields(term).items():
        if name in _OWN or name.startswith("metric."):
            texts = [value] if isinstance(value, str) else value
            yield from ((name.removeprefix("metric."), text) for text in texts if text)
