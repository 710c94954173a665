"""Which chunks the users' questions find."""

from __future__ import annotations

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
    import numpy as np

    uses = np.bincount([hit.row for hits in found for hit in hits], minlength=len(chunks))
    firsts = np.bincount([hits[0].row for hits in found if hits], minlength=len(chunks))
    used = np.flatnonzero(uses)
    figures = Utilisation(
        questions=len(found),
        nothing_found=sum(not hits for hits in found),
        top_k=top_k,
        total_chunks=len(chunks),
        used_chunks=len(used),
        unused_chunks=len(chunks) - len(used),
        rate=len(used) / len(chunks),
        documents=len({chunk.document_id for chunk in chunks}),
        used_documents=len({chunks[row].document_id for row in used.tolist()}),
        gini=gini(uses.tolist()),
        top_share_of_uses=_top_share(uses.tolist()),
    )
    rows: list[int] = np.argsort(-uses, kind="stable").tolist()
    return figures, [
        ChunkUse(one.id, one.document_id, one.title, one.place, int(uses[row]), int(firsts[row]))
        for row, one in ((row, chunks[row]) for row in rows)
    ]


def gini(counts: Sequence[int]) -> float | None:
    """The Gini coefficient of some counts, from 0 to 1 - 1/n; None where all are zero."""
    total, size = sum(counts), len(counts)
    if not total:
        return None
    weighted = sum(rank * count for rank, count in enumerate(sorted(counts), start=1))
    return 2 * weighted / (size * total) - (size + 1) / size


def _top_share(counts: Sequence[int]) -> float | None:
    most = max(1, round(len(counts) * TOP_SHARE))
    return sum(sorted(counts, reverse=True)[:most]) / sum(counts) if sum(counts) else None
