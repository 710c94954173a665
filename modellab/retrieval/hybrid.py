"""Reciprocal rank fusion: what several retrievers agree on comes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import fsum
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from modellab.core.records import Chunk, Context, Question
from modellab.retrieval.protocol import Hit, Members, RetrieverOptions, passages


class HybridOptions(RetrieverOptions):
    """Joins the rankings of other retrievers (reciprocal rank fusion)."""

    kind: Literal["hybrid"] = Field(description="Join the rankings of other retrievers.")
    of: Annotated[tuple[str, ...], Field(min_length=2)] = Field(
        description="The names of the retrievers to join, two or more with an index of their own."
    )
    top_k: PositiveInt = Field(default=5, description="How many chunks are found per question.")
    extra_k: NonNegativeInt = Field(
        default=0, description="How many more are kept for models with `retry_on_abstain`."
    )
    rrf_k: PositiveInt = Field(
        default=60, description="How little first places count: a rank is worth 1 / (rrf_k + rank)."
    )
    depth: PositiveInt = Field(
        default=50, description="How many chunks each of the retrievers is asked for."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        doubled = sorted({name for name in self.of if self.of.count(name) > 1})
        if doubled:
            raise ValueError(f"of: {doubled[0]!r} is a duplicate")
        if self.depth < self.top_k + self.extra_k:
            raise ValueError(
                f"depth ({self.depth}) must be at least top_k ({self.top_k}) and extra_k "
                f"({self.extra_k}) together"
            )
        return self

    def at_depth(self, depth: int) -> Self:
        """No deeper than the retrievers it joins are asked: ranks beyond are no fusion."""
        return self.model_copy(update={"top_k": min(depth, self.depth), "extra_k": 0})

    def searches(self) -> tuple[str, ...]:
        return self.of

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        queries = [question.text for question in questions]
        found = [members.searchers[name].search(queries, self.depth) for name in self.of]
        wanted = self.top_k + self.extra_k
        return [
            Context(
                question.id,
                slug,
                passages(chunks, fuse(rankings, self.rrf_k)[:wanted]),
                shown=self.top_k,
            )
            for question, *rankings in zip(questions, *found, strict=True)
        ]


def fuse(rankings: Sequence[Sequence[Hit]], rrf_k: int) -> list[Hit]:
    """All chunks of the rankings, by the sum of 1 / (rrf_k + rank); ties in chunk order."""
    shares: defaultdict[int, list[float]] = defaultdict(list)
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            shares[hit.row].append(1 / (rrf_k + rank))
    # fsum does not depend on the order of its terms, so equal sets of ranks tie exactly.
    hits = [Hit(row, fsum(terms)) for row, terms in shares.items()]
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))
