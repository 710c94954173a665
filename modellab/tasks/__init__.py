"""Tasks: prompting for answers, parsing, comparing, scoring and showing them.

A task is a folder with a subclass of `TaskOptions` (`modellab.tasks.protocol`), and its name below
or an entry point of the group `modellab.tasks`. The subclass names all parts of the task.
"""

from typing import Annotated, Any, Literal, cast

from pydantic import GetCoreSchemaHandler, TypeAdapter

from modellab.core.registry import OptionsFamily, kinds, load, union
from modellab.tasks.canonical import CanonicalAnswer, MatrixColumns
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

__all__ = [
    "TASKS",
    "ScorerEntry",
    "TaskEntry",
    "canonical_answer",
    "default_scorer",
    "matrix_columns",
    "module_of",
    "parse_scorer",
    "parse_task",
    "scorers",
]

TASKS: OptionsFamily[TaskOptions] = OptionsFamily(
    "task",
    "modellab.tasks",
    TaskOptions,
    {
        "wattbot": "modellab.tasks.wattbot.task:WattBotOptions",
        "open_qa": "modellab.tasks.open_qa.task:OpenQaOptions",
        "label": "modellab.tasks.label.task:LabelOptions",
        "extract": "modellab.tasks.extract.task:ExtractOptions",
        "retrieval": "modellab.tasks.retrieval.task:RetrievalOptions",
    },
    bare_names=True,
)


def canonical_answer(task: str) -> CanonicalAnswer:
    """How answers to a kind of task are compared."""
    return cast(CanonicalAnswer, load(TASKS.load(task).canonical))


def matrix_columns(task: str) -> MatrixColumns | None:
    """A kind of task's own columns in the wide table, if any."""
    named = TASKS.load(task).matrix
    return cast(MatrixColumns, load(named)) if named else None


def scorers(task: str) -> tuple[type[ScorerOptions], ...]:
    """The scorers of a kind of task, the default one first."""
    return tuple(load(name) for name in TASKS.load(task).scorers)


def module_of(task: str, part: Literal["canonical", "matrix"]) -> list[str]:
    """The module of a part of a kind of task, for fingerprints of code; empty without the part."""
    named = getattr(TASKS.load(task), part)
    return [named.partition(":")[0]] if named else []


class _Scorers:
    """The union of all scorers, built when pydantic needs it."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        every = [options for task in TASKS for options in scorers(task)]
        return handler.generate_schema(union("scorer", every, bare_names=True))


TaskEntry = Annotated[TaskOptions, TASKS]
ScorerEntry = Annotated[ScorerOptions, _Scorers()]
parse_task = TASKS.parse


def parse_scorer(data: Any) -> ScorerOptions:
    """A scorer's options from its name or plain data. Raises pydantic.ValidationError."""
    kind = data.get("kind") if isinstance(data, dict) else None
    for task in TASKS:
        for options in scorers(task):
            if kind in kinds(options):
                return options.model_validate(data)
    return TypeAdapter[ScorerOptions](ScorerEntry).validate_python(data)


def default_scorer(task: str) -> ScorerOptions:
    """The scorer of a kind of task if the config names none."""
    return scorers(task)[0].default()
