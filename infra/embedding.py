"""What makes the vectors of documents, as the settings say."""

from pathlib import Path

from conversation.errors import OperatorError
from infra.settings import Settings
from knowledge.documents.embedding.port import Embedder


def embedder(settings: Settings) -> Embedder:
    """By `library.embeddings`: words (no file), vectors (a file of word vectors), onnx (a folder), or a LangChain name.

    Raises OperatorError where it can't be used.
    """
    chosen, path = settings.library.embeddings, Path(settings.library.path or settings.answers.vectors)
    try:
        match chosen:
            case "words":
                from knowledge.documents.embedding.hashed import HashedWords

                return HashedWords()
            case "vectors":
                from knowledge.documents.embedding.static import StaticWords

                return StaticWords(path)
            case "onnx":
                from knowledge.documents.embedding.onnx import OnnxSentences

                return OnnxSentences(path)
        from knowledge.documents.embedding.provider import ProviderSentences

        return ProviderSentences(chosen, settings.library.base_url, settings.library.api_key.get_secret_value())
    except (OSError, ValueError, ImportError) as wrong:
        raise OperatorError(
            f"`library.embeddings` = {chosen!r} can't be used: {wrong}.",
            unchanged="No document was read.",
            next_step="Correct [library], or set it to `words`, which needs nothing.",
        ) from wrong
