"""Reranking: a cross-encoder reads question and passage together and puts the best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.errors import InputError
from modellab.core.records import Chunk, Context, Passage, Question
from modellab.retrieval.protocol import Members, RetrieverOptions
from modellab.retrieval.starting import contexts_of

#: pairs of question and passage to one score each, higher is better
Judge = Callable[[Sequence[tuple[str, str]]], Sequence[float]]


class RerankOptions(RetrieverOptions):
    """Sorts all passages that another retriever found, its `extra_k` included."""

    threads: ClassVar[int] = 2

    kind: Literal["rerank"] = Field(description="Sort another retriever's passages again.")
    of: str = Field(
        description="The retriever to start from; its `extra_k` says how many more are looked at."
    )
    model: str = Field(
        default="cross-encoder/ms-marco-MiniLM-L6-v2",
        min_length=1,
        description="A cross-encoder of sentence-transformers: a hub model, or a folder.",
    )
    revision: str | None = Field(default=None, description="The commit, tag or branch of a model.")
    top_k: PositiveInt = Field(default=5, description="How many passages a model is shown.")
    extra_k: NonNegativeInt = Field(
        default=0, description="How many more are kept for models with `retry_on_abstain`."
    )
    batch_size: PositiveInt = Field(default=32, description="How many pairs are read at once.")

    def rearranges(self) -> tuple[str, ...]:
        return (self.of,)

    def at_depth(self, depth: int) -> Self:
        """All that the other retriever found: there is no more to be had."""
        return self.model_copy(update={"top_k": depth, "extra_k": 0})

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """Raises InputError for a model that cannot be loaded, or contexts that lack a question."""
        given = contexts_of(self.of, questions, members)
        if not any(context.passages for context in given):
            return [Context(question.id, slug, (), self.top_k) for question in questions]
        pairs = [
            (question.text, passage.text)
            for question, context in zip(questions, given, strict=True)
            for passage in context.passages
        ]
        with members.setup.loading():
            judge = self._judge()
        scores = iter(judge(pairs))
        return [
            Context(context.question_id, slug, self._best(context, scores), self.top_k)
            for context in given
        ]

    def _best(self, context: Context, scores: Iterator[float]) -> tuple[Passage, ...]:
        scored = [replace(passage, score=float(next(scores))) for passage in context.passages]
        # equal scores stay in the order of the first retriever
        ranked = sorted(scored, key=lambda passage: -passage.score)[: self.top_k + self.extra_k]
        return tuple(replace(passage, rank=rank) for rank, passage in enumerate(ranked, start=1))

    def _judge(self) -> Judge:
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
            model = CrossEncoder(self.model, revision=self.revision, local_files_only=local)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"cross-encoder {self.model!r} cannot be loaded; give a folder or a hub model that "
                f"can be downloaded or is in the cache ({reason})"
            ) from None
        return lambda pairs: [
            float(score)
            for score in model.predict(
                list(pairs), batch_size=self.batch_size, show_progress_bar=False
            )
        ]
