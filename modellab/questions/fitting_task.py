"""The task of a file of questions, if the config names none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.records import Question, Relevance
from modellab.questions.protocol import QuestionsRead
from modellab.tasks import parse_task
from modellab.tasks.protocol import TaskOptions

#: more distinct labels are probably answers
MOST_LABELS = 20


def fitting_task(path: Path, read: QuestionsRead) -> TaskOptions:
    """The task that questions of this kind are for, by their format or their references.

    Raises InputError, with what to write, if that is ambiguous.
    """
    keys = {key for question in read.questions for key in question.reference}
    labels = {*read.labels} or {
        label for q in read.questions if (label := q.reference.get("label", "").strip())
    }
    if read.task is not None:
        return _task(path, read.task, labels)
    answered = "answer" in keys or any(question.unanswerable for question in read.questions)
    if "record" in keys:
        raise InputError(
            f"{path}: for records, say what one looks like: "
            "`task: {kind: extract, record: schema.json}`"
        )
    if "answer_value" in keys:
        return parse_task("wattbot")
    if "answer" in keys and labels:
        raise InputError(
            f"{path}: answers and labels; say which count: `task: open_qa` (answers) or "
            f"{_label_task(labels)}"
        )
    if labels:
        return _task(path, "label", labels)
    if answered:
        return parse_task("open_qa")
    if all(
        q.references or replace(q.relevance, contexts=()) != Relevance() for q in read.questions
    ):
        return parse_task("retrieval")
    raise InputError(
        f"{path}: nothing to compare answers with ({'; '.join(read.notes)}); say which column "
        "holds it: `columns: {answer: ...}`; or compare retrievers alone: `task: retrieval`"
    )


def names_documents(question: Question) -> bool:
    """Whether a question names the documents that answer it."""
    return bool(question.references) or question.relevance != Relevance()


def _task(path: Path, kind: str, labels: set[str]) -> TaskOptions:
    if kind != "label":
        return parse_task(kind)
    if not 2 <= len(labels) <= MOST_LABELS:
        raise InputError(
            f"{path}: {len(labels)} different labels; say what to choose from: "
            f"{_label_task(labels)}, or `columns: {{answer: label}}` if they are answers"
        )
    ordered = sorted(labels)
    if ordered == [str(number) for number in range(len(labels))]:
        meant = ", ".join(f"name{number}: ['{number}']" for number in ordered)
        raise InputError(
            f"{path}: the labels are numbers of classes ({', '.join(ordered)}); name them: `task: "
            f"{{kind: label, labels: [name0, ...], spellings: {{{meant}}}}}`"
        )
    return parse_task({"kind": "label", "labels": ordered})


def _label_task(labels: set[str]) -> str:
    shown = ", ".join(sorted(labels)[:3])
    return f"`task: {{kind: label, labels: [{shown}{', ...' if len(labels) > 3 else ''}]}}`"
