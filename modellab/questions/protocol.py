"""The base of all formats of questions: options that can read a file."""

import hashlib
import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from modellab.core.errors import InputError
from modellab.core.io.columns import is_known
from modellab.core.io.csv_file import csv_reader, csv_rows
from modellab.core.io.delimited import detect_delimiter
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import (
    DELIMITED,
    Row,
    TableFile,
    TableOptions,
    has_tables,
    kind_of,
    read_table,
)
from modellab.core.options import Options
from modellab.core.records import Question
from modellab.core.values.digits import style_of
from modellab.questions.row_shapes import (
    active,
    each_asked,
    keys_inside,
    with_inner,
    with_maps,
    with_numbered,
)
from modellab.questions.table_columns import Field as TableField
from modellab.questions.table_columns import (
    groups,
    in_words,
    known_names,
    question_names,
    recognised,
    settled_documents,
    settled_labels,
)
from modellab.questions.table_rows import PLURALS, TableRow, question_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QuestionsRead:
    """Questions in the order of their file.

    Attributes:
        questions: Each with its `source`.
        notes: How the file was read: its format, recognised columns, its encoding.
        task: The kind of task that such files are for, if their format decides that.
        labels: The labels to choose from, if the format defines them.
    """

    questions: list[Question]
    notes: tuple[str, ...] = ()
    task: str | None = None
    labels: tuple[str, ...] = ()


class QuestionFormat(Options):
    """One kind of `format:`."""

    #: the kind of task that its questions are for; None: their references decide
    task: ClassVar[str | None] = None
    #: the fields that the references of its questions may have; None: any
    fields: ClassVar[frozenset[str] | None] = None

    kind: str

    def reference_fields(self) -> frozenset[str] | None:
        """`fields`, unless options decide them."""
        return self.fields

    @classmethod
    def reads_folder(cls, _path: Path) -> bool:
        """Whether the questions may be this folder instead of a file."""
        return False

    def beside(self, _path: Path) -> list[Path]:
        """Other files that are read with the file or folder of questions."""
        return []

    @abstractmethod
    def read_file(self, path: Path) -> QuestionsRead:
        """The questions, and how they were read. Raises InputError (file and row)."""

    def read(self, path: Path) -> list[Question]:
        return self.read_file(path).questions


#: keys besides those of a question by which a JSON object is a row, and not a container of rows
_SINGLE = frozenset(
    {
        *("vars", "messages", "conversations", "annotations", "relevant_docs", "qas", "qa_pairs"),
        *("conversationturns", "turn", "turns", "story"),
    }
)


#: a column of pictures, as data or objects, that are not shown
_PICTURE = "image"


class RowFormat(QuestionFormat, TableOptions):
    """A table; `adapted` turns its rows into rows with columns of usual names."""

    fields: ClassVar[frozenset[str] | None] = frozenset({"answer"})
    #: names that rows of this format have and other tables do not
    keys: ClassVar[frozenset[str]] = frozenset()

    columns: dict[TableField, str] = Field(
        default_factory=dict,
        description="by field the column that holds it, such as `{question: Frage}`; others are "
        "recognised by their names",
    )
    tag_columns: tuple[str, ...] = Field(
        (), description="columns whose cells become tags, in addition to those with usual names"
    )
    decimal: Literal[".", ","] | None = Field(
        None,
        description="the decimal separator in delimited text; null: detected if the delimiter is a "
        "semicolon or tab",
    )
    separator: str | None = Field(
        None,
        min_length=1,
        description="the separator of several right answers in a cell; null: `<OR>`, and bars or "
        "semicolons in columns with a plural name such as `answers`",
    )
    locale: str | None = Field(
        None,
        description="the locale of numbers, such as de or fr_CH, which implies `decimal`; null: "
        "detected",
    )

    @classmethod
    def reads_folder(cls, path: Path) -> bool:
        return has_tables(path)

    @field_validator("locale")
    @classmethod
    def _check_locale(cls, name: str | None) -> str | None:
        if name is not None:
            style_of(name)
        return name

    def signature(self) -> frozenset[str]:
        """`keys`, unless the kind decides them."""
        return self.keys

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """Turn a row of this format into rows with columns of usual names.

        Raises InputError (place) for an invalid row.
        """
        yield place, row

    def table(self, path: Path) -> TableFile:
        """The rows of the file. Raises InputError as `read_table`, and for an empty file."""
        columns: Mapping[str, str] = {str(field): name for field, name in self.columns.items()}
        own = self.signature()
        known = known_names(columns) | {*self.tag_columns} | own
        single = question_names(columns) | _SINGLE | {name.casefold() for name in own}
        numbers = (
            columns.get("answer_value", "answer_value"),
            columns.get("tolerance", "tolerance"),
        )
        decimal = self.decimal
        if decimal is None and self.locale is not None:
            decimal = "," if style_of(self.locale) == "comma" else "."
        file = read_table(path, known, single, self, numbers, decimal)
        if not file.rows:
            raise InputError(f"{path}: no questions; write one per row")
        return file

    def read_file(self, path: Path) -> QuestionsRead:
        """The questions; the notes say which columns were recognised.

        Raises InputError (file, row) for what is wrong or ambiguous.
        """
        return self.questions(path, self.table(path))

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The questions of the rows of a file."""
        kept, notes = active(file.rows)
        read = [list(self._adapted(place, row)) for place, row in kept]
        rows = [one for found in read for one in found]
        if (none := sum(not found for found in read)) and rows:
            notes = (*notes, f"{none} rows left out: without a right answer")
        if not rows:
            raise InputError(f"{path}: no questions in its {len(file.rows)} rows")
        columns = {str(field): name for field, name in self.columns.items()}
        rows, listed = each_asked(rows, question_names(columns))
        rows = [(place, with_numbered(row)) for place, row in with_maps(rows)]
        there = TableFile(tuple(rows)).columns
        # also of flat exports, whose columns are called `inputs.question`
        inside = (*keys_inside(rows), *(name for name in there if "." in name.strip(".")))
        found = recognised(path, there, columns, inside)
        rows = [(place, with_inner(row, inside)) for place, row in rows]
        cells = [row.get(found.get("label", "")) for _, row in rows]
        found = settled_labels(path, found, columns, cells)
        named_in = [row.get(found.get("references", "")) for _, row in rows]
        found = settled_documents(found, columns, named_in)
        missing = [name for name in self.tag_columns if name not in there]
        if missing:
            raise InputError(f"{path}: no column {missing[0]!r} (found: {', '.join(there)})")
        if unseen := sum(bool(row.get(_PICTURE)) for _, row in rows):
            log.warning(
                "%s: %d of %d questions have an `image` that models do not see; pictures are files "
                "whose paths are in a column `images`",
                *(path, unseen, len(rows)),
            )
        tags = (*self.tag_columns, *groups((*there, *inside), found))
        tags = tuple(dict.fromkeys(tags))
        questions = named(
            question_of(TableRow(place, row, found, self.separator), number, tags, path.parent)
            for number, (place, row) in enumerate(rows, start=1)
        )
        notes = (*notes, *listed, in_words(there, found, tags), *file.notes)
        if self.separator is None and (note := _separators(rows, found)):
            notes = (*notes, note)
        return QuestionsRead(questions, notes, self.task)

    def _adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        try:
            yield from self.adapted(place, row)
        except (AttributeError, KeyError, TypeError, IndexError, ValueError) as error:
            what = f"no {error}" if isinstance(error, KeyError) else str(error)
            keys = ", ".join(map(str, row)) or "nothing"
            raise InputError(
                f"{place}: not a row of the format {self.kind!r} ({what}; found: {keys}); "
                "`format: table` reads other names"
            ) from None


def lines_without_header(
    path: Path,
    encoding: str | None,
    columns: tuple[str, ...],
    fits: Callable[[list[str]], bool],
    delimiter: str = "\t",
) -> TableFile | None:
    """Lines of cells as rows with these columns; between tabs, quotes are ordinary characters.

    None for a file of another kind, and one whose first line does not fit.
    """
    if kind_of(path) not in DELIMITED:
        return None
    text, notes = read_decoded(path, encoding)
    tabs = delimiter == "\t"
    first = text.partition("\n")[0].split("\t") if tabs else next(csv_reader(text, delimiter), [])
    if len(first) != len(columns) or not fits(first):
        return None
    lines: Iterable[tuple[int, list[str]]] = (
        ((n, line.split("\t")) for n, line in enumerate(text.splitlines(), start=1))
        if tabs
        else csv_rows(path, text, delimiter)
    )
    rows = [
        (f"{path}:{number}", dict(zip(columns, cells, strict=False)))
        for number, cells in lines
        if any(cell.strip() for cell in cells)
    ]
    return TableFile(tuple(rows), notes)


def lines_by_number(
    path: Path, encoding: str | None, delimiter: str | None, numbers: Sequence[str]
) -> TableFile | None:
    """Lines of cells as rows with columns 1, 2, ...; None for a file of another kind.

    Raises InputError if the first line names its columns, or has fewer.
    """
    if not path.is_file() or kind_of(path) not in DELIMITED:
        return None
    text, notes = read_decoded(path, encoding)
    mark = delimiter or detect_delimiter(path, text, ())
    rows = [
        (f"{path}:{line}", {str(n): cell for n, cell in enumerate(cells, start=1)})
        for line, cells in csv_rows(path, text, mark)
        if any(cell.strip() for cell in cells)
    ]
    first = rows[0][1] if rows else {}
    if {*numbers} & {*first.values()}:
        return None
    known = known_names({})
    if names := [first[n] for n in numbers if n in first and is_known(first[n], known)]:
        raise InputError(f"{path}: line 1 names its columns ({names[0]}); use names, not numbers")
    return TableFile(tuple(rows), notes)


def named(questions: Iterable[Question]) -> list[Question]:
    """The questions with their own ids, or ids derived from their texts.

    Raises InputError for a duplicate id.
    """
    found: dict[str, Question] = {}
    for question in questions:
        name = question.id.strip() or _made_id(question.text, found)
        if name in found:
            raise InputError(
                f"{question.source}: duplicate id {name!r} (first in {found[name].source}); "
                "give each question a unique id"
            )
        found[name] = replace(question, id=name)
    return list(found.values())


def _made_id(text: str, taken: Iterable[str]) -> str:
    """An id from a hash of the text; a second question with the same text gets a number."""
    base = "q-" + hashlib.sha256(text.encode()).hexdigest()[:12]
    return next(
        name
        for number in range(1, 10**9)
        if (name := base if number == 1 else f"{base}-{number}") not in taken
    )


def _separators(rows: Sequence[tuple[str, Row]], found: Mapping[str, str]) -> str:
    """A note on bars and semicolons in answers; empty for none."""
    for name in (found[field] for field in ("answer", "other_answers") if field in found):
        plural = name.casefold().endswith(PLURALS)
        marks = "|;" if plural else "|"
        cells = ((place, row.get(name)) for place, row in rows)
        place = next((p for p, c in cells if isinstance(c, str) and set(marks) & set(c)), None)
        if place is not None:
            read = "several answers, if they are short" if plural else "one answer"
            return f"{place}: {name} with {' or '.join(marks)} is {read}; else set `separator`"
    return ""
