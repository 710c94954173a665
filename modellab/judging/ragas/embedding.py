"""An embedder of ours as the embedding model that RAGAS asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from modellab.models.embedders.protocol import Embedder, EmbedderOptions


@contextmanager
def opened_embedder(options: EmbedderOptions, texts: Sequence[str], seed: int) -> Iterator[Any]:
    """The embedder, fitted on the texts if it learns, in the class that RAGAS wants."""
    with TemporaryDirectory(prefix="modellab-embedder-") as name:
        folder = Path(name)
        options.fit(texts, folder, seed)
        yield _embedding_class()(options.load(folder))


@cache
def _embedding_class() -> Any:
    from ragas.embeddings.base import BaseRagasEmbedding

    class EmbedderEmbedding(BaseRagasEmbedding):  # type: ignore[misc, unused-ignore]
        def __init__(self, embedder: Embedder) -> None:
            super().__init__()
            self._embedder = embedder
            self._known: dict[str, list[float]] = {}

        def embed_text(self, text: str, **_: Any) -> list[float]:
            return self.embed_texts([text])[0]

        async def aembed_text(self, text: str, **_: Any) -> list[float]:
            return self.embed_text(text)

        def embed_texts(self, texts: Sequence[str], **_: Any) -> list[list[float]]:
            # what is compared are questions with questions, answers with answers: one side only
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if new:
                vectors = self._embedder.embed_queries(new).astype(float).tolist()
                self._known.update(zip(new, vectors, strict=True))
            return [self._known[text] for text in texts]

        async def aembed_texts(self, texts: Sequence[str], **_: Any) -> list[list[float]]:
            return self.embed_texts(texts)

    return EmbedderEmbedding
