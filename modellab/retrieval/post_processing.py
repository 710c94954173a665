"""Refining: what another retriever found, without the weak and the doubled, with neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.records import Chunk, Context, Passage, Question
from modellab.retrieval.protocol import Hit, Members, RetrieverOptions, passages
from modellab.retrieval.starting import contexts_of


class PostProcessingOptions(RetrieverOptions):
    """First the threshold, then duplicates, then `top_k`, then neighbours."""

    kind: Literal["post_processing"] = Field(
        description="Another retriever's passages, sorted out and widened."
    )
    of: str = Field(description="The retriever to start from.")
    threshold: float | None = Field(
        default=None,
        description="Passages with a lower score, in the retriever's own scale, are left out.",
    )
    deduplicate: Literal["no", "text", "document"] = Field(
        default="no",
        description="text: of passages with the same words only the first stays; document: only "
        "the first of each document.",
    )
    neighbours: NonNegativeInt = Field(
        default=0,
        description="How many chunks before and after each passage, in its document, come along.",
    )
    top_k: PositiveInt = Field(
        default=5, description="How many passages a model is shown, neighbours not counted."
    )
    extra_k: NonNegativeInt = Field(
        default=0, description="How many more are kept for models with `retry_on_abstain`."
    )

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
        """Raises InputError for contexts that lack a question."""
        rows = {chunk.id: row for row, chunk in enumerate(chunks)}
        return [
            self._refined(slug, context, chunks, rows)
            for context in contexts_of(self.of, questions, members)
        ]

    def _refined(
        self, slug: str, context: Context, chunks: Sequence[Chunk], rows: Mapping[str, int]
    ) -> Context:
        kept = list(self._kept(context.passages))[: self.top_k + self.extra_k]
        groups = list(self._widened(kept, chunks, rows))
        everything = [passage for group in groups for passage in group]
        ranked = [replace(passage, rank=rank) for rank, passage in enumerate(everything, start=1)]
        shown = sum(map(len, groups[: self.top_k]))
        return Context(context.question_id, slug, tuple(ranked), shown)

    def _kept(self, found: Sequence[Passage]) -> Iterator[Passage]:
        seen = set()
        for passage in found:
            same = passage.document_id
            if self.deduplicate == "text":
                same = " ".join(passage.text.casefold().split())
            if self.threshold is not None and passage.score < self.threshold:
                continue
            if self.deduplicate == "no" or same not in seen:
                yield passage
            seen.add(same)

    def _widened(
        self, kept: Sequence[Passage], chunks: Sequence[Chunk], rows: Mapping[str, int]
    ) -> Iterator[tuple[Passage, ...]]:
        """Each passage between its neighbours, in the order of the document; none is named twice.

        A neighbour has the score of the passage that it came with.
        """
        taken = {rows[passage.chunk_id] for passage in kept}
        for passage in kept:
            row = rows[passage.chunk_id]
            near = range(max(0, row - self.neighbours), min(len(chunks), row + self.neighbours + 1))
            own = [
                other
                for other in near
                if other == row
                or (other not in taken and chunks[other].document_id == passage.document_id)
            ]
            taken.update(own)
            yield passages(chunks, [Hit(other, passage.score) for other in own])
