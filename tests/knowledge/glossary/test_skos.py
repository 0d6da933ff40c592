"""The glossary as SKOS, read again by an RDF library."""

from dataclasses import replace

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, SKOS

from knowledge.glossary import Relation, Term
from knowledge.glossary.interchange.skos import BASE, VOCABULARY, to_turtle
from tests.knowledge.glossary.world import GLOSSARY, MONEY, REVENUE


def read(*terms: Term, **options: str) -> Graph:
    return Graph().parse(data=to_turtle(terms, **options), format="turtle")


def test_terms_are_concepts_of_one_scheme_with_their_words() -> None:
    graph = read(*GLOSSARY.terms)
    (scheme,) = graph.subjects(RDF.type, SKOS.ConceptScheme)
    assert len(set(graph.subjects(RDF.type, SKOS.Concept))) == 5
    revenue = URIRef(f"{BASE}revenue")
    assert (revenue, SKOS.inScheme, scheme) in graph
    assert graph.value(revenue, SKOS.prefLabel) == Literal("Revenue")
    assert graph.value(revenue, SKOS.altLabel) == Literal("turnover")
    assert graph.value(revenue, SKOS.definition) == Literal("What customers paid.")
    assert graph.value(revenue, URIRef(f"{VOCABULARY}status")) == Literal("approved")
    assert graph.value(revenue, URIRef(f"{VOCABULARY}expression")) == Literal("SUM(amount)")


def test_relations_and_levels_are_those_of_skos_both_ways() -> None:
    graph = read(*GLOSSARY.terms)
    revenue, money, country, city, geography = (
        URIRef(f"{BASE}{id}") for id in ("revenue", "money", "country", "city", "geography")
    )
    assert (revenue, SKOS.broader, money) in graph
    assert (money, SKOS.narrower, revenue) in graph
    assert (city, SKOS.broader, country) in graph
    assert (geography, SKOS.related, city) in graph
    assert (revenue, SKOS.exactMatch, URIRef("https://example.org/revenue")) in graph
    assert set(graph.subjects(SKOS.topConceptOf)) == {money, country, geography}
    same = read(MONEY, replace(REVENUE, relations=(Relation("same-as", "money"),)))
    assert (revenue, SKOS.exactMatch, money) in same


def test_what_is_not_used_any_more_is_marked() -> None:
    graph = read(replace(MONEY, status="deprecated", version=3))
    assert graph.value(URIRef(f"{BASE}money"), OWL.deprecated) == Literal(True)
    assert graph.value(URIRef(f"{BASE}money"), OWL.versionInfo) == Literal("3")


def test_odd_texts_stay_texts_and_a_language_and_a_base_can_be_given() -> None:
    hostile = Term("odd", 'a"b\\c\n<https://x> . 売上', definition='"""@en .\n# not a comment', synonyms=("a^^b",))
    graph = read(hostile, base="https://example.org/terms/", language="de")
    odd = URIRef("https://example.org/terms/odd")
    assert graph.value(odd, SKOS.prefLabel) == Literal(hostile.name, lang="de")
    assert graph.value(odd, SKOS.definition) == Literal(hostile.definition, lang="de")


def test_the_same_terms_are_written_alike() -> None:
    assert to_turtle(GLOSSARY.terms) == to_turtle(tuple(reversed(GLOSSARY.terms)))
