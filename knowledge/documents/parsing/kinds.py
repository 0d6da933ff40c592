"""Which parser reads which file."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from knowledge.documents.model import Block, Loaded, Problem
from knowledge.documents.parsing import exports, markup, office, pdf, plain
from knowledge.documents.parsing.limits import Limits, Unreadable

_PARSERS: dict[str, Callable[[bytes, Limits], Loaded]] = {
    ".pdf": pdf.pdf,
    ".docx": office.word,
    ".docm": office.word,
    ".pptx": office.slides,
    ".xlsx": office.workbook,
    ".xlsm": office.workbook,
    ".csv": office.separated,
    ".tsv": office.separated,
    ".html": markup.html,
    ".htm": markup.html,
    ".xhtml": markup.html,
    ".aspx": markup.html,
    ".md": plain.markdown,
    ".markdown": plain.markdown,
    ".txt": plain.plain,
    ".text": plain.plain,
    ".rst": plain.plain,
    ".log": plain.plain,
}
ARCHIVE = ".zip"
ENDINGS = frozenset((*_PARSERS, ARCHIVE))


def parse(name: str, data: bytes, limits: Limits) -> Loaded | None:
    """One document by the ending of its name; None for a kind that is not read. Raises Unreadable."""
    path = PurePosixPath(name)
    parser = _PARSERS.get(path.suffix.lower())
    if parser is None:
        return None
    try:
        loaded = parser(data, limits)
    except (RecursionError, MemoryError) as deep:
        raise Unreadable("It is nested too deeply, or takes too much memory.") from deep
    except Unreadable:
        raise
    except Exception as broken:
        raise Unreadable(f"It is broken ({type(broken).__name__}).") from broken
    title = loaded.title or path.stem.replace("_", " ").replace("-", " ").strip()
    blocks = _without_title(loaded.blocks, title)
    if not any(block.text or block.rows for block in blocks):
        raise Unreadable("It holds no text.")
    return Loaded(blocks, loaded.kind, title[:300], loaded.author[:200], loaded.dated, loaded.inner)


def documents(name: str, data: bytes, limits: Limits) -> Iterator[Loaded | Problem]:
    """Every document of a file: one, or those of an archive. Raises Unreadable where the whole file is not read."""
    if name.lower().endswith(ARCHIVE):
        yield from exports.archive(data, limits, parse)
        return
    loaded = parse(name, data, limits)
    if loaded is not None:
        yield loaded


def _without_title(blocks: tuple[Block, ...], title: str) -> tuple[Block, ...]:
    """The blocks without a first heading that only says the title again; more than one top heading stays."""
    first = blocks[0] if blocks else None
    if first is None or first.kind != "heading" or first.text.casefold() != title.casefold() or len(blocks) == 1:
        return blocks
    alone = sum(block.kind == "heading" and block.level <= first.level for block in blocks) == 1
    return blocks[1:] if alone else blocks
