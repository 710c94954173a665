"""Reciprocal rank fusion: what several retrievers agree on comes first."""

from collections import defaultdict
from collections.abc import Sequence
from math import fsum
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from modellab.core.records import Context
from modellab.retrieval.protocol import Hit, RankingRetrieverOptions, RetrievalInput


class HybridOptions(RankingRetrieverOptions):
    """Joins the rankings of other retrievers (reciprocal rank fusion)."""

    kind: Literal["hybrid"] = Field(description="Join the rankings of other retrievers.")
    of: Annotated[tuple[str, ...], Field(min_length=2)] = Field(
        description="The names of the retrievers to join, two or more with an index of their own."
    )
    rrf_k: PositiveInt = Field(
        default=60, description="How little first places count: a rank is worth 1 / (rrf_k + rank)."
    )
    depth: PositiveInt = Field(
        default=50, description="The number of chunks that each of the retrievers is asked for."
    )

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        duplicates = sorted({name for name in self.of if self.of.count(name) > 1})
        if duplicates:
            raise ValueError(f"of: {duplicates[0]!r} is a duplicate")
        if self.depth < self.kept:
            raise ValueError(
                f"depth ({self.depth}) must be at least top_k ({self.top_k}) and extra_k "
                f"({self.extra_k}) together"
            )
        return self

    def at_depth(self, depth: int) -> Self:
        """At most `depth` of the joined retrievers: deeper ranks would be no fusion."""
        return super().at_depth(min(depth, self.depth))

    def searches(self) -> tuple[str, ...]:
        return self.of

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        queries = [question.text for question in inputs.questions]
        found = [inputs.searchers[name].search(queries, self.depth) for name in self.of]
        fused = (fuse(rankings, self.rrf_k) for rankings in zip(*found, strict=True))
        return self.contexts_from(inputs, fused)


def fuse(rankings: Sequence[Sequence[Hit]], rrf_k: int) -> list[Hit]:
    """All chunks of the rankings, by the sum of 1 / (rrf_k + rank); ties in chunk order."""
    shares: defaultdict[int, list[float]] = defaultdict(list)
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            shares[hit.row].append(1 / (rrf_k + rank))
    # fsum does not depend on the order of its terms, so equal sets of ranks tie exactly
    hits = [Hit(row, fsum(terms)) for row, terms in shares.items()]
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))
