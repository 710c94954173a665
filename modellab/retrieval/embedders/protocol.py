"""What every embedder is: options that can fit, load and then turn texts into vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from modellab.options import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]


class Embedder(Protocol):
    """A loaded embedder.

    Both methods give an array (texts, dimensions) of float32 with rows of length 1. A text that
    the embedder knows nothing of is a row of zeros.
    """

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...


class EmbedderOptions(Options):
    """One entry of `embedders:`. Each kind is a subclass in a file of its own."""

    @abstractmethod
    def fit(self, texts: Sequence[str], folder: Path, seed: int) -> None:
        """Learn from the corpus what there is to learn and write it into `folder`."""

    @abstractmethod
    def load(self, folder: Path, journals: Path | None = None) -> Embedder:
        """Open what `fit` wrote. Finished models keep their vectors in the folder `journals`."""
