"""Questions: reading files of questions with their reference answers.

A format is a file with a subclass of `QuestionFormat` (`modellab.questions.protocol`), and its name
below or an entry point of the group `modellab.question_formats`. What is wrong in a file of
questions is an InputError with file and row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from modellab.core.registry import OptionsFamily
from modellab.questions.protocol import QuestionFormat

__all__ = ["QUESTION_FORMATS", "FormatEntry", "parse_format"]

QUESTION_FORMATS: OptionsFamily[QuestionFormat] = OptionsFamily(
    "format",
    "modellab.question_formats",
    QuestionFormat,
    {
        "table": "modellab.questions.table:TableFormat",
        "wattbot": "modellab.questions.wattbot:WattBotFormat",
        "label_csv": "modellab.questions.label_csv:LabelCsvFormat",
        "model_lab": "modellab.questions.model_lab:ModelLabFormat",
        "model_lab_judge": "modellab.questions.model_lab:ModelLabJudgeFormat",
        "ragas": "modellab.questions.ragas:RagasFormat",
        "squad": "modellab.questions.squad:SquadFormat",
        "hotpotqa": "modellab.questions.hotpotqa:HotpotQaFormat",
        "ms_marco": "modellab.questions.ms_marco:MsMarcoFormat",
        "natural_questions": "modellab.questions.natural_questions:NaturalQuestionsFormat",
        "trivia_qa": "modellab.questions.trivia_qa:TriviaQaFormat",
        "finance_bench": "modellab.questions.finance_bench:FinanceBenchFormat",
        "deepeval": "modellab.questions.deepeval:DeepEvalFormat",
        "promptfoo": "modellab.questions.promptfoo:PromptfooFormat",
        "label_studio": "modellab.questions.label_studio:LabelStudioFormat",
        "messages": "modellab.questions.messages:MessagesFormat",
        "beir": "modellab.questions.beir:BeirFormat",
        "cord": "modellab.questions.cord:CordFormat",
    },
)


def _of_a_table(value: Any) -> Any:
    """A map without a `kind` is of a table."""
    return {"kind": "table", **value} if isinstance(value, dict) and "kind" not in value else value


if TYPE_CHECKING:
    FormatEntry: TypeAlias = QuestionFormat
else:
    #: a format in a config: its name, or a map with its `kind` and options
    FormatEntry = Annotated[QUESTION_FORMATS.entry(bare_names=True), BeforeValidator(_of_a_table)]


def parse_format(data: Any) -> QuestionFormat:
    """A format's options from its name or plain data. Raises pydantic.ValidationError."""
    return QUESTION_FORMATS.parse(data, bare_names=True)
