"""The questions of one run: read, cut to the limit, and checked against task and corpus."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from modellab.databases.options import SqlOptions
from modellab.errors import InputError
from modellab.questions.protocol import QuestionFormat
from modellab.questions.relevance import Corpus, placed
from modellab.questions.sql import read_sql_questions
from modellab.records import Chunk, Question
from modellab.storage.jsonl import read_rows, write_rows
from modellab.tasks.protocol import TaskOptions
from modellab.wattbot_blank import BLANK

log = logging.getLogger(__name__)

#: how many rows a warning names
SHOWN = 20


def select_questions(
    written_as: QuestionFormat | SqlOptions,
    task: TaskOptions,
    path: Path | None,
    chunks: Path | None,
    split: str | None,
    limit: int | None,
    out: Path,
) -> None:
    """Write the first `limit` questions (None: all) that have the tag `split` to `out`.

    They come from the file `path`, or from a database.

    References to documents that the corpus does not have are a warning, because the question
    may still be asked: its oracle context is then incomplete. Without `chunks` there is nothing
    to compare them with. Raises InputError for a question that the task cannot use.
    """
    if isinstance(written_as, SqlOptions):
        where, found = written_as.table or "query", read_sql_questions(written_as)
    else:
        assert path is not None
        where, found = str(path), written_as.read(path)
    questions = [task.prepared(question) for question in _of_split(where, found, split)[:limit]]
    _refuse_wrong(task, questions)
    _warn_of_forgotten(where, questions)
    if chunks is not None:
        questions = _placed(where, questions, read_rows(chunks, Chunk))
    write_rows(out, questions)
    log.info("%d questions from %s", len(questions), where)


def _of_split(where: str, questions: list[Question], split: str | None) -> list[Question]:
    chosen = [question for question in questions if split is None or split in question.tags]
    if not chosen:
        tags = sorted({tag for question in questions for tag in question.tags})
        raise InputError(
            f"{where}: no question has the tag {split!r} (there are: {', '.join(tags) or 'none'})"
        )
    return chosen


def _refuse_wrong(task: TaskOptions, questions: Sequence[Question]) -> None:
    for question in questions:
        problem = task.refuse(question)
        if problem:
            raise InputError(f"{question.source}: {problem}")


def _warn_of_forgotten(where: str, questions: Sequence[Question]) -> None:
    """An empty cell counts as unanswerable, which every value then gets right."""
    ids = [q.id for q in questions if not q.truth.get("answer_value", BLANK).strip()]
    if ids:
        log.warning(
            "%s: %d questions have an empty answer_value and count as unanswerable; write "
            "is_blank if that is meant (%s)",
            where,
            len(ids),
            ", ".join(ids[:SHOWN]),
        )


def _placed(where: str, questions: Sequence[Question], chunks: Sequence[Chunk]) -> list[Question]:
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
        log.warning("%s: %d more questions refer to what is not in the corpus", where, more)
    return [question for question, _ in found]
