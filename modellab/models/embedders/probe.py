"""A fixed text, whose vector tells that a server's embedding model is another one than before.

Vectors of two models are of two spaces: questions of one find no passages of the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.embedders.vector_journal import VectorJournal

TEXT = "The quick brown fox jumps over the lazy dog; 0123456789."
FILE = "probe.json"
#: the smallest cosine of the same weights: batches and precision of a cache move a vector less
SAME = 0.999


def check_probe(vectors: Vectors, folder: Path, journal: VectorJournal | None) -> None:
    """Compare the text's vector with the one beside an index, and the one among kept vectors.

    The latter is kept where there is none. Raises InputError where one is of another model.
    """
    kept = folder / FILE
    if kept.is_file():
        _compare(vectors[0], read_json(kept), folder, "build the index again (-R index)")
    if journal is None:
        return
    known, new = journal.find([TEXT])
    if known is None or new:
        journal.append([TEXT], vectors)
    else:
        _compare(vectors[0], known[0], journal.path, "delete it and build the index (-R index)")


def keep_probe(folder: Path, journal: VectorJournal | None) -> None:
    """Put the text's vector beside an index that is being built of kept vectors."""
    known, new = journal.find([TEXT]) if journal else (None, [0])
    if known is not None and not new and not (folder / FILE).exists():
        write_json(folder / FILE, known[0].tolist())


def _compare(vector: Vectors, before: object, where: Path, remedy: str) -> None:
    import numpy as np

    old, now = np.asarray(before, dtype=np.float64), np.asarray(vector, dtype=np.float64)
    same_length = old.shape == now.shape
    lengths = float(np.linalg.norm(old) * np.linalg.norm(now)) if same_length else 0.0
    cosine = float(old @ now) / lengths if lengths else 0.0
    if cosine < SAME:
        raise InputError(
            f"the embedding model is not the one that made the vectors in {where}: a fixed text's "
            f"vector is another one (cosine {cosine:.3f}); serve that model again, or {remedy}"
        )
