"""Kinds of FAISS indexes: exact, or faster with some of the neighbours missed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PositiveInt

from modellab.core.options import Options

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

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
