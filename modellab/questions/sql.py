"""Questions from a database, one per row of a query or table."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from modellab.core.errors import InputError
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows, texts
from modellab.core.io.table_file import cell_text
from modellab.core.records import Question
from modellab.questions.row_format import named
from modellab.questions.table_rows import TableRow, question_of

log = logging.getLogger(__name__)

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
