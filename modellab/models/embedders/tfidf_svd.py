"""TF-IDF and a singular value decomposition of the corpus: dense vectors without a download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.text.words import words
from modellab.models.embedders.protocol import EmbedderOptions, as_float32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Vectors

_TERMS = "terms.json"
_IDF = "idf.npy"
_COMPONENTS = "components.npy"
_LEAST_SINGULAR_VALUE = 1e-6  # relative to the largest; smaller ones are rounding errors


class TfidfSvdOptions(EmbedderOptions):
    """Latent semantic analysis, fitted on the corpus itself."""

    kind: Literal["tfidf-svd"] = Field(description="TF-IDF and SVD, fitted on the corpus.")
    dimensions: PositiveInt = Field(
        default=128, description="The length of the vectors; a small corpus allows fewer."
    )
    max_terms: PositiveInt = Field(
        default=50_000,
        description="Number of words and pairs of words that are kept, the most frequent ones.",
    )

    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Write terms, weights and components. Raises InputError when there is no word."""
        import numpy as np
        from sklearn.utils.extmath import randomized_svd

        counts = Counter(term for text in texts for term in _terms(text))
        # ties in alphabetical order
        ranked = sorted(counts, key=lambda term: (-counts[term], term))
        terms = sorted(ranked[: self.max_terms])
        if not terms:
            raise InputError("tfidf-svd: no chunk holds a word; check the corpus")
        vectorizer = _vectorizer(terms)
        weights = vectorizer.fit_transform(texts)
        write_json(folder / _TERMS, terms)
        np.save(folder / _IDF, vectorizer.idf_)
        # TruncatedSVD does the same, but refuses a corpus of a single term
        _, values, components = randomized_svd(
            weights, min(self.dimensions, *weights.shape), n_iter=5, random_state=seed
        )
        np.save(folder / _COMPONENTS, components[values > values[0] * _LEAST_SINGULAR_VALUE])

    def load(self, folder: Path, journals: Path | None = None) -> TfidfSvdEmbedder:
        import numpy as np

        vectorizer = _vectorizer(read_json(folder / _TERMS))
        vectorizer.idf_ = np.load(folder / _IDF)
        components = np.load(folder / _COMPONENTS)
        return TfidfSvdEmbedder(vectorizer.transform, components, self.normalise)


@dataclass(frozen=True)
class TfidfSvdEmbedder:
    """Passages and queries alike: weights of known terms, projected on the components."""

    weights: Callable[[Iterable[str]], Any]
    components: NDArray[np.float64]
    normalise: bool = True

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, len(self.components)), dtype=np.float32)
        return as_float32(self.weights(texts) @ self.components.T, self.normalise)

    embed_queries = embed_passages


def _terms(text: str) -> list[str]:
    found = words(text)
    return found + [f"{a} {b}" for a, b in pairwise(found)]


def _vectorizer(terms: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=_terms, sublinear_tf=True, vocabulary=terms)
