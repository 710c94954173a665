"""The questions of a run: read, limited, and checked against task and corpus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import read_rows, write_rows
from modellab.core.io.sql.options import SqlOptions
from modellab.core.records import Chunk, Question
from modellab.core.text.blank import BLANK
from modellab.corpus.documents import read_document_rows
from modellab.questions.fitting_task import fitting_task, names_documents
from modellab.questions.protocol import QuestionFormat, QuestionsRead
from modellab.questions.relevance import SPAN, Corpus, Placed, placed
from modellab.questions.sql import read_sql_questions
from modellab.tasks.protocol import TaskOptions

log = logging.getLogger(__name__)

#: the most rows that a warning names
SHOWN = 5
#: by whether they count: warnings of texts that are in several documents
_UNSURE = {
    False: f"have reference texts of fewer than {SPAN} words that several documents contain, and "
    "mark no chunk: name the document in `references`, or give whole sentences",
    True: "have reference texts that several documents contain, and count in all of them",
}


def select_questions(
    written_as: QuestionFormat | SqlOptions,
    task: TaskOptions,
    path: Path | None,
    chunks: Path | None,
    split: str | None,
    limit: int | None,
    out: Path,
    documents: Path | None = None,
    read_as: Path | None = None,
) -> None:
    """Write the first `limit` questions (None: all) that have the tag `split` to `out`.

    They come from the file `path`, or from a database. `documents` is the corpus's table of
    documents, which gives them other names. Notes on how the questions were read go to `read_as`, a
    line each.

    References to documents that the corpus does not have are a warning, because the question can
    still be asked: its oracle context is then incomplete. Without `chunks` they are not checked.
    Raises InputError for a question that the task cannot use.
    """
    where = str(path)
    if isinstance(written_as, SqlOptions):
        where = written_as.table or "query"
        read = QuestionsRead(read_sql_questions(written_as), (f"from the database: {where}",))
    else:
        assert path is not None
        read = written_as.reading(path)
    log.info("%s: %s", where, "; ".join(read.notes))
    questions = chosen(where, read.questions, task, split, limit)
    _warn_of_empty(where, questions)
    if chunks is not None:
        rows = read_document_rows(documents) if documents else []
        questions = _placed(where, questions, Corpus(read_rows(chunks, Chunk), rows))
    write_rows(out, map(task.completed, questions))
    if read_as is not None:
        with atomic_file(read_as) as handle:
            handle.writelines(f"{note}\n" for note in read.notes)
    log.info("%d questions from %s", len(questions), where)


def chosen(
    where: str, found: list[Question], task: TaskOptions, split: str | None, limit: int | None
) -> list[Question]:
    """The first `limit` questions with the tag `split`, as the task prepares them.

    Raises InputError for a question that the task cannot use, and names a task that can.
    """
    asked = _of_split(where, found, split)[:limit]
    questions = [task.prepared(question) for question in asked]
    if task.may_go_unscored and _only_relevance(questions):
        log.warning("%s: no answers to compare with: only retrieval and judges are scored", where)
        return questions
    for question in questions:
        problem = task.refuse(question)
        if problem:
            raise InputError(f"{question.source}: {problem}{_other_task(where, task, asked)}")
    return questions


def _only_relevance(questions: Sequence[Question]) -> bool:
    """Whether no question has an answer, but each names relevant documents."""
    return all(not question.reference and names_documents(question) for question in questions)


def _other_task(where: str, task: TaskOptions, asked: Sequence[Question]) -> str:
    """A hint at the task that the questions are for, if it is another one."""
    try:
        other = fitting_task(Path(where), QuestionsRead(list(asked)))
    except InputError:
        return ""
    if other.kind == task.kind or any(other.refuse(other.prepared(one)) for one in asked):
        return ""
    return f"; `task: {other.kind}` can use these questions"


def _of_split(where: str, questions: list[Question], split: str | None) -> list[Question]:
    chosen = [question for question in questions if split is None or split in question.tags]
    if not chosen:
        tags = sorted({tag for question in questions for tag in question.tags})
        raise InputError(
            f"{where}: no question has the tag {split!r} (there are: {', '.join(tags) or 'none'})"
        )
    return chosen


def _warn_of_empty(where: str, questions: Sequence[Question]) -> None:
    """Warn of empty cells, which count as unanswerable."""
    ids = [q.id for q in questions if not q.reference.get("answer_value", BLANK).strip()]
    if ids:
        log.warning(
            "%s: %d questions have an empty answer_value and count as unanswerable; write "
            "is_blank if that is meant (%s)",
            where,
            len(ids),
            ", ".join(ids[:SHOWN]),
        )


def _placed(where: str, questions: Sequence[Question], corpus: Corpus) -> list[Question]:
    """The questions with their references in the corpus; warnings name what cannot be used."""
    found = [placed(question, corpus) for question in questions]

    def warn(those: Sequence[Placed], about: str, said: Callable[[Placed], str]) -> None:
        if those:
            shown = [f"{p.question.id} ({p.question.source}): {said(p)}" for p in those[:SHOWN]]
            counts = f"{len(those)} of {len(found)} questions"
            log.warning("%s: %s %s: %s", where, counts, about, _listed(shown, len(those)))

    warn(
        [one for one in found if one.unknown],
        "refer to what the corpus does not have",
        lambda one: ", ".join(_with_nearest(missing, corpus) for missing in one.unknown),
    )
    warn(
        [one for one in found if one.ambiguous],
        "have references that several documents are called by, and that count for none; write one "
        "of the ids",
        lambda one: "; ".join(f"{name!r} ({', '.join(of)})" for name, of in one.ambiguous.items()),
    )
    for judged, about in _UNSURE.items():
        those = [one for one in found if any(text.judged is judged for text in one.unsure)]
        warn(those, about, partial(_places_of_texts, judged=judged))
    renamed = {name: known for one in found for name, known in one.question.aliases.items()}
    if renamed:
        shown = [f"{name!r} is {known!r}" for name, known in list(renamed.items())[:SHOWN]]
        log.info("%s: documents under other names: %s", where, _listed(shown, len(renamed)))
    return [one.question for one in found]


def _places_of_texts(one: Placed, judged: bool) -> str:
    texts = [text for text in one.unsure if text.judged is judged]
    return ", ".join(
        f"{text.text!r} in {text.chunks} chunks of {text.documents} documents" for text in texts
    )


def _with_nearest(missing: str, corpus: Corpus) -> str:
    """With the reason why a document was left out, or the nearest id."""
    what, _, quoted = missing.partition(" ")
    if what != "document":
        return missing
    name = quoted[1:-1]
    reason, nearest = corpus.names.left_out(name), corpus.names.nearest(name)
    if reason is not None:
        return f"{missing} (left out: {reason})"
    return f"{missing} (nearest: {nearest!r})" if nearest else missing


def _listed(items: Sequence[str], of: int) -> str:
    """The items, and the number of others."""
    more = of - len(items)
    return "; ".join(items) + (f"; and {more} more" if more else "")
