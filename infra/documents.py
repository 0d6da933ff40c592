"""The library of documents as the settings say, and how it is kept up to date."""

import asyncio
import logging
import multiprocessing
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from infra.settings import Settings
from infra.store.tables import now
from infra.telemetry.logs import configure
from knowledge.asker import Asker
from knowledge.documents.model import Folder, Problem, Rights

if TYPE_CHECKING:
    from knowledge.documents.answering import Answer, Question
    from knowledge.documents.library import Library
    from knowledge.documents.sync import Report
    from knowledge.enrichment import Passage

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

Told = Callable[[str, int, int, str], None]
PASSAGES = 5_000
"""Chunks that are looked through for definitions."""
FIRST = 20.0
"""Seconds after its start at which a worker looks at the folders first."""


def folders(settings: Settings) -> tuple[Folder, ...]:
    """The configured folders."""
    return tuple(
        Folder(each.name, str(each.path), Rights(each.roles, each.groups), each.link) for each in settings.documents
    )


def open_library(settings: Settings) -> "Library":
    """The library in the data folder; Chroma itself is loaded at the first search. Raises OperatorError."""
    from infra.embedding import embedder
    from knowledge.documents.library import Library
    from knowledge.documents.store import Store
    from knowledge.documents.vectors import Place, VectorShelves

    made = embedder(settings)
    chosen = settings.library
    place = Place(settings.data / "vectors", chosen.chroma, chosen.chroma_token.get_secret_value())
    return Library(
        Store(settings.data / "documents.sqlite"), made, VectorShelves(place, settings.tenant, made.key), now
    )


class LibraryDocuments:
    """`knowledge.documents.answering.Documents` over the library, in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folders = folders(settings)

    @cached_property
    def library(self) -> "Library":
        """Opened at the first use."""
        return open_library(self._settings)

    async def answer(self, question: "Question", asker: Asker) -> "Answer":
        """Quotes for a question, of what this person may read now."""
        return await asyncio.to_thread(self._answer, question, asker)

    def _answer(self, question: "Question", asker: Asker) -> "Answer":
        from knowledge.documents.answering import answered

        return answered(self.library, self._folders, question, asker)


def synchronise(settings: Settings, names: Sequence[str] = (), told: Told = lambda *_: None) -> "list[Report]":
    """Bring folders into the library, all where no name is given; what is configured no more is forgotten. Blocking.

    One sync at a time: where another is at work nothing is done, and the reports are empty.
    """
    from knowledge.documents.parsing import Reader
    from knowledge.documents.sync import forget, sync
    from knowledge.documents.vectors import VectorsAway
    from knowledge.translation.synonyms.embeddings import EmbeddingsFailed

    if not settings.documents and not (settings.data / "documents.sqlite").exists():
        return []
    settings.data.mkdir(parents=True, exist_ok=True)
    with _alone(settings.data / "documents.lock") as alone:
        if not alone:
            return []
        library = open_library(settings)
        known = folders(settings)
        for name in library.store.folders() - {folder.name for folder in known}:
            forget(library, name)
        with Reader() as reader:
            reports = [
                sync(library, folder, reader, partial(told, folder.name))
                for folder in known
                if not names or folder.name in names
            ]
        try:
            library.fill(lambda made: told("vectors", made, 0, ""))
        except (VectorsAway, EmbeddingsFailed) as away:
            why = str(away) or "no embeddings"
            reports[0:1] = [_without_vectors(report, why) for report in reports[0:1]]
    return reports


def _without_vectors(report: "Report", why: str) -> "Report":
    report.problems.append(Problem("", f"The vectors can't be reached ({why}): documents are found by words alone."))
    return report


def passages(settings: Settings) -> "Callable[[], Awaitable[Sequence[Passage]]]":
    """Gives the text of documents that everybody may read; empty where no such folder is configured."""
    open_to_all = {folder.name for folder in folders(settings) if folder.rights.everybody}

    def read() -> "Sequence[Passage]":
        from knowledge.documents.store import Store
        from knowledge.enrichment import Passage

        file = settings.data / "documents.sqlite"
        if not open_to_all or not file.exists():
            return ()
        chunks = Store(file).for_everybody(open_to_all, PASSAGES)
        return [Passage(chunk.text, " › ".join((chunk.document.title, *chunk.headings))) for chunk in chunks]

    return lambda: asyncio.to_thread(read)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether nobody else holds the lock of this file; it is held inside."""
    with path.open("wb") as held:
        if sys.platform != "win32":
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
        yield True


@asynccontextmanager
async def kept_in_step(settings: Settings) -> AsyncIterator[None]:
    """While inside, the folders are looked at every so many hours, in a process of its own."""
    if not settings.documents or settings.library.hours <= 0:
        yield
        return
    chore = asyncio.create_task(_go_on(settings))
    try:
        yield
    finally:
        chore.cancel()
        with suppress(asyncio.CancelledError):
            await chore


async def _go_on(settings: Settings) -> None:
    await asyncio.sleep(FIRST if (settings.data / "documents.sqlite").exists() else 0)
    while True:
        # Spawned: this process has threads, and what a sync takes of memory ends with it.
        process = multiprocessing.get_context("spawn").Process(target=_synchronised, args=(settings,), daemon=True)
        process.start()
        try:
            await asyncio.to_thread(process.join)
        finally:
            process.terminate()  # what a sync has done stands, wherever it is ended
        if process.exitcode:
            log.warning("the documents could not be looked at", extra={"code": process.exitcode})
        await asyncio.sleep(settings.library.hours * 3600 * random.uniform(1, 1.2))  # noqa: S311 - a pause


def _synchronised(settings: Settings) -> None:
    configure(settings.server.log, settings.server.log_level)
    for report in synchronise(settings):
        log.info("documents looked at: %s", report.text())
        for problem in report.problems:
            log.warning("not read", extra={"folder": report.folder, "path": problem.path, "why": problem.why})
