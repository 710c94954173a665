"""Submission files: answers that were made elsewhere."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from modellab.core.errors import InputError
from modellab.core.io.columns import by_plain_name, require_columns
from modellab.core.io.table_file import DETECTED, Row, TableOptions, cell_text, read_table
from modellab.core.text.json_reading import field_text, with_unit
from modellab.models.submission_logs import adapted, at_path

log = logging.getLogger(__name__)

REQUIRED = ("id", "answer_value", "ref_id")
#: highest number of ids in a message
SHOWN = 20
#: names that only a system's output has
_OUTPUTS = (
    *(
        "prediction",
        "predictions",
        "predicted",
        "predicted_answer",
        "model_answer",
        "generated_answer",
        "actual_output",
    ),
    *("model_output", "model_response", "generated_text", "generation", "prediction_text", "pred"),
    *(
        "llm_answer",
        "llm_response",
        "llm_output",
        "output_text",
        "actual",
        "hypothesis",
        "candidate",
    ),
    *(
        "system_output",
        "system_answer",
        "rag_answer",
        "ai_answer",
        "bot_answer",
        "model_prediction",
    ),
    *("generated_response", "generated", "predicted_text", "predicted_response"),
)
#: columns, or paths in them, whose values differ where a file has the answers of several systems
_SYSTEMS = (
    *("model", "model_name", "model_id", "system", "retriever"),
    *("provider.id", "provider", "promptIdx"),
)
#: names that other programs give to the id, the question and the answer, the most likely first
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "question_id", "qid", "_id", "query_id"),
    "question": ("question", "user_input", "query", "input", "prompt", "instruction", "inputs"),
    "answer": (*_OUTPUTS, "response", "output", "outputs", "completion", "answer", "value"),
    "label": ("prediction", "predicted_label", "pred", "response", "label"),
}
#: a choice below a question
CHOICE = re.compile(r"^([A-Z])\. (.*)$", re.MULTILINE)
#: keys of an answer's text
_TEXTS = ("text", "content", "answer", "response", "output", "generated_text", "value")

#: the fields that hold an answer, and the columns that say why there is none
_ANSWERS = ("answer", "answer_value", "label", "record")
_ERRORS = ("error", "error_message", "exception")
_NOTHING = ("", "none", "null", "nan", "{}", "[]", "false", "0")
_FAILED = (
    *("failed", "failure", "error", "errored", "timeout", "expired", "canceled", "cancelled"),
    *("length", "max_tokens", "max_output_tokens", "content_filter", "safety", "recitation"),
)

MissingRows = Literal["incorrect", "ignore"]


@dataclass(frozen=True)
class SubmissionRow:
    """One row: its id, its cells as text, and its place (file and row).

    Without ids, `id` is the text of the question.
    """

    id: str
    place: str
    cells: Mapping[str, str]

    @property
    def failure(self) -> str | None:
        """Why the row has no answer, where it has none and names an error."""
        cells = {name.strip().casefold(): text.strip() for name, text in self.cells.items()}
        if any(cells.get(name, "").casefold() not in _NOTHING for name in _ANSWERS):
            return None
        said = [cells[name] for name in _ERRORS if cells.get(name, "").casefold() not in _NOTHING]
        status = cells.get("status", "")
        return next(iter(said), status if status.casefold() in _FAILED else None)


@dataclass(frozen=True)
class Submission:
    """A file of answers, in the order of the file; `by_text`: rows are named by their questions."""

    path: Path
    rows: tuple[SubmissionRow, ...]
    by_text: bool = False


def needed_columns(answer_schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a file of answers must have, by the JSON schema of the task's answers.

    Where an answer has several fields and no value, any of them may be left out: an answer that
    cannot be read then is unparsed.
    """
    fields = list(answer_schema.get("properties", REQUIRED[1:]))
    if "answer_value" in fields:
        return REQUIRED
    return ("id", "answer") if fields == ["answer"] else ("id",)


def read_submission(
    path: Path,
    required: Sequence[str] = REQUIRED,
    columns: Mapping[str, str] | None = None,
    reading: TableOptions = DETECTED,
    where: Mapping[str, Any] | None = None,
) -> Submission:
    """Read a table of answers: id and the other `required` columns; more are optional.

    `columns` name the column of a field; others are recognised by their usual names (`NAMES`).
    `where` are values of the rows that are read, by column or path (`provider.id`).
    Samples of lm-eval and logs of inspect are read as they are. Without a column of ids, rows meet
    the questions by their texts. An empty answer_value stays empty.

    Raises InputError (file, row) for a missing column, an empty id, a cell that is no text, and for
    answers of several systems.
    """
    given = dict(columns or {})
    known = {*required, *given.values(), *(name for names in NAMES.values() for name in names)}
    file = read_table(path, known, {"id"}, reading, numbers=("answer_value",))
    file = replace(file, rows=_selected(path, file.rows, where or {}))
    rows, notes = adapted(file)
    columns_there = list(dict.fromkeys(name for _, row in rows for name in row))
    if rows != list(file.rows) and "answer" in columns_there:
        given.setdefault("answer", "answer")
    found = _recognised(path, columns_there, required, given)
    if "answer" not in given:
        _refuse_two_answers(path, columns_there, found.get("answer"))
    by_text = "id" not in found
    needed = [name for name in required if name != "id" or not by_text]
    there = list(dict.fromkeys([*found, *columns_there]))
    require_columns(path, there, needed, "; say which it is: `columns: {answer: ...}`")
    renamed = ", ".join(f"{field} from {name!r}" for field, name in found.items() if field != name)
    if renamed or notes:
        log.info("%s: %s", path, "; ".join(filter(None, [renamed, *notes])))
    name = "question" if by_text else "id"
    _refuse_several_systems(path, rows, found[name])
    return Submission(
        path, tuple(_row(place, row, found, name) for place, row in rows), by_text=by_text
    )


def _selected(
    path: Path, rows: Sequence[tuple[str, Row]], where: Mapping[str, Any]
) -> tuple[tuple[str, Row], ...]:
    """The rows with these values. Raises InputError if there are none."""
    for name, value in where.items():
        values = {field_text(at_path(row, name)): None for _, row in rows}
        rows = [one for one in rows if field_text(at_path(one[1], name)) == field_text(value)]
        if not rows:
            there = listed(list(values), 5)
            raise InputError(f"{path}: `where`: no row has {value!r} in {name!r}; values: {there}")
    return tuple(rows)


def _refuse_several_systems(path: Path, rows: Sequence[tuple[str, Row]], key: str) -> None:
    """Raises InputError if rows of one id, or question, are of several systems."""
    for name in _SYSTEMS:
        first: dict[str, str] = {}
        for _, row in rows:
            of, value = field_text(row.get(key)), field_text(at_path(row, name))
            if first.setdefault(of, value) != value:
                names = list(dict.fromkeys(field_text(at_path(row, name)) for _, row in rows))
                raise InputError(
                    f"{path}: answers of several systems, by {name!r} ({listed(names, 5)}); "
                    f"say whose are meant: `where: {{{name}: {names[0]}}}`"
                )


def _recognised(
    path: Path, there: Sequence[str], required: Sequence[str], columns: Mapping[str, str]
) -> dict[str, str]:
    """By field the column that holds it; the question only where there are no ids."""
    missing = [name for name in columns.values() if name not in there]
    if missing:
        raise InputError(
            f"{path}: `columns` names {missing[0]!r}, which the file does not have (found: "
            f"{', '.join(there) or 'none'})"
        )
    spelling = by_plain_name(there)
    found = dict(columns)
    fields = ["id", *(field for field in required if field in NAMES and field != "id")]
    for field in (*fields, *(["label"] if required == ("id",) else [])):
        usual = [spelling[name] for name in NAMES[field] if name in spelling]
        if field not in found and usual:
            found[field] = usual[0]
    if "id" not in found:
        texts = [spelling[name] for name in NAMES["question"] if name in spelling]
        if "question" not in found and not texts:
            raise InputError(
                f"{path}:1: column 'id' is missing (found: {', '.join(there) or 'none'}); answers "
                "meet questions by `id`, or by the text of the question: `columns: {id: ...}`"
            )
        found.setdefault("question", texts[0] if texts else "")
    return found


def _refuse_two_answers(path: Path, there: Sequence[str], answer: str | None) -> None:
    """Raises InputError for a `response` beside an `answer`, which may be the right one."""
    plain = by_plain_name(there)
    own = (plain.get("answer", answer), *(plain[name] for name in _OUTPUTS if name in plain))
    if answer is not None and answer not in own:
        raise InputError(
            f"{path}: {plain['answer']!r} and {answer!r} may both be the answer; say which: "
            f"`columns: {{answer: {answer}}}`"
        )


def _answer(place: str, value: Any) -> Any:
    """The text of an answer in a list or map. Raises InputError (place) if there are several."""
    if isinstance(value, list) and len(value) == 1:
        return _answer(place, value[0])
    value = with_unit(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        texts = [value[key] for key in _TEXTS if isinstance(value.get(key), str | int | float)]
        value = texts[0] if texts else value
    if isinstance(value, list | Mapping) and value:
        what = "a map" if isinstance(value, Mapping) else f"a list of {len(value)}"
        raise InputError(f"{place}: {what}; an answer is one text")
    return value


def _row(place: str, row: Row, found: Mapping[str, str], name: str) -> SubmissionRow:
    if "answer" in found:
        column = found["answer"]
        row = {**row, column: _answer(f"{place}: {column}", row.get(column))}
    # other types of values stay readable as JSON
    texts = {key: "" if value is None else value for key, value in row.items()}
    cells = {str(k): v if isinstance(v, str) else _text(place, k, v) for k, v in texts.items()}
    cells |= {field: cells.get(column, "") for field, column in found.items()}
    if not cells[name].strip():
        what = "its text" if name == "question" else "the question's id"
        raise InputError(f"{place}: the {name} is empty; write {what}")
    return SubmissionRow(cells[name], place, cells)


def _text(place: str, column: str, value: Any) -> str:
    """A cell as text; of answer_value 1 or 0 for a truth value, as in WattBot's files."""
    plain = isinstance(value, date | time | Decimal) or (
        isinstance(value, bool) and column != "answer_value"
    )
    return cell_text(place, value) if plain else field_text(value)


def plain_text(text: str) -> str:
    return " ".join(text.split())


def listed(ids: Sequence[str], shown: int = SHOWN) -> str:
    """Ids in one line: the first ones by name, the others as a count."""
    more = f" and {len(ids) - shown} more" if len(ids) > shown else ""
    return ", ".join(map(repr, ids[:shown])) + more
