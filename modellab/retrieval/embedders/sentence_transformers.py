"""Any model of the sentence-transformers library, from a folder or a hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from modellab.errors import InputError
from modellab.retrieval.embedders.protocol import EmbedderOptions

if TYPE_CHECKING:
    from modellab.retrieval.embedders.protocol import Vectors


class SentenceTransformersOptions(EmbedderOptions):
    """A neural embedding model."""

    kind: Literal["sentence-transformers"] = Field(description="A neural embedding model.")
    model: str = Field(
        default="sentence-transformers/all-MiniLM-L6-v2",
        min_length=1,
        description="The model's name on the Hugging Face hub, or a folder.",
    )
    revision: str | None = Field(
        default=None,
        description="The commit, tag or branch of a hub model; a commit makes runs repeatable.",
    )
    query_prefix: str = Field(
        default="", description="What the model wants before a question, such as `query: `."
    )
    passage_prefix: str = Field(
        default="", description="What the model wants before a passage, such as `passage: `."
    )
    batch_size: PositiveInt = Field(default=32, description="How many texts are embedded at once.")

    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Nothing is learned: the model is finished."""

    def load(self, folder: Path) -> SentenceTransformersEmbedder:
        """Load the model; a hub model is downloaded unless it is in the cache.

        Raises InputError when the library is not installed or the model cannot be loaded.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ModuleNotFoundError as error:
            if error.name != "sentence_transformers":
                raise
            raise InputError(
                f"embedder of kind {self.kind!r}: the library is missing; "
                "run: pip install -e '.[sentence-transformers]'"
            ) from None
        try:
            # A folder needs no network; for a hub model HF_HUB_OFFLINE=1 keeps to the cache.
            model = SentenceTransformer(
                self.model, revision=self.revision, local_files_only=Path(self.model).is_dir()
            )
        except OSError as error:
            raise InputError(self._not_loaded(error)) from None
        return SentenceTransformersEmbedder(model, self)

    def _not_loaded(self, error: OSError) -> str:
        reason = " ".join(str(error).split())
        return (
            f"embedding model {self.model!r} cannot be loaded; give a folder or a hub model "
            f"that can be downloaded or is in the cache ({reason})"
        )


class SentenceTransformersEmbedder:
    """A loaded model and its prefixes."""

    def __init__(self, model: Any, options: SentenceTransformersOptions) -> None:
        self._model = model
        self._options = options

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self._options.passage_prefix)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self._options.query_prefix)

    def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        import numpy as np

        vectors = self._model.encode(
            [prefix + text for text in texts],
            batch_size=self._options.batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)
