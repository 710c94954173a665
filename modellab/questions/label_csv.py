"""A table of texts to label, with or without true labels."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.columns import require_columns
from modellab.core.io.table_file import read_table
from modellab.core.records import Question
from modellab.questions.protocol import QuestionFormat, QuestionsRead, named
from modellab.questions.table_rows import TableRow, question_of

#: the key of the inputs shown with the text; no column has this name
_INPUTS = "\0inputs"


class LabelCsvFormat(QuestionFormat):
    """Columns of a table. A row without a text is kept and not sent to a model."""

    task: ClassVar[str | None] = "label"

    kind: Literal["label_csv"] = Field(description="A table of texts, a row each.")
    text: str = Field("text", description="the column of the texts")
    id: str | None = Field(None, description="the column of the ids; null: rows are counted")
    label: str | None = Field(None, description="the column of the true labels")
    tags: str | None = Field(
        None, description="the column of the true tags: a JSON list, or names with `;` between"
    )
    inputs: tuple[str, ...] = Field((), description="further columns shown to the model")

    def reference_fields(self) -> frozenset[str]:
        columns = {"label": self.label, "tags": self.tags, "answer": self.label}
        return frozenset(name for name, column in columns.items() if column is not None)

    def read_file(self, path: Path) -> QuestionsRead:
        names = {"question": self.text, "id": self.id, "label": self.label, "tags": self.tags}
        columns = {field: name for field, name in names.items() if name is not None}
        file = read_table(path, (*columns.values(), *self.inputs))
        if not file.rows:
            raise InputError(f"{path}: no texts; write one per row below the header")
        require_columns(path, file.columns, (*columns.values(), *self.inputs))
        return QuestionsRead(named(self._questions(file.rows, columns)), task=self.task)

    def _questions(
        self, rows: tuple[tuple[str, Mapping[str, object]], ...], columns: Mapping[str, str]
    ) -> Iterator[Question]:
        for number, (place, cells) in enumerate(rows, start=1):
            inputs = {name: cells.get(name) for name in self.inputs}
            row = TableRow(place, {**cells, _INPUTS: inputs}, {**columns, "inputs": _INPUTS})
            found = question_of(row, number, text_needed=False)
            # the label may also be asked for in free text
            label = found.reference.get("label", "")
            yield replace(found, reference={**found.reference, "answer": label}) if label else found
