"""Which chunks the users' questions find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from modellab.core.records import Chunk
from modellab.retrieval.protocol import Hit

#: concentration: the share of all uses that falls on this share of the chunks
TOP_SHARE = 0.1


@dataclass(frozen=True)
class Utilisation:
    """How much of a corpus is used.

    `rate` is the share of chunks that at least one question finds; `gini` the inequality of their
    uses (0: all alike, towards 1: all on one chunk); `top_share_of_uses` what falls on the most
    used tenth of all chunks. Both are None where nothing is found. `nothing_found` counts
    questions without a single chunk.
    """

    questions: int
    nothing_found: int
    top_k: int
    total_chunks: int
    used_chunks: int
    unused_chunks: int
    rate: float
    documents: int
    used_documents: int
    gini: float | None
    top_share_of_uses: float | None


@dataclass(frozen=True)
class ChunkUse:
    """How many questions find a chunk, and how many find it first."""

    chunk_id: str
    document_id: str
    title: str
    place: str
    uses: int
    first_places: int


def utilisation(
    found: Sequence[Sequence[Hit]], chunks: Sequence[Chunk], top_k: int
) -> tuple[Utilisation, list[ChunkUse]]:
    """The figures, and every chunk with its uses, the most used first."""
    uses = Counter(hit.row for hits in found for hit in hits)
    firsts = Counter(hits[0].row for hits in found if hits)
    counts = [uses[row] for row in range(len(chunks))]
    used_documents = {chunks[row].document_id for row in uses}
    figures = Utilisation(
        questions=len(found),
        nothing_found=sum(not hits for hits in found),
        top_k=top_k,
        total_chunks=len(chunks),
        used_chunks=len(uses),
        unused_chunks=len(chunks) - len(uses),
        rate=len(uses) / len(chunks),
        documents=len({chunk.document_id for chunk in chunks}),
        used_documents=len(used_documents),
        gini=gini(counts),
        top_share_of_uses=_top_share(counts),
    )
    order = sorted(range(len(chunks)), key=lambda row: (-uses[row], row))
    return figures, [
        ChunkUse(
            chunks[row].id,
            chunks[row].document_id,
            chunks[row].title,
            chunks[row].place,
            uses[row],
            firsts[row],
        )
        for row in order
    ]


def gini(counts: Sequence[int]) -> float | None:
    """The Gini coefficient of some counts, from 0 to 1 - 1/n; None where all are zero."""
    total, size = sum(counts), len(counts)
    if not total:
        return None
    weighted = sum(rank * count for rank, count in enumerate(sorted(counts), start=1))
    return 2 * weighted / (size * total) - (size + 1) / size


def _top_share(counts: Sequence[int]) -> float | None:
    total = sum(counts)
    if not total:
        return None
    most = max(1, round(len(counts) * TOP_SHARE))
    return sum(sorted(counts, reverse=True)[:most]) / total
