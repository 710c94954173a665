"""Vectors that are stored in a database with their texts."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows, vector
from modellab.models.embedders.protocol import Embedder, EmbedderOptions, as_float32
from modellab.models.embedders.remote import (
    LitellmEmbedderOptions,
    OllamaEmbedderOptions,
    OpenAIEmbedderOptions,
)
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

log = logging.getLogger(__name__)

_KEYS = "texts.json"
_VECTORS = "vectors.npy"
_OWN = "embedder"
COLUMNS = ("text", "vector")

_Model = Annotated[
    SentenceTransformersOptions
    | OllamaEmbedderOptions
    | LitellmEmbedderOptions
    | OpenAIEmbedderOptions,
    Field(discriminator="kind"),
]


class StoredOptions(EmbedderOptions):
    """Vectors by their text, from columns of pgvector or of text such as `[0.1,0.2]`."""

    kind: Literal["stored"] = Field(description="Vectors that are stored in a database.")
    of: tuple[SqlOptions, ...] = Field(
        min_length=1,
        description="The tables: rows with `text` and `vector`, of passages and, in a second "
        "entry, of questions.",
    )
    embedder: str | _Model | None = Field(
        default=None,
        description="What made them, for texts that have none: the name of an entry of "
        "`embedders`, or such an entry; null: a question without a vector stops the run.",
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        for entry in self.of:
            if entry.columns and sorted(entry.columns) != sorted(COLUMNS):
                raise ValueError("of: `columns` must say where text and vector are, and no more")
        return self

    def knows_any_text(self) -> bool:
        return self.embedder is not None

    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Store the vectors of the tables in `folder`, and count those of the passages.

        Raises InputError for a missing column, what is no vector, vectors of several lengths,
        and where no passage has one.
        """
        import numpy as np

        known = self._read()
        write_json(folder / _KEYS, list(known))
        np.save(folder / _VECTORS, np.asarray(list(known.values()), dtype=np.float32))
        found = sum(_key(text) in known for text in texts)
        log.info("%d of %d passages have a stored vector", found, len(texts))
        if texts and not found:
            raise InputError(
                f"embedder of kind 'stored': no passage has a vector among the {len(known)} that "
                "are stored: their texts differ; cut the corpus by rows (chunking: {by: rows})"
            )

    def load(self, folder: Path, journals: Path | None = None) -> StoredEmbedder:
        import numpy as np

        rows = {key: row for row, key in enumerate(read_json(folder / _KEYS))}
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name")
        # all vectors are normalised together at the end
        plain = self.embedder and self.embedder.model_copy(update={"normalise": False})
        other = plain.load(folder / _OWN, journals) if plain else None
        return StoredEmbedder(rows, np.load(folder / _VECTORS), other, self.normalise)

    def _read(self) -> dict[str, list[float]]:
        """Vectors by the digest of their text; of equal texts the first."""
        known: dict[str, list[float]] = {}
        length = 0
        for entry in self.of:
            where, rows = query_rows(entry)
            for name in COLUMNS:
                if name not in rows[0]:
                    raise InputError(
                        f"{where}: no column {name!r} (found: {', '.join(rows[0])}); say in "
                        "`columns` where it is"
                    )
            for number, row in enumerate(rows, start=1):
                place = f"{where}: row {number}"
                numbers = vector(row["vector"], place)
                if numbers is None or not isinstance(row["text"], str):
                    continue
                length = length or len(numbers)
                if len(numbers) != length:
                    raise InputError(
                        f"{place}: a vector of {len(numbers)} dimensions, those before have "
                        f"{length}; all must come from one model"
                    )
                known.setdefault(_key(row["text"]), numbers)
        if not known:
            raise InputError(f"{where}: no row has a vector")
        return known


@dataclass(frozen=True)
class StoredEmbedder:
    """Looks texts up; another embedder makes the vectors of missing ones.

    `rows` of `vectors` are by the digest of the text.
    """

    rows: dict[str, int]
    vectors: Vectors
    other: Embedder | None
    normalise: bool

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """A passage without any vector is a row of zeros, which `embedding_coverage` counts."""
        return self._embed(texts, queries=False)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Raises InputError for questions that have no vector, where no embedder is named."""
        return self._embed(texts, queries=True)

    def _embed(self, texts: Sequence[str], queries: bool) -> Vectors:
        import numpy as np

        places = [self.rows.get(_key(text)) for text in texts]
        found = np.zeros((len(texts), self.vectors.shape[1]), dtype=np.float32)
        here = {row: place for row, place in enumerate(places) if place is not None}
        found[list(here)] = self.vectors[list(here.values())]
        missing = [row for row, place in enumerate(places) if place is None]
        if missing and self.other:
            embed = self.other.embed_queries if queries else self.other.embed_passages
            made = embed([texts[row] for row in missing])
            if made.shape[1] != found.shape[1]:
                raise InputError(
                    f"embedder of kind 'stored': the stored vectors have {found.shape[1]} "
                    f"dimensions, its `embedder` gives {made.shape[1]}: it is not the model that "
                    "made them"
                )
            found[missing] = made
        elif missing and queries:
            raise InputError(
                f"embedder of kind 'stored': {len(missing)} of {len(texts)} questions have no "
                f"vector (such as {texts[missing[0]][:60]!r}); name the `embedder` that made the "
                "others"
            )
        elif missing:
            log.warning("%d of %d passages have no stored vector", len(missing), len(texts))
        return as_float32(found, self.normalise)


def _key(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()
