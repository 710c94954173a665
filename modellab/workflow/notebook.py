"""Label a data frame in a notebook.

Models, prompts, journals and the wide table are those of the workflow, so that neither asks again
for answers of the other.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from modellab.config.answering import models_asked
from modellab.config.loading import load_config
from modellab.config.schema import Slug
from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_rows
from modellab.core.layout import JOURNAL
from modellab.core.options import Options, first_problem
from modellab.core.project import PROJECT
from modellab.core.records import Question
from modellab.evaluation.labels import read_labels, wide_table
from modellab.generation.asking_job import gpus_needed
from modellab.generation.predict import PredictionJob, predict
from modellab.models.gpu import lease
from modellab.models.protocol import Place
from modellab.models.registry import ModelEntry
from modellab.tasks.label.task import LabelOptions

if TYPE_CHECKING:
    import pandas as pd

_PROMPTS = PROJECT / "resources" / "prompts"


class LabelJob(Options):
    """The settings of a labelling job."""

    task: LabelOptions = Field(description="labels, tags and instructions")
    models: dict[Slug, ModelEntry] = Field(min_length=1, description="models, by name")
    prompt: Path | None = Field(None, description="the prompt template; default: the task's")
    name: Slug = Field("notebook", description="the dataset's name: a folder of the results")
    results: Path = Field(Path("results"), description="the folder that answers are kept in")
    seed: int = Field(0, ge=0, description="the seed of models that draw answers at random")


def label_frame(
    frame: pd.DataFrame,
    column: str,
    config: Path | str | Mapping[str, Any],
    dataset: str | None = None,
    inputs: Sequence[str] = (),
) -> pd.DataFrame:
    """The frame with the columns of the wide table appended.

    Args:
        frame: The data.
        column: The column of texts; None, NaN and blank texts are not labelled.
        config: The config file of a workflow with task, prompt and models, or a map with `task` and
            `models` (see `LabelJob`).
        dataset: The dataset, if the workflow has several with labels.
        inputs: Further columns shown to the model.

    Raises:
        InputError: A wrong config, a missing column, a cell that is not text, or a model that
            cannot be loaded (after the others have answered).
    """
    job = _job(config, dataset)
    questions = _questions(frame, column, inputs)
    task = job.task.model_copy(update={"column": column})
    predictions = _predictions(job, questions)
    table = wide_table(task, questions, read_labels(predictions))
    return _joined(frame, {"id", column, *inputs}, table)


def _job(config: Path | str | Mapping[str, Any], dataset: str | None) -> LabelJob:
    if isinstance(config, Mapping):
        try:
            return LabelJob.model_validate(dict(config))
        except ValidationError as error:
            raise InputError(f"config: {first_problem(error)}") from None
    return _of_workflow(Path(config), dataset)


def _of_workflow(path: Path, dataset: str | None) -> LabelJob:
    config = load_config([path])
    found = {n: d for n, d in config.datasets.items() if isinstance(d.task, LabelOptions)}
    name = dataset or (next(iter(found)) if len(found) == 1 else None)
    if name not in found:
        raise InputError(f"{path}: choose a dataset of labels: {', '.join(found) or 'none'}")
    chosen = found[name]
    models = {
        model: config.models[model]
        for model in models_asked(config, name)
        if config.models[model].place() is not Place.VOTE
    }
    assert isinstance(chosen.task, LabelOptions)
    return LabelJob(
        task=chosen.task,
        models=models,
        prompt=chosen.prompt,
        name=name,
        results=config.results,
        seed=config.seed,
    )


def _questions(frame: pd.DataFrame, column: str, inputs: Sequence[str]) -> list[Question]:
    missing = [name for name in (column, *inputs) if name not in frame.columns]
    if missing:
        known = ", ".join(map(str, frame.columns))
        raise InputError(f"column {missing[0]!r} is missing (found: {known})")
    cells = {name: _texts(frame, name) for name in (column, *inputs)}
    return [
        Question(
            id=str(row),
            text=text,
            inputs={name: cells[name][row] for name in inputs},
            reference={},
            references=(),
        )
        for row, text in enumerate(cells[column])
    ]


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    """The cells of a column; missing ones (None, NaN) as empty texts."""
    import pandas as pd

    found = []
    for index, value in zip(frame.index, frame[column], strict=True):
        missing = pd.api.types.is_scalar(value) and pd.isna(value)
        if not isinstance(value, str) and not missing:
            raise InputError(f"{column}: row {index!r}: should be text, not {value!r}")
        found.append(value if isinstance(value, str) else "")
    return found


def _predictions(job: LabelJob, questions: Sequence[Question]) -> dict[str, Path]:
    folder = job.results / job.name
    path = folder / "notebook" / "questions.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, questions)
    found, errors = {}, []
    with _gpus(job):
        for name, entry in job.models.items():
            try:
                found[name] = _asked(job, name, entry, path)
            except InputError as error:
                errors.append(InputError(f"models.{name}: {error}"))
    if errors:
        raise errors[0]
    return found


def _gpus(job: LabelJob) -> AbstractContextManager[object]:
    """A lease for the model with the most GPUs, as the models run in turn.

    A notebook that has used a GPU before keeps its GPUs.
    """
    need = gpus_needed(job.models.values())
    torch = sys.modules.get("torch")
    if need == 0 or (torch is not None and torch.cuda.is_initialized()):
        return nullcontext()
    return lease(need, job=f"labels of {job.name} in a notebook")


def _asked(job: LabelJob, name: str, entry: ModelEntry, questions: Path) -> Path:
    out = questions.parent / f"{name}.jsonl"
    journal = job.results / job.name / JOURNAL.format(model=name)
    journal.parent.mkdir(parents=True, exist_ok=True)
    prompt = getattr(entry, "prompt", None) or job.prompt or _PROMPTS / LabelOptions.prompt
    predict(
        PredictionJob(
            model=name,
            dataset=job.name,
            options=entry,
            task=job.task,
            prompt=prompt,
            questions=questions,
            contexts=None,
            journal=journal,
            seed=job.seed if entry.samples() else None,
            timeout_seconds=60 * entry.timeout_minutes if entry.timeout_minutes else None,
        ),
        predictions=out,
        run=out.with_suffix(".run.json"),
    )
    return out


def _joined(frame: pd.DataFrame, own: set[str], table: pd.DataFrame) -> pd.DataFrame:
    """The frame with the new columns, whatever its index."""
    import pandas as pd

    added = table.drop(columns=[name for name in table if name in own]).set_axis(frame.index)
    return pd.concat([frame, added], axis=1)
