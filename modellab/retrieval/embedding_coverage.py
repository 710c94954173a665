"""Whether the vectors of an index belong to the current chunks."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import read_json, read_rows
from modellab.core.records import Chunk
from modellab.retrieval.dense import REPORT, checksums, indexed_checksums
from modellab.retrieval.protocol import RetrieverOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Coverage:
    """Counts of chunks, and shares from 0 to 1.

    `without_vector`: the model gives a vector of zeros; `missing`: not in the index; `stale`: the
    text has changed since; `left_over`: vectors of chunks that are gone. `covered` is the share of
    chunks with a valid vector, `recall` the share of true nearest neighbours that the index finds.
    """

    retriever: str
    index: str
    dimensions: int
    chunks: int
    without_vector: int
    missing: int
    stale: int
    left_over: int
    covered: float
    recall: float


def write_coverage(chunks: Path, indexes: Mapping[str, Path], out: Path) -> list[Coverage]:
    """Write a row per vector index, and warn of chunks that are not covered."""
    texts = read_rows(chunks, Chunk)
    rows = [coverage(name, folder, texts) for name, folder in indexes.items()]
    write_csv(out, [field.name for field in fields(Coverage)], map(asdict, rows))
    for row in rows:
        if row.covered < 1 or row.left_over:
            log.warning(
                "%s: %d of %d chunks without a valid vector (%d unknown to the model, %d missing, "
                "%d stale), %d vectors left over",
                *(row.retriever, row.without_vector + row.missing + row.stale, row.chunks),
                *(row.without_vector, row.missing, row.stale, row.left_over),
            )
    return rows


def coverage(name: str, folder: Path, chunks: Sequence[Chunk]) -> Coverage:
    """Compare the index in `folder` with these chunks."""
    report = read_json(folder / REPORT)
    indexed, now = indexed_checksums(folder), checksums(chunks)
    missing = sum(chunk not in indexed for chunk in now)
    stale = sum(indexed.get(chunk, text) != text for chunk, text in now.items())
    uncovered = report["without_vector"] + missing + stale
    return Coverage(
        retriever=name,
        index=report["index"],
        dimensions=report["dimensions"],
        chunks=len(now),
        without_vector=report["without_vector"],
        missing=missing,
        stale=stale,
        left_over=sum(chunk not in now for chunk in indexed),
        covered=1 - uncovered / len(now),
        recall=report["recall"],
    )


def has_vectors(options: RetrieverOptions) -> bool:
    """Whether a retriever has an index of vectors."""
    return options.indexed and hasattr(options, "embedder")
