"""A folder in the library: versions, copies, rights before ranking, sync."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.asker import Asker
from knowledge.documents.answering import Question, answered
from knowledge.documents.embedding.hashed import HashedWords
from knowledge.documents.library import Library
from knowledge.documents.model import Block, Filter, Folder, Loaded, Rights
from knowledge.documents.parsing import Reader
from knowledge.documents.quoting import alike, literal, packed
from knowledge.documents.store import Store
from knowledge.documents.sync import ACCESS, Report, forget, sync
from knowledge.documents.vectors import Place, VectorShelves
from tests.knowledge.documents import files

ANN = Asker("acme", "ann", ("member",))
BEN = Asker("acme", "ben", ("member", "approver"), ("finance",))
OPEN = Folder("open", "", link="https://wiki.example/open")
CLOSED = Folder("closed", "", Rights(("approver",)))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One process for all tests of this file."""
    with Reader() as made:
        yield made


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """An empty one."""
    embedder = HashedWords()
    place = Place(tmp_path / "vectors")
    return Library(
        Store(tmp_path / "library.sqlite"), embedder, VectorShelves(place, "acme", embedder.key), lambda: "2026"
    )


def text(*paragraphs: str, title: str = "", dated: str = "") -> Loaded:
    return Loaded(
        tuple(Block("text", paragraph) for paragraph in paragraphs), "text", title or paragraphs[0][:20], dated=dated
    )


def synced(library: Library, folder: Path, reader: Reader, name: str = "open") -> Report:
    report = sync(library, Folder(name, str(folder)), reader)
    library.fill()
    return report


def test_what_may_not_be_read_has_no_part_in_what_is_found(library: Library) -> None:
    library.put("open", Rights(), "a.txt", text("Refunds are paid in ten days."))
    library.put("open", Rights(), "b.txt", text("Parcels are sent every day."))
    library.fill()
    before = library.search("refund days", ANN, [OPEN, CLOSED])
    for n in range(20):
        library.put("closed", Rights(), f"{n}.txt", text(f"Refund refund refund days, number {n}."))
        library.put("open", Rights(groups=("finance",)), f"{n}.md", text(f"Refund of days {n} for finance."))
    library.fill()
    after = library.search("refund days", ANN, [OPEN, CLOSED])
    assert [(hit.chunk.id, hit.score, hit.covered) for hit in after] == [
        (hit.chunk.id, hit.score, hit.covered) for hit in before
    ]
    allowed = library.search("refund days", BEN, [OPEN, CLOSED], most=50)
    assert {"open", "closed"} == {hit.chunk.document.folder for hit in allowed}


def test_rights_are_those_of_the_settings_now(library: Library) -> None:
    library.put("open", Rights(), "a.txt", text("Refunds are paid in ten days."))
    library.fill()
    narrowed = Folder("open", "", Rights(groups=("finance",)))
    assert library.search("refunds", ANN, [narrowed]) == []
    assert library.search("refunds", BEN, [narrowed])
    assert library.search("refunds", BEN, []) == []


def test_filters_narrow_before_anything_is_ranked(library: Library) -> None:
    documents = [text(f"Refund rules, edition {n}.", dated="2020-01-01") for n in range(40)]
    for n, document in enumerate(documents):
        library.put("open", Rights(), f"{n}.txt", document)
    library.put("open", Rights(), "late.txt", text("A remark on refund, said late.", dated="2026-01-01"))
    library.fill()
    (hit,) = library.search("refund rules edition", ANN, [OPEN], Filter(since="2025-01-01"))
    assert hit.chunk.document.path == "late.txt"
    assert hit.by_vectors == 1
    assert library.search("refund", ANN, [OPEN], Filter(kinds=("pdf",))) == []


def test_a_changed_file_is_a_new_version_and_its_old_words_are_gone(
    library: Library, reader: Reader, tmp_path: Path
) -> None:
    place = tmp_path / "docs"
    place.mkdir()
    (place / "a.txt").write_text("Refunds take ten days.")
    assert synced(library, place, reader).added == 1
    assert synced(library, place, reader).unchanged == 1
    (place / "a.txt").write_text("Repayments take twelve nights.")
    report = synced(library, place, reader)
    assert (report.changed, report.added) == (1, 0)
    (document,) = library.store.documents()
    assert document.version == 2
    assert [hit.by_words for hit in library.search("days", ANN, [OPEN])] in ([], [0])
    assert library.search("nights", ANN, [OPEN])[0].chunk.text == "Repayments take twelve nights."
    (place / "a.txt").unlink()
    assert synced(library, place, reader).removed == 1
    assert library.search("nights", ANN, [OPEN]) == []


def test_a_touched_file_is_not_read_again(library: Library, reader: Reader, tmp_path: Path) -> None:
    place = tmp_path / "docs"
    place.mkdir()
    (place / "a.txt").write_text("Refunds take ten days.")
    synced(library, place, reader)
    os.utime(place / "a.txt", (1, 1))
    assert synced(library, place, reader).unchanged == 1
    assert library.store.documents()[0].version == 1


def test_a_copy_is_kept_once_and_takes_over_when_its_original_goes(
    library: Library, reader: Reader, tmp_path: Path
) -> None:
    place = tmp_path / "docs"
    place.mkdir()
    (place / "a.txt").write_text("Refunds take ten days.")
    (place / "b.txt").write_text("Refunds  take\r\nten days.")
    report = synced(library, place, reader)
    assert (report.added, report.copies) == (1, 1)
    assert len(library.search("refunds", ANN, [OPEN])) == 1
    (place / "a.txt").unlink()
    synced(library, place, reader)
    assert [hit.chunk.document.path for hit in library.search("refunds", ANN, [OPEN])] == ["b.txt"]


def test_a_file_of_rights_narrows_single_files_and_a_broken_one_changes_nothing(
    library: Library, reader: Reader, tmp_path: Path
) -> None:
    place = tmp_path / "docs"
    (place / "hr").mkdir(parents=True)
    (place / "hr" / "pay.txt").write_text("Engineers are paid in gold.")
    (place / ACCESS).write_text("- path: hr/*\n  groups: [finance]\n")
    synced(library, place, reader)
    assert library.search("engineers gold", ANN, [OPEN]) == []
    assert library.search("engineers gold", BEN, [OPEN])
    assert answered(library, [OPEN], Question("engineers paid gold"), BEN).narrow
    (place / ACCESS).write_text("hr/*: everybody")
    assert synced(library, place, reader).problems[0].path == ACCESS
    assert library.search("engineers gold", ANN, [OPEN]) == []
    (place / ACCESS).unlink()
    synced(library, place, reader)
    assert library.search("engineers gold", ANN, [OPEN])


def test_links_odd_names_and_nesting_are_named_and_the_rest_is_read(
    library: Library, reader: Reader, tmp_path: Path
) -> None:
    place = tmp_path / "docs"
    deep = place.joinpath(*["d"] * 34)
    deep.mkdir(parents=True)
    (place / "good.txt").write_text(files.TEXT)
    (place / "link.txt").symlink_to("/etc/passwd")
    (place / "away").symlink_to("/etc")
    (deep / "low.txt").write_text("low")
    Path(os.fsdecode(os.fsencode(place) + b"/\xff\xfe.txt")).write_text("odd")
    os.mkfifo(place / "pipe.txt")
    report = synced(library, place, reader)
    assert report.added == 1
    assert {problem.path for problem in report.problems} >= {"link.txt", "away", "pipe.txt"}
    assert any("folders deep" in problem.why for problem in report.problems)
    assert any("not UTF-8" in problem.why for problem in report.problems)
    assert synced(library, tmp_path / "nowhere", reader).problems
    assert library.search("delivery", ANN, [OPEN])


def test_a_crash_between_words_and_vectors_is_made_good(library: Library, tmp_path: Path) -> None:
    library.put("open", Rights(), "a.txt", text("Refunds are paid in ten days."))
    assert [hit.by_vectors for hit in library.search("refunds", ANN, [OPEN])] == [0]
    library.fill()
    assert [hit.by_vectors for hit in library.search("refunds", ANN, [OPEN])] == [1]
    assert library.fill() == 0


def test_a_folder_that_is_configured_no_more_is_forgotten(library: Library, reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text(files.TEXT)
    synced(library, tmp_path / "docs", reader)
    assert forget(library, "open") == 1
    library.fill()
    assert library.store.documents() == []
    assert library.search("goods", ANN, [OPEN]) == []


def test_quotes_are_exact_and_carry_their_place(library: Library) -> None:
    paragraphs = ("Parcels leave daily.", f"{files.TEXT} Opened goods are kept. Nothing else is said.")
    library.put("open", Rights(), "a/refund rules.txt", text(*paragraphs, title="Refund rules"))
    library.fill()
    found = answered(library, [OPEN], Question("how many days to return goods", "refund rules"), ANN)
    quote = found.quotes[0].quote
    assert found.sure
    assert literal(quote.text, quote.chunk)
    assert "\n".join(paragraphs)[quote.start : quote.end] == quote.text
    assert found.quotes[0].link == "https://wiki.example/open/a/refund%20rules.txt"
    assert not answered(library, [OPEN], Question("parking in Lisbon"), ANN).sure


def test_what_is_packed_fits_the_budget_says_nothing_twice_and_tells_where_it_is_from(library: Library) -> None:
    for n in range(6):
        library.put(
            "open",
            Rights(),
            f"{n}.txt",
            text("Refunds are paid in ten days.", f"Remark {n} on refunds and number {n * 7}."),
        )
    library.fill()
    hits = library.search("refunds", ANN, [OPEN])
    small, large = packed(hits, 40), packed(hits, 4_000)
    assert sum(len(sentence.text) for _, sentences in small for sentence in sentences) <= 40 * 4
    said = [sentence.text for _, sentences in large for sentence in sentences]
    assert len(said) == len(set(said))
    assert all(sentence.document and sentence.version == 1 for _, sentences in large for sentence in sentences)
    assert alike("Refunds are paid in ten days.", "refunds are paid in ten days")


@pytest.mark.parametrize(
    "words", ['" OR 1=1 --', "NEAR(", "*", "a" * 5_000, "“”", "refund* AND NOT", "\x00", "'; DROP TABLE chunk"]
)
def test_no_words_break_the_search(library: Library, words: str) -> None:
    library.put("open", Rights(), "a.txt", text("Refunds are paid in ten days."))
    library.fill()
    library.search(words, ANN, [OPEN])
    assert library.search("refunds", ANN, [OPEN])
