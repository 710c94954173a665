"""Questions in a table: any kind of file, any names of columns."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from modellab.core.io.folders import DEFAULT_SPLIT, home_of, judgements_of
from modellab.core.io.table_file import Row, TableFile
from modellab.core.registry import kinds
from modellab.questions.beir import BeirFormat, by_query, graded
from modellab.questions.choices import HEADER, MultipleChoiceFormat, has_choices, is_headerless
from modellab.questions.promptfoo import PromptfooFormat
from modellab.questions.protocol import (
    QuestionsRead,
    RowFormat,
    lines_by_number,
    lines_without_header,
)
from modellab.questions.published import FORMATS, PublishedFormat
from modellab.questions.quizzes import read_quiz
from modellab.questions.squad import SquadFormat
from modellab.questions.table_rows import written_list
from modellab.questions.tool_formats import (
    LabelStudioFormat,
    ModelLabJudgeFormat,
    RagasFormat,
)
from modellab.questions.wattbot import COLUMNS, WattBotFormat
from modellab.questions.wrapped_rows import WRAPPINGS, unwrapped, wrapping_of

_WITH_OPTIONS = (
    *(SquadFormat, LabelStudioFormat, PromptfooFormat, ModelLabJudgeFormat, RagasFormat),
    MultipleChoiceFormat,
)
#: the formats by name that a table may turn out to be: whether a row is one, and its options
_RECOGNISED: Mapping[str, tuple[Callable[[Row], bool], type[RowFormat]]] = {
    "prodigy": (FORMATS["prodigy"].fits, PublishedFormat),
    **{kinds(one)[0]: (one.fits, one) for one in _WITH_OPTIONS},
    **{kind: (published.fits, PublishedFormat) for kind, published in FORMATS.items()},
}


class TableFormat(RowFormat):
    """A row per question. Rows that fit another format are read as that format."""

    fields: ClassVar[None] = None

    kind: Literal["table", "csv", "tsv", "json", "jsonl", "parquet", "arrow", "xlsx"] = Field(
        description="A table: CSV or TSV of any delimiter, JSON, JSON Lines, Parquet, Arrow, XLSX, "
        "or a folder of the datasets library; the file says which, so that all names mean the same."
    )

    def beside(self, path: Path) -> list[Path]:
        return self._beir().beside(path) if self._is_beir(path) else self._judgements(path)

    def read_file(self, path: Path) -> QuestionsRead:
        if self._is_beir(path):
            return self._beir().read_file(path)
        read, files = super().read_file(path), self._judgements(path)
        judged = by_query(files)
        if not judged or not all(question.id in judged for question in read.questions):
            return read
        questions = [graded(question, judged[question.id]) for question in read.questions]
        notes = (*read.notes, f"grades from {', '.join(map(str, files))}")
        return replace(read, questions=questions, notes=notes)

    def _judgements(self, path: Path) -> list[Path]:
        """Judgements in `qrels` beside a file of questions, if there is no doubt which."""
        splits = judgements_of(home_of(path)) if path.is_file() else {}
        only = next(iter(splits)) if len(splits) == 1 else DEFAULT_SPLIT
        files = splits.get(self.split or only, [])
        return [file for file in files if "qrel" in f"{file.parent.name}/{file.name}".lower()]

    def _is_beir(self, path: Path) -> bool:
        return not self.columns and BeirFormat.recognises(path)

    def _beir(self) -> BeirFormat:
        return BeirFormat.model_validate({**self.model_dump(), "kind": "beir"})

    def table(self, path: Path) -> TableFile:
        found = read_quiz(path, self.encoding) or self._numbered(path)
        if found is None and not self.columns and path.is_file():
            # lines of a question and a list of answers, as those of DPR (Karpukhin et al. 2020)
            columns = ("question", "answers")
            found = lines_without_header(
                path, self.encoding, columns, lambda cells: written_list(cells[1]) is not None
            ) or lines_without_header(path, self.encoding, HEADER, is_headerless, ",")
        return found or super().table(path)

    def _numbered(self, path: Path) -> TableFile | None:
        """Lines without a header whose columns are numbered in `columns`; else None.

        Raises InputError if the first line names its columns.
        """
        numbers = [*self.columns.values(), *self.tag_columns]
        if not numbers or not all(name.isdigit() for name in numbers):
            return None
        return lines_by_number(path, self.encoding, self.delimiter, numbers)

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        wrapping = wrapping_of([row for _, row in file.rows])
        if wrapping is not None:
            found = self.questions(path, unwrapped(wrapping, file))
            return replace(found, notes=(f"read as `format: {wrapping}`", *found.notes))
        if self.columns:
            return super().questions(path, file)
        if set(COLUMNS) <= set(file.columns):
            tags = self.tag_columns
            return WattBotFormat(kind="wattbot", tag_columns=tags).questions(path, file)
        rows = [row for _, row in file.rows]
        offered = filter(MultipleChoiceFormat.fits, rows if has_choices(file.columns) else ())
        shown = next(offered, rows[0])
        for kind, (fits, question_format) in _RECOGNISED.items():
            if fits(shown):
                options = {**self.model_dump(exclude={"kind"}), "kind": kind}
                found = question_format.model_validate(options).questions(path, file)
                return replace(found, notes=(f"read as `format: {kind}`", *found.notes))
        return super().questions(path, file)


if TYPE_CHECKING:
    Wrapped = str
else:
    Wrapped = Literal[tuple(WRAPPINGS)]


class WrappedFormat(RowFormat):
    """Rows of another program with a question inside."""

    fields: ClassVar[frozenset[str] | None] = frozenset({"answer", "label", "tags"})
    keys: ClassVar[frozenset[str]] = frozenset({"fields", "instance", "input", "doc", "gold"})

    kind: Wrapped = Field(
        description="Records of Argilla with submitted responses, data sets of FlashRAG, "
        "instances of HELM (`instances.json`, `scenario_state.json`), logs of inspect, "
        "details of lighteval, samples of lm-eval."
    )

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        table = TableFormat.model_validate({**self.model_dump(), "kind": "table"})
        return table.questions(path, unwrapped(self.kind, file))
