"""Questions as the WattBot challenge publishes them: a table with the answers beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.delimited import require_columns
from modellab.core.io.table_file import TableFile, cell_text, has_tables, read_table
from modellab.core.records import Question
from modellab.core.text.blank import is_blank
from modellab.core.values.ids import read_ids
from modellab.questions.answers import first_and_others, other_answers, texts_of_list
from modellab.questions.protocol import QuestionFormat, QuestionsRead
from modellab.questions.row_format import named
from modellab.questions.table_columns import question_names
from modellab.tasks.wattbot.task import FLAGS

_TRUE = frozenset({"1", "1.0", "true", "t", "yes", "y"})
#: what a row must have
COLUMNS = ("id", "question", "answer_value", "answer_unit", "ref_id")
_SCORING = ("id", "answer_value", "ref_id")
_TRUTH = (
    *("answer", "answer_value", "answer_unit", "ref_id"),
    *("ref_url", "supporting_materials", "explanation", "tolerance"),
)


class WattBotFormat(QuestionFormat):
    """The table of the WattBot challenge."""

    task: ClassVar[str | None] = "wattbot"

    kind: Literal["wattbot"] = Field(description="A table as the WattBot challenge publishes it.")
    tag_columns: tuple[str, ...] = Field(
        default=(), description="columns whose cells become tags, such as Usage or a topic"
    )

    def truths(self) -> frozenset[str]:
        return frozenset((*_TRUTH, *FLAGS))

    @classmethod
    def reads_folder(cls, path: Path) -> bool:
        return has_tables(path)

    def read(self, path: Path) -> list[Question]:
        return self.reading(path).questions

    def reading(self, path: Path) -> QuestionsRead:
        return self.questions(path, _table(path))

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The questions of the rows of a file that was read already."""
        notes = ("read as `format: wattbot`", *file.notes)
        return QuestionsRead(_asked(path, file, self.tag_columns), notes, self.task)


def read_questions(path: Path, tag_columns: Sequence[str] = ()) -> list[Question]:
    """Questions to ask and to score, in the order of the file.

    The cells of `tag_columns` become tags beside the flags. Raises InputError (file, line) for a
    file without questions, a missing column, an empty or duplicate id, and an empty question.
    """
    return _asked(path, _table(path), tag_columns)


def read_truth(path: Path) -> list[Question]:
    """True answers to score against, from anyone's file: id, answer_value and ref_id suffice.

    Raises InputError (file, line) as `read_questions` does, but for questions without text.
    """
    return _questions(path, _table(path), _SCORING)


def _asked(path: Path, file: TableFile, tag_columns: Sequence[str]) -> list[Question]:
    found = _questions(path, file, (*COLUMNS, *tag_columns), tag_columns)
    for question in found:
        if not question.text.strip():
            raise InputError(
                f"{question.source}: the question is empty; write its text or drop the row"
            )
    return found


def _table(path: Path) -> TableFile:
    """As others save it: of any delimiter and encoding, with names in upper or lower case."""
    names = (*COLUMNS, *_TRUTH, *FLAGS, "other_answers")
    return read_table(path, names, numbers=("answer_value", "tolerance"))


def known_flags(questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the file has a column for, also where no question has them."""
    return tuple(flag for flag in FLAGS if any(flag in q.truth for q in questions))


def _questions(
    path: Path, file: TableFile, required: Sequence[str], tag_columns: Sequence[str] = ()
) -> list[Question]:
    if not file.rows:
        raise InputError(f"{path}: no questions; write one per row below the header")
    asks = question_names({}).intersection(name.casefold() for name in file.columns)
    advice = "; `format: table` reads a question and an answer of these names" if asks else ""
    require_columns(path, file.columns, required, advice)
    rows = [
        (place, {name: cell_text(f"{place}: {name}", cell) for name, cell in row.items()})
        for place, row in file.rows
    ]
    for place, row in rows:
        if not row["id"].strip():
            raise InputError(f"{place}: the id is empty; give each question an id of its own")
    return named(_question(place, row, tag_columns) for place, row in rows)


def _question(place: str, row: Mapping[str, str], tag_columns: Sequence[str]) -> Question:
    flags = [flag for flag in FLAGS if _is_true(row.get(flag, ""))]
    named = [row[column].strip() for column in tag_columns]
    truth = {name: row[name] for name in (*_TRUTH, *FLAGS) if name in row}
    others = other_answers(place, row.get("other_answers", ""))
    several = texts_of_list(truth.get("answer", ""))
    if several:
        first, others = first_and_others(place, (*several, *others))
        truth.update(first)
    return Question(
        id=row["id"],
        text=row.get("question", ""),
        given={"answer_unit": row["answer_unit"]} if "answer_unit" in row else {},
        truth=truth,
        references=tuple(dict.fromkeys(_references(row["ref_id"]))),
        tags=tuple(dict.fromkeys([*flags, *filter(None, named)])),
        source=place,
        unanswerable="answer_value" in row and is_blank(row["answer_value"]),
        other_answers=others,
    )


def _is_true(cell: str) -> bool:
    return cell.strip().lower() in _TRUE


def _references(cell: str) -> Iterator[str]:
    """The document ids of a cell: one bare id, or a list however it is quoted."""
    yield from (item for item in read_ids(cell) if not is_blank(item))
