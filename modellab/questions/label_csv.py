"""A CSV file of texts to label, with or without true labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.delimited import read_delimited
from modellab.core.records import Question
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import named


class LabelCsvFormat(QuestionFormat):
    """Columns of a CSV file. A row without a text is kept and is not put to a model."""

    kind: Literal["label_csv"] = Field(description="A CSV file of texts, a row each.")
    text: str = Field("text", description="the column of the texts")
    id: str | None = Field(None, description="the column of the ids; null: rows are counted")
    label: str | None = Field(None, description="the column of the true labels")
    tags: str | None = Field(
        None, description="the column of the true tags: a JSON list, or names with `;` between"
    )
    given: tuple[str, ...] = Field((), description="columns that are shown beside the text")

    def truths(self) -> frozenset[str]:
        columns = {"label": self.label, "tags": self.tags}
        return frozenset(name for name, column in columns.items() if column is not None)

    def read(self, path: Path) -> list[Question]:
        table = read_delimited(path, required=self._columns()).table
        if not table.rows:
            raise InputError(f"{path}: no texts; write one per row below the header")
        rows = enumerate(zip(table.lines, table.rows, strict=True), start=1)
        return named(self._question(f"{path}:{line}", n, cells) for n, (line, cells) in rows)

    def _columns(self) -> list[str]:
        named_columns = (self.text, self.id, self.label, self.tags, *self.given)
        return [name for name in named_columns if name is not None]

    def _question(self, place: str, number: int, cells: Mapping[str, str]) -> Question:
        name = str(number) if self.id is None else cells[self.id].strip()
        if not name:
            raise InputError(f"{place}: the id is empty; give each text an id of its own")
        truth = {"label": cells[self.label].strip()} if self.label else {}
        if self.tags:
            truth["tags"] = _tags(cells[self.tags])
        return Question(
            id=name,
            text=cells[self.text],
            given={column: cells[column] for column in self.given},
            truth=truth,
            references=(),
            source=place,
        )


def _tags(cell: str) -> str:
    """As the text of a JSON list."""
    if cell.strip().startswith("["):
        return cell
    names = [name.strip() for name in cell.split(";")]
    return json.dumps([name for name in names if name], ensure_ascii=False)
