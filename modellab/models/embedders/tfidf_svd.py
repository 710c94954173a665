"""TF-IDF and a singular value decomposition of the corpus: dense vectors without a download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.text.words import words
from modellab.models.embedders.protocol import EmbedderOptions, finished

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Vectors

_TERMS = "terms.json"
_IDF = "idf.npy"
_COMPONENTS = "components.npy"
_LEAST_SINGULAR_VALUE = 1e-6  # of the largest; what lies below is rounding, not language


class TfidfSvdOptions(EmbedderOptions):
    """Latent semantic analysis, fitted on the corpus itself."""

    kind: Literal["tfidf-svd"] = Field(description="TF-IDF and SVD, fitted on the corpus.")
    dimensions: PositiveInt = Field(
        default=128, description="The length of the vectors; a small corpus allows fewer."
    )
    max_terms: PositiveInt = Field(
        default=50_000,
        description="How many words and pairs of words are kept, the most frequent ones.",
    )

    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Write terms, weights and components. Raises InputError when there is no word."""
        import numpy as np

        terms = _frequent_terms(texts, self.max_terms)
        if not terms:
            raise InputError("tfidf-svd: no chunk holds a word; check the corpus")
        vectorizer = _vectorizer(terms)
        weights = vectorizer.fit_transform(texts)
        write_json(folder / _TERMS, terms)
        np.save(folder / _IDF, vectorizer.idf_)
        np.save(folder / _COMPONENTS, _components(weights, self.dimensions, seed))

    def load(self, folder: Path, journals: Path | None = None) -> TfidfSvdEmbedder:
        import numpy as np

        vectorizer = _vectorizer(read_json(folder / _TERMS))
        vectorizer.idf_ = np.load(folder / _IDF)
        components = np.load(folder / _COMPONENTS)
        return TfidfSvdEmbedder(vectorizer.transform, components, self.normalise)


class TfidfSvdEmbedder:
    """Passages and queries alike: weights of known terms, projected on the components."""

    def __init__(
        self,
        weigh: Callable[[Iterable[str]], Any],
        components: NDArray[np.float64],
        normalise: bool = True,
    ) -> None:
        self._weigh = weigh
        self._normalise = normalise
        self._components = components

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, len(self._components)), dtype=np.float32)
        return finished(self._weigh(texts) @ self._components.T, self._normalise)


def _frequent_terms(texts: Sequence[str], limit: int) -> list[str]:
    """The most frequent words and pairs of words, sorted; equal counts go by the alphabet."""
    counts = Counter(term for text in texts for term in _terms(text))
    ranked = sorted(counts, key=lambda term: (-counts[term], term))
    return sorted(ranked[:limit])


def _terms(text: str) -> list[str]:
    found = words(text)
    return found + [f"{a} {b}" for a, b in pairwise(found)]


def _vectorizer(terms: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=_terms, sublinear_tf=True, vocabulary=terms)


def _components(weights: Any, dimensions: int, seed: int) -> NDArray[np.float64]:
    """The right singular vectors (dimensions, terms), as many as the corpus holds."""
    from sklearn.utils.extmath import randomized_svd

    # TruncatedSVD does the same, but refuses a corpus of a single term.
    _, values, components = randomized_svd(
        weights, min(dimensions, *weights.shape), n_iter=5, random_state=seed
    )
    kept: NDArray[np.float64] = components[values > values[0] * _LEAST_SINGULAR_VALUE]
    return kept
