"""Vectors that an operator lends: for words that nothing else explains, and for those only."""

from collections.abc import Sequence
from datetime import date
from zlib import crc32

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Decline, Read
from knowledge.translation.synonyms.embeddings import Embeddings, EmbeddingsFailed, likeness

KEY = Column("bottling_id", DataType.INTEGER)
CATALOG = Catalog((Table("db", "bottling", (KEY, Column("name", DataType.TEXT)), primary_key=("bottling_id",)),))


class Grams:
    """Vectors of hashed runs of three letters; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked.append(texts)
        return [self._vector(f" {text} ") for text in texts]

    def _vector(self, text: str) -> list[float]:
        found = [0.0] * 512
        for at in range(len(text) - 2):
            found[crc32(text[at : at + 3].encode()) % 512] += 1.0
        return found


class Broken:
    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        raise EmbeddingsFailed


def ask(question: str, embeddings: Embeddings | None) -> str:
    found = RuleTranslator(embeddings=embeddings).translate(question, CATALOG, Context(date(2026, 11, 21)))
    return found.interpretations[0].query.sql() if isinstance(found, Read) else ""


def test_a_word_near_a_name_is_taken_for_it_and_told() -> None:
    found = RuleTranslator(embeddings=Grams()).translate(
        "How many prebottlings are there?", CATALOG, Context(date(2026, 11, 21))
    )
    assert isinstance(found, Read)
    assert "FROM bottling" in found.interpretations[0].query.sql()
    assert [one.text for one in found.interpretations[0].assumptions] == ["“prebottlings” was taken to mean bottling."]


def test_words_that_have_a_meaning_already_are_not_asked_about() -> None:
    grams = Grams()
    assert ask("How many bottlings are there?", grams)
    assert not grams.asked


def test_without_vectors_and_when_they_fail_the_question_is_read_without() -> None:
    for embeddings in (None, Broken()):
        found = RuleTranslator(embeddings=embeddings).translate(
            "How many prebottlings are there?", CATALOG, Context(date(2026, 11, 21))
        )
        assert isinstance(found, Decline)


def test_a_word_far_from_every_name_stays_unexplained() -> None:
    assert not ask("How many spaceships are there?", Grams())


def test_vectors_that_do_not_fit_are_not_alike() -> None:
    assert likeness([1.0], [1.0, 0.0]) == 0.0
    assert likeness([0.0], [1.0]) == 0.0
