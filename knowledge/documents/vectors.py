"""Vectors of chunks in Chroma: embedded by default, a server by setting. Loaded at the first use."""

import hashlib
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from knowledge.documents.embedding.port import Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

log = logging.getLogger(__name__)

BATCH = 2_000
GRAPH: "CreateHNSWConfiguration" = {"space": "ip", "ef_construction": 80, "max_neighbors": 16, "ef_search": 120}
"""Vectors have length 1, so the inner product is the cosine. Figures: `python -m bench.documents`."""


class VectorsAway(Exception):
    """The vectors can't be reached; searching goes on by words alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where Chroma keeps its vectors: a folder, or a server's address with a token."""

    folder: Path
    server: str = ""
    token: str = ""


class VectorShelves:
    """A collection of Chroma for each shelf and embedder: who may not read a shelf never searches in its collection."""

    def __init__(self, place: Place, tenant: str, key: str) -> None:
        self._place = place
        self._name = hashlib.blake2b(f"{tenant}\x00{key}".encode(), digest_size=6).hexdigest()
        self._lock = threading.Lock()
        self._client: ClientAPI | None = None
        self._open: dict[int, Collection] = {}

    def put(self, shelf: int, numbers: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors under the numbers of their chunks. Raises VectorsAway."""
        try:
            collection = self._collection(shelf)
            for at in range(0, len(numbers), BATCH):
                collection.upsert(
                    ids=[str(number) for number in numbers[at : at + BATCH]], embeddings=vectors[at : at + BATCH]
                )
        except Exception as away:
            raise self._away(away) from away

    def drop(self, shelf: int, numbers: Sequence[int]) -> None:
        """Forget vectors. Raises VectorsAway."""
        try:
            collection = self._collection(shelf)
            for at in range(0, len(numbers), BATCH):
                collection.delete(ids=[str(number) for number in numbers[at : at + BATCH]])
        except Exception as away:
            raise self._away(away) from away

    def near(
        self, shelf: int, vector: Vectors, most: int, only: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """The nearest chunks with their likeness, the nearest first, of `only` these if given. Raises VectorsAway."""
        if only is not None and not only:
            return []
        among: dict[str, Any] = {} if only is None else {"ids": [str(number) for number in only]}
        try:
            found = self._collection(shelf).query(
                query_embeddings=vector, n_results=most, include=["distances"], **among
            )
        except Exception as away:
            raise self._away(away) from away
        distances = found["distances"] or [[]]
        return [(int(id), 1.0 - float(far)) for id, far in zip(found["ids"][0], distances[0], strict=True)]

    def reopen(self) -> None:
        """See what another process has changed: Chroma in a folder reads its files once, when it is opened."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._open.clear()
        if self._client is not None:
            with suppress(Exception):
                self._client.close()  # type: ignore[attr-defined]  # of the client, not of its port
        self._client = None

    def _collection(self, shelf: int) -> "Collection":
        with self._lock:
            if shelf not in self._open:
                if self._client is None:
                    self._client = _connected(self._place)
                self._open[shelf] = self._client.get_or_create_collection(
                    f"quillux-{self._name}-{shelf}", embedding_function=None, configuration={"hnsw": GRAPH}
                )
            return self._open[shelf]

    def _away(self, error: Exception) -> VectorsAway:
        log.warning("vectors can't be reached: %s", type(error).__name__)
        with self._lock:
            self._close()
        return VectorsAway(type(error).__name__)


def _connected(place: Place) -> "ClientAPI":
    import chromadb
    from chromadb.config import Settings

    quiet = Settings(anonymized_telemetry=False)
    if not place.server:
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return chromadb.PersistentClient(str(place.folder), quiet)
    at = urlsplit(place.server)
    headers = {"Authorization": f"Bearer {place.token}"} if place.token else {}
    secure = at.scheme == "https"
    return chromadb.HttpClient(at.hostname or "", at.port or (443 if secure else 8000), secure, headers, quiet)
