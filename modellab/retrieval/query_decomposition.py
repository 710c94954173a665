"""Planned search: a model splits the question into queries, and what they find is merged.

The model is asked in a job of its own (`generation.query_plans`); here its plans are read. A
question without a plan is searched as it stands, and its context says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.errors import InputError
from modellab.core.records import Chunk, Context, Plan, PlanStatus, Question
from modellab.retrieval.hybrid import fuse
from modellab.retrieval.protocol import Hit, Members, RetrieverOptions, Searcher, passages

log = logging.getLogger(__name__)

#: as for `hybrid`: how little first places count
_RRF_K = 60


class QueryDecompositionOptions(RetrieverOptions):
    """Asks another retriever's index for the question and the queries that a model made of it."""

    kind: Literal["query_decomposition"] = Field(
        description="Queries that a model makes of the question."
    )
    of: str = Field(description="The retriever with an index that is asked.")
    model: str = Field(
        description="The model that plans: a name in `models`; it need not be enabled there."
    )
    prompt: Path | None = Field(
        default=None, description="A prompt of your own; default: the one that ships."
    )
    max_queries: PositiveInt = Field(
        default=3, description="How many queries a plan may have; more are cut off, and counted."
    )
    keep_question: bool = Field(
        default=True, description="Whether the question itself is searched as well, and first."
    )
    per_query: PositiveInt = Field(default=5, description="How many chunks each query finds.")
    merge: Literal["interleave", "fuse"] = Field(
        default="interleave",
        description="interleave: the first of each query, then the second of each; fuse: by "
        "reciprocal ranks, so that what several queries find comes first. No chunk is in it twice.",
    )
    top_k: PositiveInt = Field(default=5, description="How many chunks a model is shown.")
    extra_k: NonNegativeInt = Field(
        default=0, description="How many more are kept for models with `retry_on_abstain`."
    )

    def planner(self) -> str:
        return self.model

    def plan_options(self) -> dict[str, Any]:
        """The options that decide the plans, as plain JSON."""
        return {"max_queries": self.max_queries}

    def at_depth(self, depth: int) -> Self:
        """All that the queries find: there is no more to be had."""
        return self.model_copy(update={"top_k": depth, "extra_k": 0})

    def searches(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """Raises InputError for plans that lack a question."""
        missing = [question.id for question in questions if question.id not in members.plans]
        if missing:
            raise InputError(f"plans of {slug!r} lack question {missing[0]!r}; make them anew")
        plans = [members.plans[question.id] for question in questions]
        queries = [self._queries(*pair) for pair in zip(questions, plans, strict=True)]
        rankings = _search(members.searchers[self.of], queries, self.per_query)
        _warn_of_fallbacks(slug, plans)
        wanted = self.top_k + self.extra_k
        return [
            Context(
                question.id,
                slug,
                passages(chunks, self._merged(found)[:wanted]),
                shown=self.top_k,
                plan=plan.status.value,
            )
            for question, plan, found in zip(questions, plans, rankings, strict=True)
        ]

    def _queries(self, question: Question, plan: Plan) -> list[str]:
        own = [question.text] if self.keep_question or not plan.queries else []
        return list(dict.fromkeys([*own, *plan.queries]))

    def _merged(self, found: Sequence[Sequence[Hit]]) -> list[Hit]:
        return list(_interleaved(found)) if self.merge == "interleave" else fuse(found, _RRF_K)


def _search(searcher: Searcher, queries: Sequence[Sequence[str]], k: int) -> list[list[list[Hit]]]:
    """The hits by question and query; all queries are handed over together."""
    hits = iter(searcher.search(list(chain.from_iterable(queries)), k))
    return [[next(hits) for _ in own] for own in queries]


def _interleaved(found: Sequence[Sequence[Hit]]) -> Iterator[Hit]:
    """Rank by rank over all queries; a chunk keeps the score of where it came first."""
    seen = set()
    for rank in zip_longest(*found):
        for hit in rank:
            if hit is not None and hit.row not in seen:
                seen.add(hit.row)
                yield hit


def _warn_of_fallbacks(slug: str, plans: Sequence[Plan]) -> None:
    without = Counter(plan.status.value for plan in plans if plan.status != PlanStatus.PLANNED)
    if without:
        told = ", ".join(f"{count} {status}" for status, count in sorted(without.items()))
        log.warning(
            "%s: %d of %d questions have no plan (%s) and are searched as they stand",
            *(slug, without.total(), len(plans), told),
        )
