"""Scoring a bundle's predictions again, and telling where its numbers are others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.records import Metric, Summary
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import read_scored_model
from modellab.evaluation.score import ScoreJob, score_model
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions
from modellab.workflow.bundles.manifest import Rescoring
from modellab.workflow.bundles.tables import same_row, same_text

#: embedders that need neither weights nor a server: nothing that a stranger names is asked
OWN_EMBEDDERS = ("tfidf-svd",)


@dataclass(frozen=True)
class Rescored:
    """One system: its overall score from its predictions, and what the bundle says otherwise."""

    system: str
    overall: str
    value: float | None
    rows: int
    differences: tuple[str, ...]


def asks(rescoring: Rescoring) -> str | None:
    """The embedder that scoring would have to load or ask; None where nothing is to be trusted."""
    embedder = rescoring.scorer.get("embedder")
    if not embedder:
        return None
    kind = embedder.get("kind") if isinstance(embedder, dict) else embedder
    return None if kind in OWN_EMBEDDERS else str(kind)


def rescored(folder: Path, dataset: str, rescoring: Rescoring, scratch: Path) -> Iterator[Rescored]:
    """Score every model of a dataset whose files lie in `folder`; `scratch` takes the new files.

    Raises InputError for files and options that cannot be read.
    """
    board = read_csv(folder / dataset / "leaderboard.csv", ("model", "retriever")).rows
    shown = {(row["model"], row["retriever"]): row for row in board}
    found = set()
    for model in rescoring.models:
        for one in _model(folder, dataset, rescoring, model, shown, scratch):
            found.add(one.system)
            yield one
    for system in sorted({entry_name(*of) for of in shown} - found):
        told = ("is in the leaderboard, but has no predictions",)
        yield Rescored(system, "", None, 0, told)


def _model(
    folder: Path,
    dataset: str,
    rescoring: Rescoring,
    model: str,
    board: Mapping[tuple[str, str], Mapping[str, str]],
    scratch: Path,
) -> Iterator[Rescored]:
    own, said = scratch / "scores", folder / dataset / "scores"
    rows, summary = own / f"{model}.csv", own / f"{model}.json"
    job = _job(folder, dataset, rescoring, model)
    try:
        score_model(
            job,
            questions=folder / dataset / "questions.jsonl",
            predictions=folder / dataset / "predictions" / f"{model}.jsonl",
            run=folder / dataset / "runs" / f"{model}.json",
            rows_out=rows,
            out=summary,
            chunks=folder / rescoring.chunks if rescoring.chunks else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        # rows that no run wrote: a question that is not there, a field that the task does not have
        raise InputError(f"{dataset}: {model}: cannot be scored again ({error!r})") from None
    new = read_scored_model(summary, rows)
    old = read_scored_model(said / f"{model}.json", said / f"{model}.csv")
    old_summaries = {one.retriever: one for one in old.scores.summaries}
    for one in new.scores.summaries:
        overall, metric = list(one.metrics.items())[-1]
        other = old_summaries.pop(one.retriever, None)
        mine = [row for row in new.rows if row["retriever"] == one.retriever]
        theirs = [row for row in old.rows if row["retriever"] == one.retriever]
        differences = (
            *_of_summaries(one, other),
            *_of_rows(mine, theirs),
            *_of_leaderboard(one, board.get((model, one.retriever))),
        )
        system = entry_name(model, one.retriever)
        yield Rescored(system, overall, metric.value, len(mine), differences)
    for retriever in old_summaries:
        told = ("has a score, but no predictions",)
        yield Rescored(entry_name(model, retriever), "", None, 0, told)


def rules(folder: Path, dataset: str, rescoring: Rescoring) -> tuple[TaskOptions, ScorerOptions]:
    """Task and scorer of a dataset. Raises InputError for options and files that are none."""
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


def _job(folder: Path, dataset: str, rescoring: Rescoring, model: str) -> ScoreJob:
    task, scorer = rules(folder, dataset, rescoring)
    about: dict[str, Any] = rescoring.models[model].model_dump()
    return ScoreJob(
        name=model,
        dataset=dataset,
        task=task,
        scorer=scorer,
        missing=rescoring.missing,
        seed=rescoring.seed,
        **about,
    )


def _of_summaries(new: Summary, old: Summary | None) -> Iterator[str]:
    if old is None:
        yield "has predictions, but no score"
        return
    for name in dict.fromkeys([*new.metrics, *old.metrics]):
        one, other = new.metrics.get(name), old.metrics.get(name)
        if one is None or other is None or not _same_metric(one, other):
            yield f"{name}: {_told(other)} in the scores, {_told(one)} from the predictions"
    for name in ("num_questions", "repeats", "coverage", "statuses", "outcomes"):
        if getattr(new, name) != getattr(old, name):
            yield f"{name}: {getattr(old, name)} in the scores, {getattr(new, name)} found"


def _of_rows(new: list[Mapping[str, str]], old: list[Mapping[str, str]]) -> Iterator[str]:
    if len(new) != len(old):
        yield f"{len(old)} scored rows, {len(new)} predictions"
        return
    wrong = [
        one["question_id"] for one, other in zip(new, old, strict=True) if not same_row(one, other)
    ]
    if wrong:
        yield f"{len(wrong)} scored rows differ, first {wrong[0]}"


def _of_leaderboard(new: Summary, row: Mapping[str, str] | None) -> Iterator[str]:
    if row is None:
        yield "is not in the leaderboard"
        return
    for name, metric in new.metrics.items():
        if not same_text(_text(metric.value), row.get(name, "")):
            yield f"{name}: {row.get(name) or 'none'} in the leaderboard, {_told(metric)} found"
        for key, count in ((f"{name}_n", metric.n_scored), (f"{name}_failed", metric.n_failed)):
            if row.get(key, "") != str(count):
                yield f"{key}: {row.get(key) or 'none'} in the leaderboard, {count} found"


def _same_metric(one: Metric, other: Metric) -> bool:
    counts = (one.n_scored, one.n_failed) == (other.n_scored, other.n_failed)
    return counts and same_text(_text(one.value), _text(other.value))


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)


def _told(metric: Metric | None) -> str:
    if metric is None:
        return "nothing"
    return f"{'none' if metric.value is None else f'{metric.value:.6f}'} (n={metric.n_scored})"
