"""The library as the settings say: its embedders, its sync, and the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from conversation.errors import OperatorError
from infra.cli.main import app
from infra.documents import LibraryDocuments, open_library, synchronise
from infra.embedding import embedder
from infra.settings import Answers, DocumentsSetting, Library, Settings
from knowledge.asker import Asker
from knowledge.documents.answering import Question

TEXT = "# Rules\n\n## Returns\n\nCustomers may return goods within 30 days.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One document."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.md").write_text(TEXT)
    return tmp_path / "docs"


def settings(tmp_path: Path, folder: Path, **library: object) -> Settings:
    return Settings(
        data=tmp_path / "data",
        documents=(DocumentsSetting(name="docs", path=folder),),
        library=Library(hours=0, **library),
    )


async def test_another_process_s_sync_is_seen_at_the_next_question(tmp_path: Path, folder: Path) -> None:
    configured = settings(tmp_path, folder)
    synchronise(configured)
    documents, ann = LibraryDocuments(configured), Asker("default", "ann", ("member",))
    assert (await documents.answer(Question("how many days to return goods"), ann)).sure
    (folder / "more.md").write_text("# Travel\n\nTrains are booked in second class.\n")
    synchronise(configured)
    hits = documents.library.search("which class for trains", ann, documents._folders)
    assert hits[0].chunk.document.path == "more.md"
    assert hits[0].by_vectors == 1


def test_word_vectors_of_a_file_are_kept_by_the_digest_of_a_text(tmp_path: Path, folder: Path) -> None:
    words = {"the": 1, "of": 2, "and": 3, "customers": 4, "clients": 4, "return": 5, "goods": 6, "days": 7}
    rows = np.eye(8)
    lines = [f"{word} {' '.join(map(str, rows[at - 1]))}" for word, at in words.items()]
    (tmp_path / "words.txt").write_text("\n".join(lines) + "\n")
    configured = settings(tmp_path, folder, embeddings="vectors", path=str(tmp_path / "words.txt"))
    synchronise(configured)
    library = open_library(configured)
    with library.store.reading() as database:
        assert database.execute("SELECT count(*) FROM vector").fetchone() == (1,)
    (hit,) = library.search("clients", Asker("default", "ann"), LibraryDocuments(configured)._folders)
    assert hit.by_vectors == 1
    assert library.fill() == 0


def test_another_embedder_makes_every_vector_anew(tmp_path: Path, folder: Path) -> None:
    synchronise(settings(tmp_path, folder))
    (tmp_path / "words.txt").write_text("the 1 0 0\nof 0 1 0\ngoods 0 0 1\n")
    configured = settings(tmp_path, folder, embeddings="vectors", path=str(tmp_path / "words.txt"))
    synchronise(configured)
    hits = open_library(configured).search("goods", Asker("default", "ann"), LibraryDocuments(configured)._folders)
    assert hits[0].by_vectors == 1


@pytest.mark.parametrize("chosen", ["onnx", "vectors", "nonsense"])
def test_an_embedder_that_can_not_be_used_says_what_to_do(tmp_path: Path, chosen: str) -> None:
    configured = Settings(
        data=tmp_path, library=Library(embeddings=chosen, path=str(tmp_path / "none")), answers=Answers()
    )
    with pytest.raises(OperatorError) as told:
        embedder(configured)
    assert "library.embeddings" in told.value.what


def test_without_its_vectors_documents_are_found_by_words_and_the_report_says_so(tmp_path: Path, folder: Path) -> None:
    configured = settings(tmp_path, folder, chroma="http://127.0.0.1:9")
    (report,) = synchronise(configured)
    assert "found by words alone" in report.problems[-1].why
    hits = open_library(configured).search(
        "return goods", Asker("default", "ann"), LibraryDocuments(configured)._folders
    )
    assert (hits[0].by_words, hits[0].by_vectors) == (1, 0)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUILLUX_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("QUILLUX_CONFIG", raising=False)
    return CliRunner()


def test_a_folder_is_added_listed_searched_synced_and_removed(command: CliRunner, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "quillux.toml").write_text("# mine\ntenant = 'acme'\n")
    (folder / "broken.pdf").write_bytes(b"%PDF nothing")
    added = command.invoke(app, ["documents", "add", "handbook", str(folder), "--group", "finance"])
    assert added.exit_code == 0, added.output
    assert "broken.pdf: It is not a whole PDF." in added.output
    assert "# mine" in (tmp_path / "quillux.toml").read_text()
    assert "group finance" in command.invoke(app, ["documents", "list"]).output
    (document,) = json.loads(command.invoke(app, ["documents", "list", "handbook", "--json"]).stdout)
    assert (document["title"], document["version"]) == ("Rules", 1)
    found = command.invoke(app, ["documents", "search", "return", "goods", "--json"])
    assert json.loads(found.stdout)[0]["headings"] == ["Returns"]
    assert command.invoke(app, ["documents", "search", "return", "--role", "member"]).exit_code == 3
    (folder / "rules.md").unlink()
    assert json.loads(command.invoke(app, ["documents", "sync", "--json"]).stdout)[0]["removed"] == 1
    assert command.invoke(app, ["documents", "add", "handbook", str(folder)]).exit_code == 4
    assert command.invoke(app, ["documents", "remove", "handbook"]).exit_code == 0
    assert (tmp_path / "quillux.toml").read_text() == "# mine\ntenant = 'acme'\n"
    assert (folder / "broken.pdf").exists()
