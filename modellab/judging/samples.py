"""From predictions to what a judge reads: the answer, the reference and the passages as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context, Prediction, Question, Status
from modellab.core.text.blank import is_blank
from modellab.judging.records import Sample

#: where a task keeps its answer as text, first one that is there
_TEXTS = ("answer", "label", "record")


def read_samples(questions: Path, predictions: Path, contexts: Mapping[str, Path]) -> list[Sample]:
    """One sample per prediction, in the order of the file; `contexts` are files by retriever."""
    by_id = {question.id: question for question in read_rows(questions, Question)}
    texts = {name: _passage_texts(path) for name, path in contexts.items()}
    return [
        _sample(by_id[row.question_id], row, texts.get(row.retriever, {}))
        for row in read_rows(predictions, Prediction)
    ]


def _passage_texts(path: Path) -> dict[str, dict[str, str]]:
    """Texts by question and chunk: a retriever may show one chunk differently to each question."""
    return {
        context.question_id: {passage.chunk_id: passage.text for passage in context.passages}
        for context in read_rows(path, Context)
    }


def _sample(question: Question, row: Prediction, texts: Mapping[str, Mapping[str, str]]) -> Sample:
    shown = texts.get(question.id, {})
    answered = row.status == Status.ANSWERED
    # what the documents do not hold is no reference, in whatever words a data set says so
    reference = None if question.unanswerable else _reference(question)
    return Sample(
        question=question,
        retriever=row.retriever,
        repeat=row.repeat,
        status=row.status,
        answer=(text_of(row.answer) or "") if answered else "",
        reference=reference,
        unanswerable=question.unanswerable,
        contexts=tuple(shown[name] for name in row.passages if name in shown),
    )


def _reference(question: Question) -> str | None:
    """The right answer as text; of several, each on a line of its own."""
    first = text_of(question.truth)
    if first is None:
        return None
    return "\n".join([first, *(f"or: {other}" for other in question.other_answers)])


def text_of(fields: Mapping[str, str]) -> str | None:
    """The fields of an answer as one text; None where they hold nothing.

    A text stands for itself, followed by the value and its unit where it does not hold the value.
    Fields of other tasks are written out by name.
    """
    if "answer_value" in fields and is_blank(fields["answer_value"]):
        return None
    text = next((fields[name].strip() for name in _TEXTS if not _empty(fields, name)), "")
    value = _value(fields)
    if value and fields["answer_value"].strip() not in text:
        return f"{text} ({value})" if text else value
    return text or _written_out(fields)


def _empty(fields: Mapping[str, str], name: str) -> bool:
    return is_blank(fields.get(name, ""))


def _value(fields: Mapping[str, str]) -> str:
    if _empty(fields, "answer_value"):
        return ""
    unit = "" if _empty(fields, "answer_unit") else fields["answer_unit"]
    return f"{fields['answer_value'].strip()} {unit}".strip()


def _written_out(fields: Mapping[str, str]) -> str | None:
    known = [f"{name}: {text}" for name, text in fields.items() if not _empty(fields, name)]
    return "\n".join(known) or None
