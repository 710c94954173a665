"""Pretrained embedding models, in this process or behind a server."""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.progress import PROGRESS
from modellab.models.embedders.protocol import EmbedderOptions, Setup, as_float32
from modellab.models.embedders.vector_journal import VectorJournal

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

log = logging.getLogger(__name__)
progress = logging.getLogger(PROGRESS)

#: a fixed text whose vector shows that a server's model was replaced: vectors of two models are of
#: two spaces, where questions of one find no passages of the other
PROBE_TEXT = "The quick brown fox jumps over the lazy dog; 0123456789."
PROBE_FILE = "probe.json"
#: minimum cosine for the same weights: batching and cached precision change a vector less
SAME_COSINE = 0.999
#: characters of a text in a message about it
_EXCERPT = 80

#: texts to vectors (texts, dimensions), as the model gives them
Encode = Callable[[Sequence[str]], "Vectors"]


class PretrainedOptions(EmbedderOptions):
    """Common base of pretrained models. Each vector is computed once and kept."""

    #: whether a server has the model, which may replace it unnoticed
    behind_server: ClassVar[bool] = False
    #: number of batches that the model gets at a time, and whose vectors are kept together
    batches_at_once: ClassVar[int] = 1

    query_prefix: str = Field(
        default="",
        description="What precedes a question, such as `query: `.",
    )
    passage_prefix: str = Field(
        default="",
        description="What precedes a passage, such as `passage: `.",
    )
    batch_size: PositiveInt = Field(default=32, description="How many texts are embedded at once.")

    @abstractmethod
    def fingerprint(self) -> Mapping[str, Any]:
        """All that decides a text's vector, as plain JSON. Raises InputError."""

    @abstractmethod
    def encoder(self) -> AbstractContextManager[Encode]:
        """The model while it is loaded. Raises InputError where it cannot be."""

    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Nothing to learn: the model is pretrained."""

    def load(self, folder: Path, journals: Path | None = None) -> PretrainedEmbedder:
        """`journals` is the folder in which vectors are kept; None keeps none."""
        return PretrainedEmbedder(self, folder, journals)


class PretrainedEmbedder:
    """Loads its model only if a text is new."""

    def __init__(self, options: PretrainedOptions, folder: Path, journals: Path | None) -> None:
        self._options = options
        self._folder = folder
        self.setup = Setup()
        self._journal = VectorJournal(journals, options.fingerprint()) if journals else None

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = self._embed([self._options.passage_prefix + text for text in texts])
        probe = self._folder / PROBE_FILE
        if self._options.behind_server and self._journal and not probe.exists():
            known, new = self._journal.find([PROBE_TEXT])
            if known is not None and not new:
                write_json(probe, known[0].tolist())
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self._options.query_prefix + text for text in texts], queries=True)

    def _embed(self, texts: Sequence[str], queries: bool = False) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        known, new = self._journal.find(texts) if self._journal else (None, list(range(len(texts))))
        if self._journal and queries:
            fresh = {texts[index] for index in new}
            kept = [text for text in dict.fromkeys(texts) if text not in fresh]
            self.setup.keep(self._journal.seconds_of(kept))
        if not new:
            assert known is not None
            return as_float32(known, self._options.normalise)
        # equal texts are embedded once
        unknown = list(dict.fromkeys(texts[index] for index in new))
        made = dict(zip(unknown, self._made(unknown, queries), strict=True))
        log.info("embedded %d texts, %d were known", len(unknown), len(texts) - len(new))
        width = len(next(iter(made.values())))
        vectors = np.zeros((len(texts), width), dtype=np.float32) if known is None else known
        for index in new:
            vectors[index] = made[texts[index]]
        return as_float32(vectors, self._options.normalise)

    def _made(self, texts: Sequence[str], queries: bool) -> Vectors:
        """The vectors of new texts; each batch is saved immediately."""
        import numpy as np

        made: list[Vectors] = []
        size = self._options.batch_size * self._options.batches_at_once
        with ExitStack() as stack:
            with self.setup.loading():
                encode = stack.enter_context(self._options.encoder())
                if self._options.behind_server and self._journal:
                    vector = np.asarray(encode([PROBE_TEXT]), dtype=np.float32)
                    self._check_probe(_checked(vector, [PROBE_TEXT], []), self._journal)
            for start in range(0, len(texts), size):
                batch, began = texts[start : start + size], time.perf_counter()
                vectors = _checked(np.asarray(encode(batch), dtype=np.float32), batch, made)
                if self._journal:
                    self._journal.append(batch, vectors)
                    if queries:
                        self._journal.note_seconds(batch, time.perf_counter() - began)
                made.append(vectors)
                progress.info("embedded %d of %d texts", start + len(batch), len(texts))
        whole: Vectors = np.concatenate(made)
        return whole

    def _check_probe(self, vectors: Vectors, journal: VectorJournal) -> None:
        """Compare the fixed text's vector with the one beside the index and the one in the journal.

        The latter is written where there is none. Raises InputError where one is of another model.
        """
        if not vectors.any():
            raise InputError("the embedding model gives a vector of zeros for a plain sentence")
        kept = self._folder / PROBE_FILE
        if kept.is_file():
            remedy = "build the index again (-R index)"
            _check_same_model(vectors[0], read_json(kept), self._folder, remedy)
        known, new = journal.find([PROBE_TEXT])
        if known is None or new:
            journal.append([PROBE_TEXT], vectors)
        else:
            remedy = "delete it and build the index (-R index)"
            _check_same_model(vectors[0], known[0], journal.path, remedy)


def _checked(vectors: Vectors, texts: Sequence[str], before: Sequence[Vectors]) -> Vectors:
    """Raises InputError unless there is one finite vector per text, all of one length."""
    import numpy as np

    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise InputError(
            f"the embedding model gave an array of shape {vectors.shape} for {len(texts)} texts; "
            "expected one vector for each"
        )
    odd = np.flatnonzero(~np.isfinite(vectors).all(axis=1)).tolist()
    if odd:
        raise InputError(
            f"the embedding model gave a vector with NaN or infinity for {len(odd)} of "
            f"{len(texts)} texts, first for {texts[odd[0]][:_EXCERPT]!r}"
        )
    if before and before[0].shape[1] != vectors.shape[1]:
        raise InputError(
            f"the embedding model gave vectors of {before[0].shape[1]} and then of "
            f"{vectors.shape[1]} dimensions"
        )
    return vectors


def _check_same_model(vector: Vectors, before: object, where: Path, remedy: str) -> None:
    import numpy as np

    old, now = np.asarray(before, dtype=np.float64), np.asarray(vector, dtype=np.float64)
    same_length = old.shape == now.shape
    lengths = float(np.linalg.norm(old) * np.linalg.norm(now)) if same_length else 0.0
    cosine = float(old @ now) / lengths if lengths else 0.0
    if cosine < SAME_COSINE:
        raise InputError(
            f"the embedding model is not the one that made the vectors in {where}: a fixed text's "
            f"vector is another one (cosine {cosine:.3f}); serve that model again, or {remedy}"
        )
