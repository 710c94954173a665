"""Questions in a table as people have it: any kind of file, any names of columns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from modellab.core.io.folders import DEFAULT_SPLIT, home_of, judgements_of
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.beir import BeirFormat, by_query, graded
from modellab.questions.label_studio import LabelStudioFormat
from modellab.questions.model_lab_judge import ModelLabJudgeFormat
from modellab.questions.multiple_choice import MultipleChoiceFormat
from modellab.questions.promptfoo import PromptfooFormat
from modellab.questions.protocol import QuestionsRead
from modellab.questions.published import FORMATS, PublishedFormat
from modellab.questions.ragas import RagasFormat
from modellab.questions.row_format import RowFormat
from modellab.questions.squad import SquadFormat
from modellab.questions.wattbot import COLUMNS, WattBotFormat

#: what a table may turn out to be, after those of `published`
_TELLING: tuple[type[RowFormat], ...] = (
    SquadFormat,
    LabelStudioFormat,
    PromptfooFormat,
    ModelLabJudgeFormat,
    MultipleChoiceFormat,
    RagasFormat,
)


class TableFormat(RowFormat):
    """A row per question. Rows with the keys of a format by name are read as that format does."""

    kind: Literal["table", "csv", "tsv", "json", "jsonl", "parquet", "arrow", "xlsx"] = Field(
        description="A table: CSV or TSV of any delimiter, JSON, JSON Lines, Parquet, Arrow, XLSX, "
        "or a folder of the datasets library; the file says which, so that all names mean the same."
    )

    def truths(self) -> None:
        """Anything that there is a column for."""

    def beside(self, path: Path) -> list[Path]:
        return self._beir().beside(path) if self._is_beir(path) else self._judgements(path)

    def reading(self, path: Path) -> QuestionsRead:
        if self._is_beir(path):
            return self._beir().reading(path)
        read, files = super().reading(path), self._judgements(path)
        judged = by_query(files)
        if not judged or not all(question.id in judged for question in read.questions):
            return read
        questions = [graded(question, judged[question.id]) for question in read.questions]
        notes = (*read.notes, f"grades from {', '.join(map(str, files))}")
        return replace(read, questions=questions, notes=notes)

    def _judgements(self, path: Path) -> list[Path]:
        """Judgements in `qrels` beside a file of questions, where it is clear which."""
        splits = judgements_of(home_of(path)) if path.is_file() else {}
        only = next(iter(splits)) if len(splits) == 1 else DEFAULT_SPLIT
        files = splits.get(self.split or only, [])
        return [file for file in files if "qrel" in f"{file.parent.name}/{file.name}".lower()]

    def _is_beir(self, path: Path) -> bool:
        return not self.columns and BeirFormat.recognises(path)

    def _beir(self) -> BeirFormat:
        return BeirFormat.model_validate({**self.model_dump(), "kind": "beir"})

    def table(self, path: Path) -> TableFile:
        if PromptfooFormat.reads(path):
            return PromptfooFormat(kind="promptfoo").table(path)
        return super().table(path)

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        if self.columns:
            return super().questions(path, file)
        if set(COLUMNS) <= set(file.columns):
            tags = self.tag_columns
            return WattBotFormat(kind="wattbot", tag_columns=tags).questions(path, file)
        named = _recognised(file.rows[0][1])
        if named is None:
            return super().questions(path, file)
        kind, written_as = named
        options = {**self.model_dump(exclude={"kind"}), "kind": kind}
        found = written_as.model_validate(options).questions(path, file)
        return replace(found, notes=(f"read as `format: {kind}`", *found.notes))


def _recognised(row: Row) -> tuple[str, type[RowFormat]] | None:
    """The format by name that a row is one of."""
    for written_as in _TELLING:
        if written_as.fits(row):
            (kind,) = written_as.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
            return kind, written_as
    return next(((kind, PublishedFormat) for kind, one in FORMATS.items() if one.fits(row)), None)
