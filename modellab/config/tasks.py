"""The task of datasets that name none: what their questions are for."""

from __future__ import annotations

import json
import os

from modellab.config.checks import made_questions
from modellab.config.problem import ConfigError, Problem
from modellab.config.schema import Config, DatasetOptions
from modellab.core.errors import InputError
from modellab.questions.fitting_task import fitting_task
from modellab.tasks import parse_task
from modellab.tasks.protocol import TaskOptions

#: for child processes: the tasks of files that were read already
_INFERRED = "MODELLAB_INFERRED_TASKS"


def with_tasks(config: Config) -> Config:
    """The config with a task for each dataset.

    Raises ConfigError for questions that cannot be read, and where their task is in doubt.
    """
    datasets = {}
    for name, dataset in config.datasets.items():
        if dataset.task_is_inferred:
            try:
                task = _inferred(config, dataset)
            except InputError as error:
                key = "sql" if dataset.questions is None else "questions"
                raise ConfigError(Problem(("datasets", name, key), str(error))) from None
            dataset = dataset.with_inferred(task)
        datasets[name] = dataset
    return config.model_copy(update={"datasets": datasets})


def _inferred(config: Config, dataset: DatasetOptions) -> TaskOptions:
    path, written_as = dataset.questions, dataset.written_as
    # what a database or a synthesis gives is known in its job alone: a question and its answer
    if path is None or path in made_questions(config) or not path.exists():
        return parse_task("open_qa")
    if path.is_dir() and not written_as.reads_folder(path):
        return parse_task("open_qa")  # not a file of questions, which the checks say
    # jobs are processes that load the config, too: they need not read the questions again
    seen = path.stat()
    key = f"{path.resolve()} {seen.st_size} {seen.st_mtime_ns} {written_as.model_dump_json()}"
    known = json.loads(os.environ.get(_INFERRED, "{}"))
    if key in known:
        return parse_task(known[key])
    task = fitting_task(path, written_as.reading(path))
    if path.is_file() and not written_as.beside(path):
        os.environ[_INFERRED] = json.dumps({**known, key: task.model_dump(mode="json")})
    return task
