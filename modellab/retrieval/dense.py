"""Dense retrieval: passages whose vectors point the way of the question's vector.

Vectors are compared by inner product: of vectors at length 1 (an embedder's `normalise`, the
default) that is their cosine, and of others longer ones count for more.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from modellab.errors import InputError
from modellab.records import Chunk
from modellab.retrieval.embedders import EmbedderEntry
from modellab.retrieval.protocol import Hit, IndexedOptions
from modellab.retrieval.vector_index import NEIGHBOURS, FlatOptions, VectorIndexEntry, recall
from modellab.storage.jsonl import write_json

if TYPE_CHECKING:
    from modellab.retrieval.embedders.protocol import Embedder, EmbedderOptions, Vectors

log = logging.getLogger(__name__)

#: in an index's folder: the chunks that its vectors are of, and what was measured when it was built
CHUNKS = "chunks.json"
REPORT = "report.json"
_VECTORS = "vectors.faiss"
_EMBEDDER = "embedder"


class DenseOptions(IndexedOptions):
    """Finds chunks by the inner product of their vector with the question's vector."""

    kind: Literal["dense"] = Field(description="Search by embedding vectors.")
    embedder: str | EmbedderEntry = Field(
        description="The name of an entry of `embedders`, or such an entry itself."
    )
    index: VectorIndexEntry = Field(
        default=FlatOptions(kind="flat"), description="How vectors are searched; default: exactly."
    )

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        """The same options with the embedder itself in the place of its name."""
        return self.model_copy(update={"embedder": embedder})

    def build(
        self, chunks: Sequence[Chunk], folder: Path, seed: int, journals: Path | None = None
    ) -> None:
        """Fit the embedder on the chunks, and write their vectors, which chunks they are of, and
        the share of nearest neighbours that the index finds."""
        import faiss

        texts = [chunk.text for chunk in chunks]
        embedder = self._resolved()
        own = folder / _EMBEDDER
        own.mkdir()
        embedder.fit(texts, own, seed)
        vectors = embedder.load(own, journals).embed_passages(texts)
        index = self.index.build(vectors, seed)
        faiss.write_index(index, str(folder / _VECTORS))
        write_json(folder / CHUNKS, chunk_digests(chunks))
        report = {
            "index": self.index.kind,
            "vectors": len(vectors),
            "dimensions": int(vectors.shape[1]),
            "without_vector": int((~vectors.any(axis=1)).sum()),
            "neighbours": NEIGHBOURS,
            "recall": recall(index, vectors, seed),
        }
        write_json(folder / REPORT, report)
        log.info("%s", ", ".join(f"{name}: {value}" for name, value in report.items()))

    def load(self, folder: Path, journals: Path | None = None) -> DenseSearcher:
        import faiss

        index = faiss.read_index(str(folder / _VECTORS))
        embedder = self._resolved().load(folder / _EMBEDDER, journals)
        return DenseSearcher(index, embedder)

    def _resolved(self) -> EmbedderOptions:
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name: call with_embedder first")
        return self.embedder


class DenseSearcher:
    """Search in a FAISS index of inner products."""

    def __init__(self, index: Any, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """A query that the embedder knows nothing of has no hits."""
        if not queries:
            return []
        vectors = self._embedder.embed_queries(queries)
        if vectors.shape[1] != self._index.d:
            raise InputError(
                f"the embedder gives vectors of {vectors.shape[1]} dimensions, and the index has "
                f"{self._index.d}: it is another model now; build the index anew (-R index)"
            )
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
        while wanted < total and rows[0, -1] >= 0 and scores[0, -1] == scores[0, k - 1]:
            wanted = min(2 * wanted, total)
            scores, rows = self._index.search(vector, wanted)
        found = zip(rows[0], scores[0], strict=True)
        # an index that is not exact may find fewer than it was asked for, and says -1
        hits = [Hit(int(row), float(score)) for row, score in found if row >= 0]
        return sorted(hits, key=lambda hit: (-hit.score, hit.row))[:k]


def chunk_digests(chunks: Sequence[Chunk]) -> list[list[str]]:
    """Id and SHA-256 of the text of each chunk, in the order of the vectors."""
    return [[chunk.id, hashlib.sha256(chunk.text.encode()).hexdigest()] for chunk in chunks]
