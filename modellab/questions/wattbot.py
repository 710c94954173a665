"""Questions as the WattBot challenge publishes them: a table with the answers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.columns import require_columns
from modellab.core.io.table_file import Row, TableFile, cell_text, has_tables, read_table
from modellab.core.records import Question
from modellab.core.text.blank import is_blank
from modellab.core.values.ids import read_ids
from modellab.questions.protocol import QuestionFormat, QuestionsRead, named
from modellab.questions.table_columns import question_names
from modellab.questions.table_rows import TRUE, first_and_others
from modellab.tasks.wattbot.task import FLAGS

#: the columns of the challenge
COLUMNS = ("id", "question", "answer_value", "answer_unit", "ref_id")
_SCORING = ("id", "answer_value", "ref_id")
_TRUTH = (
    *("answer", "answer_value", "answer_unit", "ref_id"),
    *("ref_url", "supporting_materials", "explanation", "tolerance"),
)


class WattBotFormat(QuestionFormat):
    """The table of the WattBot challenge."""

    task: ClassVar[str | None] = "wattbot"
    fields: ClassVar[frozenset[str] | None] = frozenset((*_TRUTH, *FLAGS))

    kind: Literal["wattbot"] = Field(description="A table as the WattBot challenge publishes it.")
    tag_columns: tuple[str, ...] = Field(
        default=(), description="columns whose cells become tags, such as Usage or a topic"
    )

    @classmethod
    def reads_folder(cls, path: Path) -> bool:
        return has_tables(path)

    def read_file(self, path: Path) -> QuestionsRead:
        """The questions to ask.

        Raises InputError (file, line) for a file without questions, a missing column, an empty or
        duplicate id, and an empty question.
        """
        return self.questions(path, _table(path))

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The questions of the rows of a file that was read already."""
        found = _questions(path, file, (*COLUMNS, *self.tag_columns), self.tag_columns)
        for question in found:
            if not question.text.strip():
                raise InputError(
                    f"{question.source}: the question is empty; write its text or drop the row"
                )
        return QuestionsRead(found, ("read as `format: wattbot`", *file.notes), self.task)


def read_truth(path: Path) -> list[Question]:
    """True answers to score against, from anyone's file: id, answer_value and ref_id suffice.

    Raises InputError (file, line) as `WattBotFormat.read_file`, except for questions without text.
    """
    return _questions(path, _table(path), _SCORING)


def known_flags(questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the file has a column for, even if no question has them."""
    return tuple(flag for flag in FLAGS if any(flag in q.reference for q in questions))


def _table(path: Path) -> TableFile:
    names = (*COLUMNS, *_TRUTH, *FLAGS, "other_answers")
    return read_table(path, names, numbers=("answer_value", "tolerance"))


def _questions(
    path: Path, file: TableFile, required: Sequence[str], tag_columns: Sequence[str] = ()
) -> list[Question]:
    if not file.rows:
        raise InputError(f"{path}: no questions; write one per row below the header")
    asks = question_names({}).intersection(name.casefold() for name in file.columns)
    advice = "; `format: table` reads a question and an answer of these names" if asks else ""
    require_columns(path, file.columns, required, advice)
    return named(_question(place, row, tag_columns) for place, row in file.rows)


def _question(place: str, cells: Row, tag_columns: Sequence[str]) -> Question:
    row = {name: cell_text(f"{place}: {name}", cell) for name, cell in cells.items()}
    if not row["id"].strip():
        raise InputError(f"{place}: the id is empty; give each question a unique id")
    flags = [flag for flag in FLAGS if row.get(flag, "").strip().lower() in TRUE]
    tags = [tag for column in tag_columns if (tag := row[column].strip())]
    reference = {name: row[name] for name in (*_TRUTH, *FLAGS) if name in row}
    others = _other_answers(place, row.get("other_answers", ""))
    # a list with a number in it is one answer, such as the range [80,90]
    answers = _json_list(reference.get("answer", ""))
    if answers and all(isinstance(item, str) for item in answers):
        first, others = first_and_others(place, (*answers, *others))
        reference.update(first)
    references = [name for name in read_ids(row["ref_id"]) if not is_blank(name)]
    return Question(
        id=row["id"],
        text=row.get("question", ""),
        inputs={"answer_unit": row["answer_unit"]} if "answer_unit" in row else {},
        reference=reference,
        references=tuple(dict.fromkeys(references)),
        tags=tuple(dict.fromkeys([*flags, *tags])),
        source=place,
        unanswerable="answer_value" in row and is_blank(row["answer_value"]),
        other_answers=others,
    )


def _other_answers(place: str, cell: str) -> tuple[str, ...]:
    """The texts or numbers (as written) of a JSON list, or one text."""
    if not cell.lstrip().startswith("["):
        return (cell,) if cell.strip() else ()
    found = _json_list(cell, parse_float=str, parse_int=str)
    if found is None or not all(isinstance(item, str) for item in found):
        raise InputError(
            f'{place}: other_answers: write a JSON list of texts, such as ["1931", "March 1931"]'
        )
    return tuple(found)


def _json_list(cell: str, **options: Any) -> list[Any] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        data = json.loads(cell, **options)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, list) else None
