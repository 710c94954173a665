"""Questions from a database, one per row of a query or table."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from modellab.core.errors import InputError
from modellab.core.io.sql.cells import texts
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows
from modellab.core.records import Question, Relevance
from modellab.questions.answers import first_and_others, texts_of_list
from modellab.questions.row_format import named

log = logging.getLogger(__name__)

#: what is known of a question, each in a column of its own
COLUMNS = (
    *("id", "question", "answer", "other_answers", "label", "score", "groups"),
    *("references", "relevant_chunks", "relevant_urls", "reference_contexts"),
)
_ONE = ("id", "question", "label", "score")
_TRUE = ("answer", "label")
#: what questions from a database may have in their truth
TRUTHS = frozenset((*_TRUE, "score"))


def read_sql_questions(options: SqlOptions) -> list[Question]:
    """The questions in the order of the rows.

    Rows without a question, or without the true answer where there is a column for it, are left
    out and counted in a warning. The user's score is a truth beside the answer, and a group such
    as `score 5`. Raises InputError as `query_rows` does, for a column that is not known or not
    there, a cell of another kind, and where no row is left.
    """
    where, rows = query_rows(options)
    _refuse_columns(where, options, rows[0])
    found = [_question(f"{where}: row {n}", row) for n, row in enumerate(rows, start=1)]
    wanted = [name for name in _TRUE if name in rows[0]]
    asked = [q for q in found if q.text.strip()]
    usable = [q for q in asked if all(q.truth[name].strip() for name in wanted)]
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
            f"{where}: no column 'question' (found: {', '.join(row)}); say where it stands with "
            "AS, or in `columns`"
        )


def _question(place: str, row: Mapping[str, object]) -> Question:
    one = {name: _text(place, name, row[name]) for name in _ONE if name in row}
    true, others = _answers(place, row)
    several = {
        name: texts(row.get(name), f"{place}: {name!r}")
        for name in ("groups", "references", "relevant_chunks", "relevant_urls")
    }
    score = one.get("score", "")
    context = row.get("reference_contexts")
    return Question(
        id=one.get("id", ""),
        text=one["question"],
        given={},
        truth={**true, **{name: one[name] for name in ("label", "score") if name in one}},
        references=(),
        tags=(*several["groups"], *([f"score {score}"] if score else [])),
        relevance=Relevance(
            ids=(*several["references"], *several["relevant_chunks"]),
            urls=several["relevant_urls"],
            # a text may well begin with a bracket: only a list is several
            contexts=texts(context, place) if isinstance(context, list) else _context(context),
        ),
        source=place,
        other_answers=others,
    )


def _answers(place: str, row: Mapping[str, object]) -> tuple[dict[str, str], tuple[str, ...]]:
    """An answer is a text, or a list of right ones: an array, or the text of a JSON list."""
    others = texts(row.get("other_answers"), f"{place}: 'other_answers'")
    if "answer" not in row:
        return {}, others
    answer = row["answer"]
    if isinstance(answer, list):
        several = texts(answer, f"{place}: 'answer'") or ("",)
    else:
        text = _text(place, "answer", answer)
        several = texts_of_list(text) or (text,)
    return first_and_others(place, (*several, *others))


def _context(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value.strip() else ()


def _text(place: str, name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InputError(f"{place}: {name!r} must be text, not {type(value).__name__}")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
