"""Vectors that an operator lends: for words that nothing else explains, and for those only."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zlib import crc32

import pytest

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Decline, Read
from knowledge.translation.synonyms.embeddings import Embeddings, EmbeddingsFailed, likeness
from knowledge.translation.synonyms.vectors import WordVectors

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


def test_vectors_come_from_a_file_of_words(tmp_path: Path) -> None:
    file = tmp_path / "words.vec"
    file.write_text("3 3\nbottling 1 0 0.1\ndemijohn 0.9 0.1 0\nriver 0 1 0\n", "utf-8")
    vectors = WordVectors(file)
    demijohn, mixed, unknown = vectors.vectors(["demijohn", "bottling river", "Pferd"])
    assert demijohn == [0.9, 0.1, 0.0]
    assert mixed == [0.5, 0.5, 0.05]
    assert unknown == []
    assert "FROM bottling" in ask("How many demijohns are there?", vectors)
    assert not ask("How many rivers are there?", vectors)


def test_a_file_that_is_no_file_of_vectors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prose.txt").write_text("dear reader\n", "utf-8")
    with pytest.raises(ValueError, match="no word vectors"):
        WordVectors(tmp_path / "prose.txt")


def test_a_file_that_changed_meanwhile_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "words.vec"
    file.write_text("bottling 1 0 0.1\ndemijohn 0.9 0.1 0\n", "utf-8")
    vectors = WordVectors(file)
    file.write_text("something else entirely, and longer than before\n", "utf-8")
    assert not ask("How many demijohns are there?", vectors)
