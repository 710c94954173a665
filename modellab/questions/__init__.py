"""Questions: reading files of questions with their true answers.

A new format is one file with a subclass of `QuestionFormat`, and a name in `FormatEntry` below.
What is wrong in the file is an InputError with file and row.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, TypeAdapter

from modellab.core.options import by_name
from modellab.questions.cord import CordFormat
from modellab.questions.deepeval import DeepEvalFormat
from modellab.questions.finance_bench import FinanceBenchFormat
from modellab.questions.hotpotqa import HotpotQaFormat
from modellab.questions.label_csv import LabelCsvFormat
from modellab.questions.label_studio import LabelStudioFormat
from modellab.questions.messages import MessagesFormat
from modellab.questions.model_lab import ModelLabFormat, ModelLabJudgeFormat
from modellab.questions.ms_marco import MsMarcoFormat
from modellab.questions.natural_questions import NaturalQuestionsFormat
from modellab.questions.promptfoo import PromptfooFormat
from modellab.questions.protocol import QuestionFormat
from modellab.questions.ragas import RagasFormat
from modellab.questions.squad import SquadFormat
from modellab.questions.table import TableFormat
from modellab.questions.trivia_qa import TriviaQaFormat
from modellab.questions.wattbot import WattBotFormat

_Entry = Annotated[
    TableFormat
    | WattBotFormat
    | LabelCsvFormat
    | ModelLabFormat
    | ModelLabJudgeFormat
    | RagasFormat
    | SquadFormat
    | HotpotQaFormat
    | MsMarcoFormat
    | NaturalQuestionsFormat
    | TriviaQaFormat
    | FinanceBenchFormat
    | DeepEvalFormat
    | PromptfooFormat
    | LabelStudioFormat
    | MessagesFormat
    | CordFormat,
    Field(discriminator="kind"),
]
#: the options of each format
QUESTION_FORMATS: dict[str, type[QuestionFormat]] = {
    get_args(options.model_fields["kind"].annotation)[0]: options
    for options in get_args(get_args(_Entry)[0])
}
#: all names, of which several mean a table
_NAMES = [
    name
    for options in QUESTION_FORMATS.values()
    for name in get_args(options.model_fields["kind"].annotation)
]


def _entry(value: Any) -> Any:
    """A name stands for a map with no other keys; a map without a `kind` is of a table."""
    if isinstance(value, dict) and "kind" not in value:
        return {"kind": "table", **value}
    return by_name("format", _NAMES)(value)


#: a format in a config: its name, or a map with its `kind` and options
FormatEntry = Annotated[
    _Entry,
    BeforeValidator(_entry, json_schema_input_type=str | _Entry),
]


def parse_format(data: Any) -> FormatEntry:
    """A format's options from its name or plain data. Raises pydantic.ValidationError."""
    entry: FormatEntry = TypeAdapter(FormatEntry).validate_python(data)
    return entry
