"""Planned search: a model splits the question into queries, and their results are merged.

The model is asked in a job of its own (`generation.query_plans`); its plans are read here. A
question without a plan is searched as it is, and its context says so.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt

from modellab.core.errors import InputError
from modellab.core.records import Context, PlanStatus
from modellab.retrieval.hybrid import fuse
from modellab.retrieval.protocol import Hit, RankingRetrieverOptions, RetrievalInput

log = logging.getLogger(__name__)

#: the default of `hybrid`
_RRF_K = 60


class QueryDecompositionOptions(RankingRetrieverOptions):
    """Searches another retriever's index for the question and the queries a model made of it."""

    kind: Literal["query_decomposition"] = Field(
        description="Queries that a model makes of the question."
    )
    of: str = Field(description="The retriever whose index is searched.")
    model: str = Field(
        description="The model that plans: a name in `models`; it need not be enabled there."
    )
    prompt: Path | None = Field(
        default=None, description="A prompt of your own; default: the one that ships."
    )
    max_queries: PositiveInt = Field(
        default=3, description="The most queries of a plan; more are cut off, and counted."
    )
    keep_question: bool = Field(
        default=True, description="Whether the question itself is searched as well, and first."
    )
    per_query: PositiveInt = Field(default=5, description="The number of chunks per query.")
    merge: Literal["interleave", "fuse"] = Field(
        default="interleave",
        description="interleave: the first of each query, then the second of each; fuse: by "
        "reciprocal ranks, so that what several queries find comes first. No chunk occurs twice.",
    )

    def planner(self) -> str:
        return self.model

    def searches(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        missing = [question.id for question in inputs.questions if question.id not in inputs.plans]
        if missing:
            raise InputError(
                f"plans of {inputs.slug!r} lack question {missing[0]!r}; make them again"
            )
        plans = [inputs.plans[question.id] for question in inputs.questions]
        queries = []
        for question, plan in zip(inputs.questions, plans, strict=True):
            own = [question.text] if self.keep_question or not plan.queries else []
            queries.append(list(dict.fromkeys([*own, *plan.queries])))
        all_queries = [query for own in queries for query in own]
        hits = iter(inputs.searchers[self.of].search(all_queries, self.per_query))
        found = ([next(hits) for _ in own] for own in queries)
        rankings = [
            list(_interleaved(one)) if self.merge == "interleave" else fuse(one, _RRF_K)
            for one in found
        ]

        without = Counter(plan.status.value for plan in plans if plan.status != PlanStatus.PLANNED)
        if without:
            counts = ", ".join(f"{count} {status}" for status, count in sorted(without.items()))
            log.warning(
                "%s: %d of %d questions have no plan (%s) and are searched as they are",
                *(inputs.slug, without.total(), len(plans), counts),
            )
        contexts = self.contexts_from(inputs, rankings)
        return [
            replace(context, plan=plan.status.value)
            for context, plan in zip(contexts, plans, strict=True)
        ]


def _interleaved(found: Sequence[Sequence[Hit]]) -> Iterator[Hit]:
    """Rank by rank over all queries; a chunk keeps the score of its first occurrence."""
    seen = set()
    for rank in zip_longest(*found):
        for hit in rank:
            if hit is not None and hit.row not in seen:
                seen.add(hit.row)
                yield hit
