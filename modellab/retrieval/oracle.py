"""The ideal context: what a model could do if retrieval were perfect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.records import Chunk, Context, Question
from modellab.core.text.words import words
from modellab.retrieval.protocol import Hit, Members, RetrieverOptions, passages


class OracleOptions(RetrieverOptions):
    """Gives the chunks that are known to hold the answer.

    Where chunks are not judged one by one, these are all of the reference documents.
    """

    role: ClassVar[str] = "oracle"
    kind: Literal["oracle"] = Field(description="The chunks of the question's references.")
    top_k: PositiveInt | None = Field(
        default=None,
        description="The most chunks per question, those nearest to it first; all when left out.",
    )

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """Passages by grade, then in the order of the chunks; none where no document answers."""
        rows = _rows_by_document(chunks)
        return [
            Context(question.id, slug, passages(chunks, self._hits(question, chunks, rows)))
            for question in questions
        ]

    def _hits(
        self, question: Question, chunks: Sequence[Chunk], rows: dict[str, list[int]]
    ) -> list[Hit]:
        judged = set(question.relevant_chunks)
        wanted = {row for name in question.references for row in rows.get(name, [])}
        chosen = sorted(row for row in wanted if not judged or chunks[row].id in judged)
        if self.top_k is not None and len(chosen) > self.top_k:
            chosen = sorted(_nearest(question, chunks, chosen)[: self.top_k])
        if question.grades:  # the best ranking that there can be
            chosen.sort(key=lambda row: -_grade(question, chunks[row]))
        return [Hit(row, 1.0) for row in chosen]


def _grade(question: Question, chunk: Chunk) -> int:
    """How relevant a chunk is, or its document where chunks have no grades; 1 without any."""
    grades = question.grades
    return grades.get(chunk.id, grades.get(chunk.document_id, 1))


def _rows_by_document(chunks: Sequence[Chunk]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, chunk in enumerate(chunks):
        rows.setdefault(chunk.document_id, []).append(row)
    return rows


def _nearest(question: Question, chunks: Sequence[Chunk], rows: Sequence[int]) -> list[int]:
    """The rows by how many words they share with the question and its supporting materials."""
    support = question.truth.get("supporting_materials", "")
    wanted = {*words(question.text), *words(support)}
    return sorted(rows, key=lambda row: (-len(wanted.intersection(words(chunks[row].text))), row))
