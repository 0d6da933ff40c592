"""Vectors by a provider that LangChain speaks; asked over the network, so every vector is kept."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.documents.embedding.port import Vectors, normal
from knowledge.translation.synonyms.embeddings import EmbeddingsFailed

BATCH = 64


class ProviderSentences:
    """`name` is `provider:model`, as LangChain's `init_embeddings` takes it. Raises ValueError or ImportError."""

    kept = True

    def __init__(self, name: str, base_url: str = "", api_key: str = "") -> None:
        if ":" not in name:
            raise ValueError("it is neither words, vectors, onnx nor PROVIDER:MODEL")
        try:
            from langchain.embeddings import init_embeddings
        except ImportError as missing:
            raise ImportError("the package langchain is not installed; install quillux[models]") from missing
        given = {"base_url": base_url} if base_url else {}
        given |= {"api_key": api_key} if api_key else {}
        try:
            self._model: Any = init_embeddings(name, **given)
        except Exception as wrong:
            raise ValueError(f"the provider does not take these settings ({type(wrong).__name__})") from wrong
        self.key = f"provider-{name}"

    def passages(self, texts: Sequence[str]) -> Vectors:
        """A row per text. Raises EmbeddingsFailed."""
        return self._rows(
            lambda: [
                row
                for at in range(0, len(texts), BATCH)
                for row in self._model.embed_documents(list(texts[at : at + BATCH]))
            ]
        )

    def question(self, text: str) -> Vectors:
        """The row of a question, which some models make in another way. Raises EmbeddingsFailed."""
        return self._rows(lambda: [self._model.embed_query(text)])

    @staticmethod
    def _rows(made: Any) -> Vectors:
        try:
            return normal(np.asarray(made(), np.float32))
        except Exception as failed:
            raise EmbeddingsFailed(type(failed).__name__) from failed
