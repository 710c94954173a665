"""Another retriever's passages without weak ones and duplicates, and with their neighbours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field, NonNegativeInt

from modellab.core.records import Chunk, Context, Passage
from modellab.retrieval.protocol import Hit, RankingRetrieverOptions, RetrievalInput, passages


class PostProcessingOptions(RankingRetrieverOptions):
    """First the threshold, then duplicates, then `top_k`, then neighbours."""

    kind: Literal["post_processing"] = Field(
        description="Another retriever's passages, filtered and extended."
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
        description="The number of chunks before and after each passage, in its document, that "
        "are added; they do not count towards `top_k`.",
    )

    def starts_from(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        rows = {chunk.id: row for row, chunk in enumerate(inputs.chunks)}
        return [
            self._processed(inputs.slug, context, inputs.chunks, rows)
            for context in inputs.contexts_of(self.of)
        ]

    def _processed(
        self, slug: str, context: Context, chunks: Sequence[Chunk], rows: Mapping[str, int]
    ) -> Context:
        kept = list(self._filtered(context.passages))[: self.kept]
        groups = list(self._extended(kept, chunks, rows))
        everything = [passage for group in groups for passage in group]
        ranked = [replace(passage, rank=rank) for rank, passage in enumerate(everything, start=1)]
        shown = sum(map(len, groups[: self.top_k]))
        return Context(context.question_id, slug, tuple(ranked), shown)

    def _filtered(self, found: Sequence[Passage]) -> Iterator[Passage]:
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

    def _extended(
        self, kept: Sequence[Passage], chunks: Sequence[Chunk], rows: Mapping[str, int]
    ) -> Iterator[tuple[Passage, ...]]:
        """Each passage between its neighbours, in the order of the document, no chunk twice.

        A neighbour has the score of the passage that it was added for.
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
