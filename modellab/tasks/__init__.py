"""Tasks: how questions are put to a model, and how answers are read from its text.

A new task is one file named like the task, with options and a class as in
`modellab.tasks.protocol`, and a name in `TaskEntry` below. How its answers are marked is a scorer
(`modellab.tasks.scorers`).
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, TypeAdapter

from modellab.core.options import by_name
from modellab.tasks.extract.task import ExtractOptions
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.open_qa.task import OpenQaOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.wattbot.task import WattBotOptions

_Entry = Annotated[
    WattBotOptions | OpenQaOptions | LabelOptions | ExtractOptions,
    Field(discriminator="kind"),
]
#: the options of each kind of task
TASKS: dict[str, type[TaskOptions]] = {
    get_args(options.model_fields["kind"].annotation)[0]: options
    for options in get_args(get_args(_Entry)[0])
}
#: a task in a config: its name, or a map with its `kind` and options
TaskEntry = Annotated[
    _Entry, BeforeValidator(by_name("task", list(TASKS)), json_schema_input_type=str | _Entry)
]


def parse_task(data: Any) -> TaskEntry:
    """A task's options from its name or plain data. Raises pydantic.ValidationError."""
    entry: TaskEntry = TypeAdapter(TaskEntry).validate_python(data)
    return entry
