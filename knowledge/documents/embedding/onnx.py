"""Vectors by a sentence model that an operator has: a folder with `model.onnx` and `tokenizer.json`."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.documents.embedding.port import Vectors, normal
from knowledge.translation.synonyms.embeddings import EmbeddingsFailed

LONGEST = 512
"""Tokens of a text that are read."""
BATCH = 16


class OnnxSentences:
    """The mean over a model's last layer, as sentence models are made for. Raises ValueError where there is none."""

    kept = True

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        model, words = folder / "model.onnx", folder / "tokenizer.json"
        if not model.is_file() or not words.is_file():
            raise ValueError(f"{folder} holds no model.onnx with its tokenizer.json")
        stamp = "".join(f"{path.name}{path.stat().st_size}{path.stat().st_mtime_ns}" for path in (model, words))
        self.key = f"onnx-{blake2b(stamp.encode(), digest_size=6).hexdigest()}"
        try:
            self._words = Tokenizer.from_file(str(words))
            self._words.enable_truncation(LONGEST)
            self._words.enable_padding()
            self._model = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        except Exception as broken:
            raise ValueError(f"the model in {folder} can't be loaded ({type(broken).__name__})") from broken
        self._wanted = {given.name for given in self._model.get_inputs()}

    def passages(self, texts: Sequence[str]) -> Vectors:
        """A row per text. Raises EmbeddingsFailed."""
        try:
            rows = [self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        except Exception as failed:
            raise EmbeddingsFailed from failed
        return normal(np.concatenate(rows))

    def question(self, text: str) -> Vectors:
        """The same as for a passage."""
        return self.passages([text])

    def _batch(self, texts: Sequence[str]) -> Vectors:
        coded = self._words.encode_batch(list(texts))
        mask = np.array([each.attention_mask for each in coded], np.int64)
        given: dict[str, Any] = {
            "input_ids": np.array([each.ids for each in coded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([each.type_ids for each in coded], np.int64),
        }
        (layer, *_) = self._model.run(None, {name: rows for name, rows in given.items() if name in self._wanted})
        if layer.ndim == 2:
            return np.asarray(layer, np.float32)
        weights = mask[:, :, None].astype(np.float32)
        return np.asarray((layer * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1), np.float32)
