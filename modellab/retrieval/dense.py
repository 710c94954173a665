"""Dense retrieval: passages whose embedding is similar to the question's.

Similarity is the inner product: the cosine of vectors of length 1 (an embedder's `normalise`, the
default); of other vectors, longer ones score higher.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import dump_json, read_json, write_json
from modellab.core.options import Options
from modellab.core.records import Chunk
from modellab.core.text.languages import AUTO
from modellab.models.embedders.protocol import SetsUp, Setup
from modellab.models.registry import EmbedderEntry
from modellab.retrieval.protocol import Hit, IndexedOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Embedder, EmbedderOptions, Vectors

#: recall is measured on a sample of chunks, for their nearest neighbours
SAMPLE = 200
NEIGHBOURS = 10
#: memory per vector while recall is measured: its scores as float32, twice
_RECALL_BYTES = 2 * 4 * SAMPLE


class FlatOptions(Options):
    """Exact search."""

    kind: Literal["flat"] = Field(description="Exact: every vector is compared.")

    def bytes_per_vector(self) -> int:
        """Memory per vector beside the vector itself, while the index is built."""
        return 0

    def build(self, vectors: Vectors, seed: int) -> Any:
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return index


class IvfOptions(Options):
    """Inverted lists: vectors grouped by their nearest centre; a few groups are searched."""

    kind: Literal["ivf"] = Field(description="Inverted lists, of which the nearest are searched.")
    lists: PositiveInt | None = Field(
        default=None,
        description="The number of lists; default: the square root of the chunks, times 4.",
    )
    probes: PositiveInt = Field(
        default=16, description="The number of lists searched per question."
    )

    def bytes_per_vector(self) -> int:
        """An id, and measuring recall."""
        return 8 + _RECALL_BYTES

    def build(self, vectors: Vectors, seed: int) -> Any:
        import faiss

        lists = min(self.lists or math.ceil(4 * math.sqrt(len(vectors))), len(vectors))
        index = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], lists, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.seed = seed + 1
        index.cp.min_points_per_centroid = 1
        with one_thread():
            index.train(vectors)
            index.add(vectors)
        index.nprobe = min(self.probes, lists)
        return index


class HnswOptions(Options):
    """A graph of neighbours (HNSW)."""

    kind: Literal["hnsw"] = Field(description="A graph of neighbours (HNSW).")
    links: PositiveInt = Field(default=32, ge=2, description="The number of neighbours per vector.")
    build_width: PositiveInt = Field(
        default=200, description="Candidates per vector while it is built (efConstruction)."
    )
    search_width: PositiveInt = Field(
        default=64, description="Candidates per question (efSearch); at least the chunks asked for."
    )

    def bytes_per_vector(self) -> int:
        """Links as int32, twice as many in the lowest layer, and measuring recall."""
        return 2 * 4 * self.links + _RECALL_BYTES

    def build(self, vectors: Vectors, seed: int) -> Any:
        import faiss

        index = faiss.IndexHNSWFlat(vectors.shape[1], self.links, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = self.build_width
        # with several threads the graph would depend on their timing
        with one_thread():
            index.add(vectors)
        index.hnsw.efSearch = self.search_width
        return index


VectorIndexEntry = Annotated[
    FlatOptions | IvfOptions | HnswOptions,
    Field(discriminator="kind"),
]


def recall(index: Any, vectors: Vectors, seed: int) -> float:
    """The share of true nearest neighbours that an index finds, from 0 to 1.

    Measured on a sample of the vectors (n, dimensions) and their `NEIGHBOURS` nearest; vectors
    that tie with the last of these count as found.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    rows = rng.choice(len(vectors), size=min(SAMPLE, len(vectors)), replace=False)
    wanted = min(NEIGHBOURS, len(vectors))
    _, found = index.search(vectors[rows], wanted)
    scores = vectors[rows] @ vectors.T
    least = np.partition(scores, -wanted, axis=1)[:, -wanted]
    # a batch and a single product may differ in the last bit
    slack = 1e-6 * np.maximum(1, np.abs(least))[:, None]
    hit = np.take_along_axis(scores, found, axis=1) >= least[:, None] - slack
    return float((hit & (found >= 0)).mean())


@contextmanager
def one_thread() -> Iterator[None]:
    """Run FAISS with one thread, so that the same vectors make the same index."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


log = logging.getLogger(__name__)

#: in an index's folder: the chunks of its vectors, and measurements from when it was built
CHUNKS = "chunks.json"
REPORT = "report.json"
_VECTORS = "vectors.faiss"
_EMBEDDER = "embedder"
#: queries whose scores are computed together, to bound memory
_BLOCK = 256
#: chunks requested beyond `k`, to see ties
_MORE = 8
#: assumed where an embedder's options do not have them
_DIMENSIONS = 1024
#: relative rounding error of FAISS' own scores
_ROUNDING = 1e-5


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
        """The same options with the embedder itself instead of its name."""
        return self.model_copy(update={"embedder": embedder})

    def build_bytes(self, chunks: int, file_bytes: int) -> int:
        """Vectors of float32 twice: as the embedder makes them, and in the index."""
        dimensions = getattr(self.embedder, "dimensions", None) or _DIMENSIONS
        per_vector = 2 * 4 * dimensions + self.index.bytes_per_vector()
        return super().build_bytes(chunks, file_bytes) + chunks * per_vector

    def build(
        self,
        chunks: Sequence[Chunk],
        folder: Path,
        seed: int,
        journals: Path | None = None,
        language: str = AUTO,
    ) -> None:
        """Fit the embedder on the chunks; write vectors, checksums of the chunks and a report."""
        import faiss

        texts = [chunk.text for chunk in chunks]
        embedder = self._resolved()
        own = folder / _EMBEDDER
        own.mkdir()
        embedder.fit(texts, own, seed)
        vectors = embedder.load(own, journals).embed_passages(texts)
        index = self.index.build(vectors, seed)
        faiss.write_index(index, str(folder / _VECTORS))
        checks = checksums(chunks)  # in the order of the vectors
        with atomic_file(folder / CHUNKS) as handle:
            handle.write(dump_json({"ids": list(checks), "crc32": list(checks.values())}) + "\n")
        report = {
            "index": self.index.kind,
            "vectors": len(vectors),
            "dimensions": int(vectors.shape[1]),
            "without_vector": int((~vectors.any(axis=1)).sum()),
            "neighbours": NEIGHBOURS,
            # an exact search finds every neighbour
            "recall": 1.0 if self.index.kind == "flat" else recall(index, vectors, seed),
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
    """Search in a FAISS index of inner products.

    FAISS proposes chunks, many queries at a time; their scores are then computed again one by one,
    because those of a batch may differ in the last bit between equal chunks and with the number of
    threads.
    """

    def __init__(self, index: Any, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        if hasattr(index, "make_direct_map"):  # inverted lists, which cannot find a row otherwise
            index.make_direct_map()

    @property
    def setup(self) -> Setup:
        """The setup of its embedder."""
        return self._embedder.setup if isinstance(self._embedder, SetsUp) else Setup()

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """A query that the embedder gives a vector of zeros has no hits."""
        import numpy as np

        if not queries:
            return []
        vectors = self._embedder.embed_queries(queries)
        if vectors.shape[1] != self._index.d:
            raise InputError(
                f"the embedder gives vectors of {vectors.shape[1]} dimensions, and the index has "
                f"{self._index.d}: the model has changed; build the index again (-R index)"
            )
        hits: list[list[Hit]] = [[] for _ in queries]
        known = np.flatnonzero(vectors.any(axis=1))
        if len(known):
            self._search(vectors, known, k, k + _MORE, hits)
        return hits

    def _search(
        self,
        vectors: Vectors,
        queries: NDArray[np.intp],
        k: int,
        wanted: int,
        hits: list[list[Hit]],
    ) -> None:
        """Fill in the hits of these queries.

        FAISS returns any of the chunks that tie for the last place. If there may be more of them,
        it is asked again for twice the number.
        """
        import numpy as np

        wanted = min(wanted, self._index.ntotal)
        proposed, rows = self._index.search(vectors[queries], wanted)
        scores = self._scores(vectors[queries], rows)
        # best first; equal scores in chunk order; what was not found (row -1) last
        order = np.lexsort((rows, -scores), axis=1)[:, :k]
        scores, chosen = (np.take_along_axis(made, order, axis=1) for made in (scores, rows))
        slack = _ROUNDING * np.maximum(1, np.abs(proposed[:, -1]))
        whole = (rows[:, -1] < 0) | (proposed[:, -1] < scores[:, -1] - slack)
        whole |= wanted == self._index.ntotal
        made = zip(chosen.tolist(), scores.tolist(), strict=True)
        for query, ended, (own, values) in zip(queries.tolist(), whole, made, strict=True):
            if ended:
                hits[query] = [Hit(*one) for one in zip(own, values, strict=True) if one[0] >= 0]
        if not whole.all():
            self._search(vectors, queries[~whole], k, 2 * wanted, hits)

    def _scores(self, queries: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """Inner products (queries, rows), each summed in the same order whatever the batch."""
        import numpy as np

        scores = np.empty(rows.shape, dtype=np.float32)
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            found = self._index.reconstruct_batch(np.maximum(rows[block], 0).ravel())
            found = found.reshape(*rows[block].shape, -1).astype(np.float64)
            scores[block] = (found * queries[block, None, :]).sum(axis=2)
        scores[rows < 0] = -np.inf
        return scores


def checksums(chunks: Sequence[Chunk]) -> dict[str, int]:
    """By chunk id the CRC-32 of its text: enough to see that a text has changed."""
    return {chunk.id: zlib.crc32(chunk.text.encode()) for chunk in chunks}


def indexed_checksums(folder: Path) -> dict[str, int]:
    """`checksums` of the chunks that the index in `folder` was built from."""
    found = read_json(folder / CHUNKS)
    return dict(zip(found["ids"], found["crc32"], strict=True))
