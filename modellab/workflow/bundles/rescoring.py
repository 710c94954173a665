"""Scoring the predictions of a bundle again, and where its scores differ from the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.core.layout import PREDICTIONS, QUESTIONS, ROWS, RUN, SUMMARY
from modellab.core.records import Summary
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import read_scored_model
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions
from modellab.workflow.bundles.manifest import Rescoring
from modellab.workflow.bundles.tables import first_difference, shown

#: embedders that need neither weights nor a server
OWN_EMBEDDERS = ("tfidf-svd",)
#: what of a summary follows from questions and predictions; times and costs do not
_SUMMARY = ("metrics", "num_questions", "repeats", "coverage", "statuses", "outcomes")


@dataclass(frozen=True)
class Rescored:
    """One system: its overall score from its predictions, and how the bundle's scores differ."""

    system: str
    overall: str
    value: float | None
    rows: int
    difference: str | None


def foreign_embedder(rescoring: Rescoring) -> str | None:
    """The embedder that scoring would have to load or query; None where no trust is needed."""
    embedder = rescoring.scorer.get("embedder")
    if not embedder:
        return None
    kind = embedder.get("kind") if isinstance(embedder, dict) else embedder
    return None if kind in OWN_EMBEDDERS else str(kind)


def rescored(folder: Path, dataset: str, rescoring: Rescoring, scratch: Path) -> Iterator[Rescored]:
    """Score every model of a dataset in `folder`; new files go to `scratch`.

    Raises InputError for files and options that cannot be read.
    """
    task, scorer = task_and_scorer(folder, dataset, rescoring)
    own = folder / dataset
    for model, about in rescoring.models.items():
        job = ScoreJob(
            name=model,
            dataset=dataset,
            task=task,
            scorer=scorer,
            missing=rescoring.missing,
            seed=rescoring.seed,
            **about.model_dump(),
        )
        rows, summary = scratch / ROWS.format(model=model), scratch / SUMMARY.format(model=model)
        try:
            score_model(
                job,
                questions=own / QUESTIONS,
                predictions=own / PREDICTIONS.format(model=model),
                run=own / RUN.format(model=model),
                rows_out=rows,
                out=summary,
                chunks=folder / rescoring.chunks if rescoring.chunks else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            # rows that no run wrote: an unknown question, a field that the task does not have
            raise InputError(f"{dataset}: {model}: cannot be scored again ({error!r})") from None
        yield from _compared(model, own, summary, rows)


def task_and_scorer(
    folder: Path, dataset: str, rescoring: Rescoring
) -> tuple[TaskOptions, ScorerOptions]:
    """Raises InputError for wrong options and for files outside the bundle."""
    files = {key: str(folder / name) for key, name in rescoring.task_files.items()}
    try:
        task = parse_task({**rescoring.task, **files})
        scorer = parse_scorer(rescoring.scorer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InputError(f"{dataset}: task or scorer: {first['msg']}") from None
    for file in task.files().values():
        # a stranger's manifest may name any file of this machine
        if not file.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{dataset}: its task names {file}, which is no file of the bundle")
    return task, scorer


def statistics_of(rescoring: Rescoring) -> StatisticsOptions:
    """Raises InputError for wrong options."""
    try:
        return StatisticsOptions.model_validate(rescoring.statistics)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InputError(f"manifest.json: statistics: {first['msg']}") from None


def _compared(model: str, own: Path, summary: Path, rows: Path) -> Iterator[Rescored]:
    new = read_scored_model(summary, rows)
    old = read_scored_model(own / SUMMARY.format(model=model), own / ROWS.format(model=model))
    summaries = {one.retriever: one for one in old.scores.summaries}
    for one in new.scores.summaries:
        overall, metric = list(one.metrics.items())[-1]
        before = _plain(summaries.pop(one.retriever, None), old.rows)
        after = _plain(one, new.rows)
        difference = None
        if found := first_difference(before, after):
            where, said, now = found
            difference = f"{where}: {shown(said)} in the scores, {shown(now)} from the predictions"
        system = entry_name(model, one.retriever)
        yield Rescored(system, overall, metric.value, len(after["rows"]), difference)
    for retriever in summaries:
        system = entry_name(model, retriever)
        yield Rescored(system, "", None, 0, "has a score, but no predictions")


def _plain(summary: Summary | None, rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    if summary is None:
        return {}
    own = [dict(row) for row in rows if row["retriever"] == summary.retriever]
    known = asdict(summary)
    metrics = {name: known[name] for name in _SUMMARY}
    return {**metrics, "rows": {f"{row['question_id']}/{row['repeat']}": row for row in own}}
