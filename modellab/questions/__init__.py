"""Questions: reading files of questions with their reference answers.

A format is a subclass of `QuestionFormat` (`modellab.questions.protocol`), and its name below or an
entry point of the group `modellab.question_formats`; a published one without options is a function
in `modellab.questions.published`. An invalid file is an InputError with file and row.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

from modellab.core.registry import OptionsFamily
from modellab.questions.protocol import QuestionFormat
from modellab.questions.published import FORMATS
from modellab.questions.wrapped_rows import WRAPPINGS

__all__ = ["QUESTION_FORMATS", "FormatEntry", "parse_format"]

QUESTION_FORMATS: OptionsFamily[QuestionFormat] = OptionsFamily(
    "format",
    "modellab.question_formats",
    QuestionFormat,
    {
        "table": "modellab.questions.table:TableFormat",
        "wattbot": "modellab.questions.wattbot:WattBotFormat",
        "label_csv": "modellab.questions.label_csv:LabelCsvFormat",
        "model_lab_judge": "modellab.questions.tool_formats:ModelLabJudgeFormat",
        "ragas": "modellab.questions.tool_formats:RagasFormat",
        "promptfoo": "modellab.questions.promptfoo:PromptfooFormat",
        "label_studio": "modellab.questions.tool_formats:LabelStudioFormat",
        "squad": "modellab.questions.squad:SquadFormat",
        "multiple_choice": "modellab.questions.choices:MultipleChoiceFormat",
        **dict.fromkeys(FORMATS, "modellab.questions.published:PublishedFormat"),
        **dict.fromkeys(WRAPPINGS, "modellab.questions.table:WrappedFormat"),
        "beir": "modellab.questions.beir:BeirFormat",
        "cord": "modellab.questions.cord:CordFormat",
    },
    bare_names=True,
)


def _of_a_table(value: Any) -> Any:
    """A map without a `kind` is of a table."""
    return {"kind": "table", **value} if isinstance(value, dict) and "kind" not in value else value


FormatEntry = Annotated[QuestionFormat, QUESTION_FORMATS, BeforeValidator(_of_a_table)]
parse_format = QUESTION_FORMATS.parse
