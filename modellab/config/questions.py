"""Whether a file of questions can have the truth that the dataset's task needs."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.config.problem import Problem
from modellab.config.schema import DatasetOptions
from modellab.config.source import Location
from modellab.questions import QUESTION_FORMATS
from modellab.questions.sql import TRUTHS
from modellab.tasks import TASKS
from modellab.tasks.protocol import TaskOptions


def truth_problems(here: Location, dataset: DatasetOptions) -> Iterator[Problem]:
    """A format that has no place for what the task compares answers with."""
    needed = dataset.task.true_field
    truths = TRUTHS if dataset.sql else dataset.format.truths()
    if _fits(type(dataset.task), truths):
        return
    what = "a database" if dataset.sql else f"format {dataset.format.kind!r}"
    members = TASKS.members().items()
    tasks = [name for name, task in members if task.asks_models and _fits(task, truths)]
    yield Problem(
        (*here, "task"),
        f"the task {dataset.task.kind!r} needs {needed!r}, which {what} does not have; "
        f"choose the task {_either(tasks)}, or the format {_either(_formats(type(dataset.task)))}",
    )


def _fits(task: type[TaskOptions], truths: frozenset[str] | None) -> bool:
    """Whether questions with these truths (None: any) have what a task compares answers with."""
    return not task.needs_truth or truths is None or task.true_field in truths


def _formats(task: type[TaskOptions]) -> list[str]:
    """The formats that have what a task needs."""
    return [
        name
        for name, options in QUESTION_FORMATS.members().items()
        if _fits(task, options.model_validate({"kind": name}).truths())
    ]


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
