"""Protocol of embedders: options that can fit and load, and turn texts into vectors."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeAlias, runtime_checkable

from pydantic import Field

from modellab.core.options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]


class Embedder(Protocol):
    """A loaded embedder.

    Both methods give an array (texts, dimensions) of float32, with rows of length 1 unless its
    options say otherwise. A text of unknown words is a row of zeros.
    """

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...


class EmbedderOptions(Options):
    """One entry of `embedders:`. Each kind is a subclass."""

    #: CPU cores of a job that makes its vectors
    threads: ClassVar[int] = 1

    normalise: bool = Field(
        default=True,
        description="Whether vectors are brought to length 1, so that search is by their cosine; "
        "false: by the inner product of vectors as they are, for models that are trained for it.",
    )

    def normalised(self) -> Self:
        """The same embedder with vectors of length 1, for comparisons by cosine."""
        return self.model_copy(update={"normalise": True})

    def knows_any_text(self) -> bool:
        """Whether it can embed any text, such as an answer."""
        return True

    @abstractmethod
    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Fit to the corpus, if needed, and write the result into `folder`."""

    @abstractmethod
    def load(self, folder: Path, journals: Path | None = None) -> Embedder:
        """Open what `fit` wrote. Pretrained models keep their vectors in the folder `journals`."""


def as_float32(vectors: NDArray[np.floating], normalise: bool) -> Vectors:
    """The rows as float32; with `normalise` each at length 1, but a row of zeros stays."""
    import numpy as np

    if not normalise:
        return np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: Vectors = np.ascontiguousarray(vectors / lengths, dtype=np.float32)
    return unit


@dataclass
class Setup:
    """Time that a search spent on other things than finding passages.

    `seconds` went into loading models; `kept_seconds` was the time for vectors of questions that
    were made before, None where it was not recorded.
    """

    seconds: float = 0.0
    kept_seconds: float | None = 0.0

    def keep(self, seconds: float | None) -> None:
        known = self.kept_seconds
        self.kept_seconds = None if known is None or seconds is None else known + seconds

    @contextmanager
    def loading(self) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - start


@runtime_checkable
class SetsUp(Protocol):
    """An embedder or searcher that loads a model, or keeps vectors."""

    @property
    def setup(self) -> Setup: ...
