"""Reference points for real retrievers: the right passages, another question's, and none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.records import Chunk, Context, Question
from modellab.core.text.words import words
from modellab.retrieval.protocol import Hit, RetrievalInput, RetrieverOptions, passages


class NoneOptions(RetrieverOptions):
    """Gives no passages at all (closed book)."""

    role: ClassVar[str] = "none"
    kind: Literal["none"] = Field(description="No passages (closed book).")

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        return [Context(question.id, inputs.slug, ()) for question in inputs.questions]


class OracleOptions(RetrieverOptions):
    """Gives the relevant chunks; all chunks of the reference documents if none are judged."""

    role: ClassVar[str] = "oracle"
    kind: Literal["oracle"] = Field(description="The chunks of the question's references.")
    top_k: PositiveInt | None = Field(
        default=None,
        description="The most chunks per question, those nearest to it first; all when left out.",
    )

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        """Passages by grade, then in the order of the chunks; none for an unanswerable question."""
        rows = defaultdict(list)
        for row, chunk in enumerate(inputs.chunks):
            rows[chunk.document_id].append(row)
        found = [self._hits(question, inputs.chunks, rows) for question in inputs.questions]
        return [
            Context(question.id, inputs.slug, passages(inputs.chunks, hits))
            for question, hits in zip(inputs.questions, found, strict=True)
        ]

    def _hits(
        self, question: Question, chunks: Sequence[Chunk], rows: Mapping[str, list[int]]
    ) -> list[Hit]:
        judged = set(question.relevant_chunks)
        wanted = {row for name in question.references for row in rows.get(name, [])}
        chosen = sorted(row for row in wanted if not judged or chunks[row].id in judged)
        if self.top_k is not None and len(chosen) > self.top_k:
            chosen = sorted(_nearest(question, chunks, chosen)[: self.top_k])
        if question.grades:  # the ideal ranking
            chosen.sort(key=lambda row: -_grade(question, chunks[row]))
        return [Hit(row, 1.0) for row in chosen]


def _grade(question: Question, chunk: Chunk) -> int:
    """The grade of a chunk, or of its document if chunks have no grades; 1 without any."""
    grades = question.grades
    return grades.get(chunk.id, grades.get(chunk.document_id, 1))


def _nearest(question: Question, chunks: Sequence[Chunk], rows: Sequence[int]) -> list[int]:
    """The rows by the number of words they share with the question and its evidence."""
    support = question.reference.get("supporting_materials", "")
    wanted = {*words(question.text), *words(support)}
    return sorted(rows, key=lambda row: (-len(wanted.intersection(words(chunks[row].text))), row))


class ShuffledOptions(RetrieverOptions):
    """Gives each question the passages that another retriever found for another question."""

    role: ClassVar[str] = "shuffled"
    kind: Literal["shuffled"] = Field(description="Passages found for another question.")
    of: str = Field(description="The name of the retriever whose passages are shuffled.")

    def starts_from(self) -> tuple[str, ...]:
        return (self.of,)

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        """Every context goes to exactly one other question; a lone question has no passages.

        As few questions as possible get a chunk of a document that holds their own answer.
        """
        given = inputs.contexts_of(self.of)
        if len(given) < 2:
            return [Context(question.id, inputs.slug, ()) for question in inputs.questions]
        donors = _donors(inputs.questions, given, inputs.seed)
        return [
            Context(question.id, inputs.slug, given[donor].passages, given[donor].shown)
            for question, donor in zip(inputs.questions, donors, strict=True)
        ]


def _donors(questions: Sequence[Question], given: Sequence[Context], seed: int) -> list[int]:
    """The row of each question's donor: a permutation without a fixed point.

    The assignment of least cost. Costs are drawn from the seed, which makes the order random; a
    helpful donor costs more than all draws together, a question's own context more than all
    helpful donors.
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
