"""Every kind of file as blocks, and every hostile file named."""

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from knowledge.documents.model import Loaded, Problem
from knowledge.documents.parsing import Reader
from knowledge.documents.parsing.kinds import documents, parse
from knowledge.documents.parsing.limits import Limits, Unreadable
from tests.knowledge.documents import files

LIMITS = Limits()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One process for all tests of this file."""
    with Reader(Limits(file_bytes=2_000_000, unpacked_bytes=20_000_000, seconds=60)) as made:
        yield made


def loaded(path: Path) -> Loaded:
    """A file that is whole."""
    found = parse(path.name, path.read_bytes(), LIMITS)
    assert found is not None
    return found


def texts(found: Loaded) -> list[str]:
    return [block.text or " | ".join(" ".join(row) for row in block.rows) for block in found.blocks]


def test_a_pdf_has_its_pages_and_headings_and_not_the_lines_of_its_layout(tmp_path: Path) -> None:
    files.pdf(tmp_path / "a.pdf")
    found = loaded(tmp_path / "a.pdf")
    assert found.title == "Handbook"
    assert [(block.text, block.page) for block in found.blocks if block.kind == "heading"] == [
        (f"{page} Chapter of returns", page) for page in range(1, 5)
    ]
    assert not [text for text in texts(found) if "Acme internal" in text]
    assert files.TEXT in texts(found)[1]


def test_a_word_file_keeps_headings_lists_tables_and_who_wrote_it(tmp_path: Path) -> None:
    files.word(tmp_path / "a.docx")
    found = loaded(tmp_path / "a.docx")
    assert (found.title, found.author) == ("Returns", "Finance")
    assert [block.kind for block in found.blocks] == ["heading", "heading", "text", "item", "table"]
    assert found.blocks[4].rows == (("Country", "Days"), ("France", "30"))


def test_slides_are_pages_and_sheets_are_tables(tmp_path: Path) -> None:
    files.slides(tmp_path / "a.pptx")
    files.workbook(tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text("Country;Days\nFrance;30\n")
    deck, book, table = (loaded(tmp_path / name) for name in ("a.pptx", "a.xlsx", "a.csv"))
    assert [(block.text, block.page) for block in deck.blocks][-1] == (files.TEXT, 2)
    assert book.blocks[-1].rows == table.blocks[-1].rows == (("Country", "Days"), ("France", "30"))


def test_of_a_page_only_what_a_reader_sees_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(files.PAGE)
    found = loaded(tmp_path / "a.html")
    assert (found.title, found.author) == ("Shipping", "Ops")
    assert texts(found) == ["Parcels leave daily.", "Costs", "Order Cost | small 4.90"]


def test_markdown_keeps_its_structure_and_drops_its_marks() -> None:
    text = (
        "---\ntitle: Rules\ndate: 2026-01-02\n---\n# One\n**bold** [link](https://x.example)\n\n- a\n  more\n- b\n\n"
        "```\nx = 1\n```\n\n|h|i|\n|-|-|\n|1|2|\n"
    )
    found = parse("a.md", text.encode(), LIMITS)
    assert found is not None
    assert (found.title, found.dated) == ("Rules", "2026-01-02")
    assert texts(found) == ["One", "bold link", "a more", "b", "x = 1", "h i | 1 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_in_other_encodings_are_read(encoding: str) -> None:
    found = parse("a.txt", "Größe über alles".encode(encoding), LIMITS)
    assert found is not None
    assert texts(found) == ["Größe über alles"]


def test_what_can_not_be_seen_is_not_kept() -> None:
    found = parse("a.txt", "pay\u200bment \u202eevil\u202c a\x00b\x1b[31m tag\U000e0041".encode(), LIMITS)
    assert found is not None
    assert texts(found) == ["payment evil ab[31m tag"]


def test_an_export_of_confluence_gives_its_current_pages() -> None:
    body = files.packed({"entities.xml": files.CONFLUENCE})
    (page,) = documents("space.zip", body, LIMITS)
    assert isinstance(page, Loaded)
    assert (page.title, page.dated) == ("Travel", "2026-02-03")
    assert texts(page) == ["Trains", "Book second class.", "Keep the ticket."]


def test_a_zip_gives_its_documents_and_names_what_it_may_not_hold() -> None:
    entries: dict[str, bytes | str] = {
        "space/Travel_1.html": files.PAGE, "index.html": "<p>Space</p>", "../../etc/cron.d/x.txt": "evil",
        "inner.zip": files.packed({"a.txt": "x"}), "broken.pdf": b"%PDF-1.7 nothing", "/abs.txt": "evil",
        "notes.txt": files.TEXT,
        "picture.png": b"\x89PNG",
    }  # fmt: skip
    found = list(documents("share.zip", files.packed(entries), LIMITS))
    assert [one.inner for one in found if isinstance(one, Loaded)] == ["space/Travel_1.html", "notes.txt"]
    assert {one.path for one in found if isinstance(one, Problem)} == {
        "../../etc/cron.d/x.txt", "inner.zip", "broken.pdf", "/abs.txt",
    }  # fmt: skip


def test_hostile_files_are_each_named_and_the_next_one_is_read(reader: Reader, tmp_path: Path) -> None:
    files.pdf(tmp_path / "locked.pdf", password="key")
    files.archive(tmp_path / "bomb.zip", {"a.txt": b"0" * 10_000_000})
    files.archive(tmp_path / "bomb.docx", {"word/document.xml": b" " * 10_000_000})
    files.archive(tmp_path / "laughs.docx", {"word/document.xml": files.ENTITIES})
    files.archive(tmp_path / "outside.xlsx", {"xl/workbook.xml": files.OUTSIDE.encode("utf-16")})
    files.archive(tmp_path / "outside.zip", {"entities.xml": files.OUTSIDE})
    (tmp_path / "old.docx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (tmp_path / "half.docx").write_bytes(b"PK\x03\x04 half of it")
    (tmp_path / "deep.html").write_text("<div>" * 60_000 + "deep")
    (tmp_path / "huge.txt").write_bytes(b"")
    os.truncate(tmp_path / "huge.txt", 500 * 1024 * 1024)
    (tmp_path / "noise.pdf").write_bytes(random.Random(1).randbytes(50_000))
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.txt")
    for path in sorted(tmp_path.iterdir()):
        found = reader.read(path)
        assert all(isinstance(one, Problem) for one in found) or path.name == "deep.html", path.name
        assert found, path.name
        assert "root:" not in str(found)
    (tmp_path / "good.txt").write_text(files.TEXT)
    (good,) = reader.read(tmp_path / "good.txt")
    assert isinstance(good, Loaded)


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(files.TEXT)
    with Reader(Limits(seconds=0.0)) as hasty:
        (slow,) = hasty.read(tmp_path / "good.txt")
    assert isinstance(slow, Problem)
    assert "took more than 0 seconds" in slow.why


def test_the_process_that_parses_has_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QUILLUX_MODEL__API_KEY", "k")
    with Reader() as made:
        made.read(tmp_path / "none.txt")
        assert made._process is not None
        assert b"QUILLUX_MODEL" not in Path(f"/proc/{made._process.pid}/environ").read_bytes()


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.html", "a.md", "a.csv", "a.zip", "a.txt"])
def test_any_bytes_are_read_or_refused_and_nothing_else(name: str) -> None:
    rng = random.Random(name)
    for start in (b"", b"%PDF-1.5\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"\xd0\xcf\x11\xe0"):
        body = start + rng.randbytes(rng.randrange(300))
        with suppress(Unreadable):
            list(documents(name, body, LIMITS))
