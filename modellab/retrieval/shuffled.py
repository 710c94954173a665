"""Another question's passages: does a model see that its context is of no use?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.records import Chunk, Context, Question
from modellab.retrieval.protocol import Members, RetrieverOptions
from modellab.retrieval.starting import contexts_of


class ShuffledOptions(RetrieverOptions):
    """Gives each question the passages that another retriever found for another question."""

    role: ClassVar[str] = "shuffled"
    kind: Literal["shuffled"] = Field(description="Passages found for another question.")
    of: str = Field(description="The name of the retriever whose passages are shuffled.")

    def rearranges(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """Every context goes to exactly one other question; a lone question has no passages.

        As few questions as possible get a chunk of a document that holds their own answer.
        Raises InputError when the contexts lack a question.
        """
        given = contexts_of(self.of, questions, members)
        if len(given) < 2:
            return [Context(question.id, slug, ()) for question in questions]
        donors = _donors(questions, given, seed)
        return [
            Context(question.id, slug, given[donor].passages, given[donor].shown)
            for question, donor in zip(questions, donors, strict=True)
        ]


def _donors(questions: Sequence[Question], given: Sequence[Context], seed: int) -> list[int]:
    """For each question the row of its donor: a permutation without a fixed point.

    The cheapest of all assignments. Its costs are drawn from the seed, which makes the order
    random; a helpful donor costs more than all draws together, a question's own context more
    than all helpful donors.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    count = len(questions)
    costs = np.random.default_rng(seed).random((count, count))
    documents = [{passage.document_id for passage in context.passages} for context in given]
    for row, question in enumerate(questions):
        helpful = [not found.isdisjoint(question.references) for found in documents]
        costs[row, helpful] += count
    np.fill_diagonal(costs, count * (count + 1))
    return [int(column) for column in linear_sum_assignment(costs)[1]]
