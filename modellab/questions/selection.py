"""The questions of one run: read, cut to the limit, and checked against task and corpus."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from modellab.errors import InputError
from modellab.questions.protocol import QuestionFormat
from modellab.questions.relevance import Corpus, placed
from modellab.records import Chunk, Question
from modellab.storage.jsonl import read_rows, write_rows
from modellab.tasks.protocol import TaskOptions
from modellab.wattbot_blank import BLANK

log = logging.getLogger(__name__)

#: how many rows a warning names
SHOWN = 20


def select_questions(
    written_as: QuestionFormat,
    task: TaskOptions,
    path: Path,
    chunks: Path | None,
    split: str | None,
    limit: int | None,
    out: Path,
) -> None:
    """Write the first `limit` questions (None: all) of a file that have the tag `split` to `out`.

    References to documents that the corpus does not have are a warning, because the question
    may still be asked: its oracle context is then incomplete. Without `chunks` there is nothing
    to compare them with. Raises InputError for a question that the task cannot use.
    """
    questions = _of_split(path, written_as.read(path), split)[:limit]
    _refuse_wrong(task, questions)
    _warn_of_forgotten(path, questions)
    if chunks is not None:
        questions = _placed(path, questions, read_rows(chunks, Chunk))
    write_rows(out, questions)
    log.info("%d questions from %s", len(questions), path)


def _of_split(path: Path, questions: list[Question], split: str | None) -> list[Question]:
    chosen = [question for question in questions if split is None or split in question.tags]
    if not chosen:
        tags = sorted({tag for question in questions for tag in question.tags})
        raise InputError(
            f"{path}: no question has the tag {split!r} (there are: {', '.join(tags) or 'none'})"
        )
    return chosen


def _refuse_wrong(task: TaskOptions, questions: Sequence[Question]) -> None:
    for question in questions:
        problem = task.refuse(question)
        if problem:
            raise InputError(f"{question.source}: {problem}")


def _warn_of_forgotten(path: Path, questions: Sequence[Question]) -> None:
    """An empty cell counts as unanswerable, which every value then gets right."""
    ids = [q.id for q in questions if not q.truth.get("answer_value", BLANK).strip()]
    if ids:
        log.warning(
            "%s: %d questions have an empty answer_value and count as unanswerable; write "
            "is_blank if that is meant (%s)",
            path,
            len(ids),
            ", ".join(ids[:SHOWN]),
        )


def _placed(path: Path, questions: Sequence[Question], chunks: Sequence[Chunk]) -> list[Question]:
    corpus = Corpus(chunks)
    found = [placed(question, corpus) for question in questions]
    unknown = [(question, missing) for question, missing in found if missing]
    for question, missing in unknown[:SHOWN]:
        log.warning(
            "%s: question %s: not in the corpus: %s",
            question.source,
            question.id,
            ", ".join(missing),
        )
    if len(unknown) > SHOWN:
        more = len(unknown) - SHOWN
        log.warning("%s: %d more questions refer to what is not in the corpus", path, more)
    return [question for question, _ in found]
