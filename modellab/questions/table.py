"""Questions in a table as people have it: any kind of file, any names of columns."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from pydantic import Field

from modellab.core.io.table_file import TableFile
from modellab.core.records import Question
from modellab.questions.beir import BeirFormat
from modellab.questions.deepeval import DeepEvalFormat
from modellab.questions.finance_bench import FinanceBenchFormat
from modellab.questions.hotpotqa import HotpotQaFormat
from modellab.questions.label_studio import LabelStudioFormat
from modellab.questions.messages import MessagesFormat
from modellab.questions.model_lab import ModelLabJudgeFormat
from modellab.questions.ms_marco import MsMarcoFormat
from modellab.questions.natural_questions import NaturalQuestionsFormat
from modellab.questions.promptfoo import PromptfooFormat
from modellab.questions.ragas import RagasFormat
from modellab.questions.row_format import RowFormat
from modellab.questions.squad import SquadFormat
from modellab.questions.trivia_qa import TriviaQaFormat
from modellab.questions.wattbot import COLUMNS, WattBotFormat

log = logging.getLogger(__name__)

#: what a table may turn out to be, the ones with the most telling keys first
_TELLING: tuple[type[RowFormat], ...] = (
    SquadFormat,
    HotpotQaFormat,
    MsMarcoFormat,
    TriviaQaFormat,
    FinanceBenchFormat,
    NaturalQuestionsFormat,
    LabelStudioFormat,
    PromptfooFormat,
    ModelLabJudgeFormat,
    DeepEvalFormat,
    RagasFormat,
    MessagesFormat,
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
        return self._beir().beside(path) if self._is_beir(path) else []

    def read(self, path: Path) -> list[Question]:
        if not self._is_beir(path):
            return super().read(path)
        log.info("%s: queries with judgements, read as `format: beir`", path)
        return self._beir().read(path)

    def _is_beir(self, path: Path) -> bool:
        return not self.columns and BeirFormat.recognises(path)

    def _beir(self) -> BeirFormat:
        return BeirFormat.model_validate({**self.model_dump(), "kind": "beir"})

    def table(self, path: Path) -> TableFile:
        if PromptfooFormat.reads(path):
            return PromptfooFormat(kind="promptfoo").table(path)
        return super().table(path)

    def questions(self, path: Path, file: TableFile) -> list[Question]:
        first = file.rows[0][1]
        options = self.model_dump(exclude={"kind"})
        if not self.columns and set(COLUMNS) <= set(file.columns):
            log.info("%s: read as the WattBot challenge publishes it (`format: wattbot`)", path)
            tags = self.tag_columns
            return WattBotFormat(kind="wattbot", tag_columns=tags).questions(path, file)
        for written_as in () if self.columns else _TELLING:
            if written_as.fits(first):
                (kind,) = written_as.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
                log.info("%s: read as `format: %s`", path, kind)
                return written_as.model_validate({**options, "kind": kind}).questions(path, file)
        return super().questions(path, file)
