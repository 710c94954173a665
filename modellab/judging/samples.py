"""From predictions to what a judge reads: the answer, the reference and the passages as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context, Prediction, Question, Status
from modellab.judging.records import Sample
from modellab.tasks.canonical import CanonicalAnswer


def read_samples(
    questions: Path, predictions: Path, contexts: Mapping[str, Path], canonical: CanonicalAnswer
) -> list[Sample]:
    """One sample per prediction, in the order of the file; `contexts` are files by retriever."""
    by_id = {question.id: question for question in read_rows(questions, Question)}
    texts = {name: _passage_texts(path) for name, path in contexts.items()}
    return [
        _sample(by_id[row.question_id], row, texts.get(row.retriever, {}), canonical)
        for row in read_rows(predictions, Prediction)
    ]


def _passage_texts(path: Path) -> dict[str, dict[str, str]]:
    """Texts by question and chunk: a retriever may show one chunk differently to each question."""
    return {
        context.question_id: {passage.chunk_id: passage.text for passage in context.passages}
        for context in read_rows(path, Context)
    }


def _sample(
    question: Question,
    row: Prediction,
    texts: Mapping[str, Mapping[str, str]],
    canonical: CanonicalAnswer,
) -> Sample:
    shown = texts.get(question.id, {})
    answered = row.status == Status.ANSWERED
    # what the documents do not hold is no reference, in whatever words a data set says so
    reference = None if question.unanswerable else _reference(question, canonical)
    return Sample(
        question=question,
        retriever=row.retriever,
        repeat=row.repeat,
        status=row.status,
        answer=(canonical.text(row.answer) or "") if answered else "",
        reference=reference,
        unanswerable=question.unanswerable,
        contexts=tuple(shown[name] for name in row.passages if name in shown),
    )


def _reference(question: Question, canonical: CanonicalAnswer) -> str | None:
    """The right answer as text; of several, each on a line of its own."""
    first = canonical.text(question.truth)
    if first is None:
        return None
    return "\n".join([first, *(f"or: {other}" for other in question.other_answers)])
