"""Dense retrieval: passages whose vectors point the way of the question's vector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from modellab.records import Chunk
from modellab.retrieval.embedders import EmbedderEntry
from modellab.retrieval.protocol import Hit, IndexedOptions

if TYPE_CHECKING:
    from modellab.retrieval.embedders.protocol import Embedder, EmbedderOptions, Vectors

_VECTORS = "vectors.faiss"
_EMBEDDER = "embedder"


class DenseOptions(IndexedOptions):
    """Finds chunks by the cosine of their vector with the question's vector."""

    kind: Literal["dense"] = Field(description="Search by the cosine of embedding vectors.")
    embedder: str | EmbedderEntry = Field(
        description="The name of an entry of `embedders`, or such an entry itself."
    )

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        """The same options with the embedder itself in the place of its name."""
        return self.model_copy(update={"embedder": embedder})

    def build(self, chunks: Sequence[Chunk], folder: Path, seed: int) -> None:
        """Fit the embedder on the chunks and write their vectors."""
        import faiss

        texts = [chunk.text for chunk in chunks]
        embedder = self._resolved()
        own = folder / _EMBEDDER
        own.mkdir()
        embedder.fit(texts, own, seed)
        vectors = embedder.load(own).embed_passages(texts)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / _VECTORS))

    def load(self, folder: Path) -> DenseSearcher:
        import faiss

        index = faiss.read_index(str(folder / _VECTORS))
        return DenseSearcher(index, self._resolved().load(folder / _EMBEDDER))

    def _resolved(self) -> EmbedderOptions:
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name: call with_embedder first")
        return self.embedder


class DenseSearcher:
    """Exact search in a FAISS index of inner products."""

    def __init__(self, index: Any, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """A query that the embedder knows nothing of has no hits."""
        if not queries:
            return []
        vectors = self._embedder.embed_queries(queries)
        return [self._search(vectors[row : row + 1], k) for row in range(len(queries))]

    def _search(self, vector: Vectors, k: int) -> list[Hit]:
        """One query at a time: in a batch, equal chunks may get scores that differ in a last bit.

        FAISS takes any of the chunks that tie for the last place, so more are asked for until
        the tie is seen whole; then the first ones of it are taken.
        """
        if not vector.any():
            return []
        total = self._index.ntotal
        wanted = min(k + 1, total)
        scores, rows = self._index.search(vector, wanted)
        while wanted < total and scores[0, -1] == scores[0, k - 1]:
            wanted = min(2 * wanted, total)
            scores, rows = self._index.search(vector, wanted)
        hits = [Hit(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.row))[:k]
