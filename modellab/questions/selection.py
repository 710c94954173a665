"""The questions of a run: read, given a task, and checked against the task and the corpus."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.fingerprint import question_content
from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import read_rows, write_rows
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows, texts
from modellab.core.io.table_file import cell_text
from modellab.core.records import Chunk, Question, Relevance
from modellab.core.text.blank import BLANK
from modellab.corpus.documents import read_document_rows
from modellab.questions.protocol import QuestionFormat, QuestionsRead, named
from modellab.questions.relevance import SPAN, Corpus, ResolvedQuestion, resolve_relevance
from modellab.questions.table_columns import FEW, OWN
from modellab.questions.table_rows import TableRow, question_of
from modellab.tasks import parse_task
from modellab.tasks.protocol import TaskOptions

#: the columns of a question
COLUMNS = (
    *("id", "question", "answer", "other_answers", "label", "score", "groups"),
    *("references", "relevant_chunks", "relevant_urls", "reference_contexts"),
)
_LISTS = ("groups", "references", "relevant_chunks", "relevant_urls", "other_answers")
#: by field its column
_FIELDS = {
    **{name: name for name in ("question", "answer", "other_answers", "label", "references")},
    "chunks": "relevant_chunks",
    "urls": "relevant_urls",
    "contexts": "reference_contexts",
}
_TRUE = ("answer", "label")
#: fields that the reference of questions from a database may have
REFERENCE_FIELDS = frozenset((*_TRUE, "score"))


def read_sql_questions(options: SqlOptions) -> list[Question]:
    """The questions in the order of the rows.

    Rows without a question, or without a true answer if there is a column for it, are left out and
    counted in a warning. The user's score is a field of the reference and a tag such as `score 5`.
    Raises InputError as `query_rows`, for an unknown or missing column, a cell of the wrong type,
    and if no row is left.
    """
    where, rows = query_rows(options)
    _refuse_columns(where, options, rows[0])
    found = [_question(f"{where}: row {n}", row, n) for n, row in enumerate(rows, start=1)]
    wanted = [name for name in _TRUE if name in rows[0]]
    asked = [q for q in found if q.text.strip()]
    usable = [q for q in asked if all(q.reference.get(name, "").strip() for name in wanted)]
    left_out = (len(found) - len(asked), len(asked) - len(usable))
    if any(left_out):
        log.warning(
            "%s: left out: %d rows without a question, %d without an answer, of %d",
            *(where, *left_out, len(found)),
        )
    if not usable:
        raise InputError(f"{where}: no row has a question{' and an answer' if wanted else ''}")
    return named(usable)


def _refuse_columns(where: str, options: SqlOptions, row: Mapping[str, object]) -> None:
    unknown = [name for name in row if name not in COLUMNS]
    if unknown and (options.columns or options.query):
        raise InputError(
            f"{where}: unknown column {unknown[0]!r}; known: {', '.join(COLUMNS)}; "
            "name those that are meant with AS, or in `columns`"
        )
    if "question" not in row:
        raise InputError(
            f"{where}: no column 'question' (found: {', '.join(row)}); name it with "
            "AS, or in `columns`"
        )


def _question(place: str, row: Mapping[str, object], number: int) -> Question:
    # PostgreSQL may give an array as text
    row = {**row} | {n: list(texts(row[n], f"{place}: {n!r}")) for n in _LISTS if n in row}
    found = question_of(
        TableRow(place, row, _FIELDS),
        number,
        ("groups",) if "groups" in row else (),
        text_needed=False,
    )
    score = cell_text(f"{place}: 'score'", row.get("score"))
    # without an id, one derived from the text: a database gives its rows in any order
    name = cell_text(f"{place}: 'id'", row.get("id"))
    scored = {"score": score} if "score" in row else {}
    tags = (*found.tags, *([f"score {score}"] if score else []))
    return replace(found, id=name, reference={**found.reference, **scored}, tags=tags)


#: more distinct labels are probably answers
MOST_LABELS = 20


def fitting_task(path: Path, read: QuestionsRead) -> TaskOptions:
    """The task that questions of this kind are for, by their format or their references.

    Raises InputError, with what to write, if that is ambiguous.
    """
    keys = {key for question in read.questions for key in question.reference}
    given = Counter(
        label for q in read.questions if (label := q.reference.get("label", "").strip())
    )
    labels = {*(read.labels or given)}
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
    listed = all(q.reference.get("label") == q.reference.get("answer") for q in read.questions)
    if "answer" in keys and labels and not listed:
        raise InputError(
            f"{path}: answers and labels; say which count: `task: open_qa` (answers) or "
            f"{_label_task(labels)}"
        )
    if labels and not listed:
        alone = sum(count == 1 for count in given.values())
        distinct = given.total() >= FEW and alone >= OWN * given.total()
        return _task(path, "label", labels, distinct)
    if answered:
        return parse_task("open_qa")
    if all(
        q.references or q.relevance.ids or q.relevance.urls or q.relevance.judgements
        for q in read.questions
    ):
        return parse_task("retrieval")
    raise InputError(
        f"{path}: nothing to compare answers with ({'; '.join(read.notes)}); name the column of "
        "answers: `columns: {answer: ...}` (`modellab init --columns answer=...`); or compare "
        "retrievers alone: `task: retrieval`"
    )


def names_documents(question: Question) -> bool:
    """Whether a question names the documents that answer it."""
    return bool(question.references) or replace(question.relevance, excluded=()) != Relevance()


def _task(path: Path, kind: str, labels: set[str], distinct: bool = False) -> TaskOptions:
    if kind != "label":
        return parse_task(kind)
    if distinct or not 2 <= len(labels) <= MOST_LABELS:
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


log = logging.getLogger(__name__)

#: the fields of a reference that hold the answer
_ANSWERS = ("answer", "answer_value", "label", "record")

#: the most rows that a warning names
SHOWN = 5
#: by whether they count: warnings of texts that are in several documents
_UNSURE = {
    False: f"have reference texts of fewer than {SPAN} words that several documents contain, and "
    "mark no chunk: name the document in `references`, or give whole sentences",
    True: "have reference texts that several documents contain, and count in all of them",
}


def select_questions(
    question_format: QuestionFormat,
    task: TaskOptions,
    questions: Path | None,
    chunks: Path | None,
    split: str | None,
    limit: int | None,
    out: Path,
    documents: Path | None = None,
    read_as: Path | None = None,
    sql: SqlOptions | None = None,
) -> None:
    """Write the first `limit` questions (None: all) that have the tag `split` to `out`.

    They come from the file or folder `questions`, or from a database (`sql`). `documents` is the
    corpus's table of documents, with other names of them. Notes on how the questions were read go
    to `read_as`, a line each.

    References to documents that the corpus does not have are a warning, because the question can
    still be asked: its oracle context is then incomplete. Without `chunks` they are not checked.
    Raises InputError for a question that the task cannot use.
    """
    if sql is not None:
        where = sql.table or "query"
        read = QuestionsRead(read_sql_questions(sql), (f"from the database: {where}",))
    else:
        assert questions is not None
        where = str(questions)
        read = question_format.read_file(questions)
    log.info("%s: %s", where, "; ".join(read.notes))
    asked = chosen(where, read.questions, task, split, limit)
    _warn_of_empty(where, asked)
    if chunks is not None:
        rows = read_document_rows(documents) if documents else []
        asked = _resolved(where, asked, Corpus(read_rows(chunks, Chunk), rows))
    else:
        _warn_of_unseen(where, asked)
    _warn_of_repeated(where, asked)
    write_rows(out, map(task.completed, asked))
    if read_as is not None:
        with atomic_file(read_as) as handle:
            handle.writelines(f"{note}\n" for note in read.notes)
    log.info("%d questions from %s", len(asked), where)


def chosen(
    where: str, found: list[Question], task: TaskOptions, split: str | None, limit: int | None
) -> list[Question]:
    """The first `limit` questions with the tag `split`, as the task prepares them.

    Raises InputError for a question that the task cannot use, and names a task that can.
    """
    asked = _of_split(where, found, split)[:limit]
    questions = [task.prepared(question) for question in asked]
    if task.may_go_unscored and all(not q.reference and names_documents(q) for q in questions):
        log.warning("%s: no answers to compare with: only retrieval and judges are scored", where)
        return questions
    for question in questions:
        problem = task.refuse(question)
        if problem:
            raise InputError(f"{question.source}: {problem}{_other_task(where, task, asked)}")
    return questions


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


def _warn_of_unseen(where: str, questions: Sequence[Question]) -> None:
    """Warn of texts beside the questions that no model sees, as there is no corpus."""
    count = sum(bool(question.relevance.contexts) for question in questions)
    if count:
        log.warning(
            "%s: %d questions come with texts that hold their answers, but models do not see them, "
            "as the dataset has no corpus; to show them, name the column: "
            "`corpora: {texts: {path: %s, columns: {text: ...}}}` and `corpus: texts` in the "
            "dataset",
            *(where, count, where),
        )


def _warn_of_repeated(where: str, questions: Sequence[Question]) -> None:
    """Warn of questions that are in the file several times."""
    first: dict[str, Question] = {}
    pairs = [(q, first.setdefault(question_content(q), q)) for q in questions]
    again = [f"{one.id} is {earlier.id}" for one, earlier in pairs if one is not earlier]
    unlike = [
        f"{one.id} and {earlier.id}"
        for one, earlier in pairs
        if any(one.reference.get(name) != earlier.reference.get(name) for name in _ANSWERS)
        and not {*one.other_answers} & {*earlier.other_answers}
    ]
    if unlike:
        log.warning(
            "%s: %d questions are the same as earlier ones, but have another reference (%s), as of "
            "annotators who disagree; no answer is right for both",
            *(where, len(unlike), _listed(unlike[:SHOWN], len(unlike))),
        )
    if again:
        log.warning(
            "%s: %d questions are the same as earlier ones (%s); scores count all of them, "
            "intervals and tests count each question once",
            where,
            len(again),
            _listed(again[:SHOWN], len(again)),
        )


def _resolved(where: str, questions: Sequence[Question], corpus: Corpus) -> list[Question]:
    """The questions with their references in the corpus; warnings name what cannot be used."""
    found = [resolve_relevance(question, corpus) for question in questions]

    def warn(
        those: Sequence[ResolvedQuestion], about: str, describe: Callable[[ResolvedQuestion], str]
    ) -> None:
        if those:
            shown = [f"{p.question.id} ({p.question.source}): {describe(p)}" for p in those[:SHOWN]]
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
        those = [one for one in found if any(text.judged is judged for text in one.ambiguous_texts)]
        warn(those, about, partial(_places_of_texts, judged=judged))
    renamed = {name: known for one in found for name, known in one.question.aliases.items()}
    if renamed:
        shown = [f"{name!r} is {known!r}" for name, known in list(renamed.items())[:SHOWN]]
        log.info("%s: documents under other names: %s", where, _listed(shown, len(renamed)))
    return [one.question for one in found]


def _places_of_texts(one: ResolvedQuestion, judged: bool) -> str:
    texts = [text for text in one.ambiguous_texts if text.judged is judged]
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
