"""Any model of the sentence-transformers library, from a folder or a hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError, one_line
from modellab.core.fingerprint import digest, file_digest
from modellab.models.embedders.pretrained import Encode, PretrainedOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors


class SentenceTransformersOptions(PretrainedOptions):
    """A neural embedding model."""

    threads: ClassVar[int] = 2
    #: the library sorts texts by length, which saves padding
    batches_at_once: ClassVar[int] = 16

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

    def fingerprint(self) -> Mapping[str, Any]:
        """The model's name and revision; for a folder, the content of its files."""
        folder = Path(self.model)
        if not folder.is_dir():
            return {"kind": self.kind, "model": self.model, "revision": self.revision}
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        held = {str(path.relative_to(folder)): file_digest(path) for path in files}
        return {"kind": self.kind, "files": digest(held)}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
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
            # a folder needs no network; for a hub model HF_HUB_OFFLINE=1 uses the cache only
            model = SentenceTransformer(
                self.model, revision=self.revision, local_files_only=Path(self.model).is_dir()
            )
        except OSError as error:
            raise InputError(
                f"embedding model {self.model!r} cannot be loaded; give a folder or a hub model "
                f"that can be downloaded or is in the cache ({one_line(error)})"
            ) from None

        def encode(texts: Sequence[str]) -> Vectors:
            vectors: Vectors = model.encode(
                list(texts),
                batch_size=self.batch_size,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            return vectors

        yield encode
