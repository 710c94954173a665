"""Reranking: a cross-encoder reads question and passage together and puts the best first."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.records import Context, Passage
from modellab.retrieval.protocol import RankingRetrieverOptions, RetrievalInput


class RerankOptions(RankingRetrieverOptions):
    """Sorts all passages that another retriever found, its `extra_k` included."""

    threads: ClassVar[int] = 2

    kind: Literal["rerank"] = Field(description="Sort another retriever's passages again.")
    of: str = Field(
        description="The retriever to start from; its `extra_k` adds candidates to its `top_k`."
    )
    model: str = Field(
        default="cross-encoder/ms-marco-MiniLM-L6-v2",
        min_length=1,
        description="A cross-encoder of sentence-transformers: a hub model, or a folder.",
    )
    revision: str | None = Field(default=None, description="The commit, tag or branch of a model.")
    batch_size: PositiveInt = Field(default=32, description="The number of pairs read at once.")

    def starts_from(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        given = inputs.contexts_of(self.of)
        pairs = [
            (question.text, passage.text)
            for question, context in zip(inputs.questions, given, strict=True)
            for passage in context.passages
        ]
        scores: Iterator[float] = iter(())
        if pairs:
            with inputs.setup.loading():
                model = self._model()
            scores = iter(model.predict(pairs, batch_size=self.batch_size, show_progress_bar=False))
        return [
            Context(context.question_id, inputs.slug, self._best(context, scores), self.top_k)
            for context in given
        ]

    def _best(self, context: Context, scores: Iterator[float]) -> tuple[Passage, ...]:
        scored = [replace(passage, score=float(next(scores))) for passage in context.passages]
        # equal scores stay in the order of the first retriever
        ranked = sorted(scored, key=lambda passage: -passage.score)[: self.kept]
        return tuple(replace(passage, rank=rank) for rank, passage in enumerate(ranked, start=1))

    def _model(self) -> Any:
        try:
            from sentence_transformers import CrossEncoder
        except ModuleNotFoundError as error:
            if error.name != "sentence_transformers":
                raise
            raise InputError(
                "retriever of kind 'rerank': the library is missing; "
                "run: pip install -e '.[sentence-transformers]'"
            ) from None
        local = Path(self.model).is_dir()
        try:
            return CrossEncoder(self.model, revision=self.revision, local_files_only=local)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"cross-encoder {self.model!r} cannot be loaded; give a folder or a hub model that "
                f"can be downloaded or is in the cache ({reason})"
            ) from None
