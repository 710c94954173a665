"""Questions: reading files of questions with their reference answers.

A format is a file with a subclass of `QuestionFormat` (`modellab.questions.protocol`), and its name
below or an entry point of the group `modellab.question_formats`. What is wrong in a file of
questions is an InputError with file and row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from modellab.core.registry import OptionsFamily
from modellab.questions.protocol import QuestionFormat

QUESTION_FORMATS: OptionsFamily[QuestionFormat] = OptionsFamily(
    "format",
    "modellab.question_formats",
    QuestionFormat,
    {
        "wattbot": "modellab.questions.wattbot:WattBotFormat",
        "table": "modellab.questions.table:TableFormat",
        "jsonl": "modellab.questions.jsonl:JsonlFormat",
        "label_csv": "modellab.questions.label_csv:LabelCsvFormat",
        "model_lab": "modellab.questions.model_lab:ModelLabFormat",
        "model_lab_judge": "modellab.questions.model_lab:ModelLabJudgeFormat",
        "ragas": "modellab.questions.ragas:RagasFormat",
        "squad": "modellab.questions.squad:SquadFormat",
        "cord": "modellab.questions.cord:CordFormat",
    },
)

if TYPE_CHECKING:
    FormatEntry: TypeAlias = QuestionFormat
else:
    #: a format in a config: its name, or a map with its `kind` and options
    FormatEntry = QUESTION_FORMATS.entry(bare_names=True)


def parse_format(data: Any) -> QuestionFormat:
    """A format's options from its name or plain data. Raises pydantic.ValidationError."""
    return QUESTION_FORMATS.parse(data, bare_names=True)
