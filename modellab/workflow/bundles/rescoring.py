"""Scoring the predictions of a bundle again, and comparing the scores."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.core import layout
from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.layout import PREDICTIONS, QUESTIONS, ROWS, RUN, SUMMARY, VERDICT, table_file
from modellab.core.options import first_problem
from modellab.core.records import ModelScores, Summary
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import read_scored_model
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles
from modellab.reporting.dataset_tables import RankedFiles, write_ranked
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions
from modellab.workflow.bundles.archive import Rescoring

STATISTICS = StatisticsFiles(
    estimates=Path(table_file("statistics")),
    comparisons=Path(table_file("comparisons")),
    ranks=Path(table_file("ranks")),
    detectable=Path(table_file("minimum_detectable_effect")),
    noise=Path(table_file("noise_budget")),
)
LEADERBOARD = table_file("leaderboard")
_RANKED = (LEADERBOARD, layout.MARKDOWN, layout.LATEX, VERDICT)
#: all tables of `make_tables`, in the order in which they depend on each other
TABLES = (
    *(str(path) for path in vars(STATISTICS).values()),
    *_RANKED,
)


def make_tables(
    scored: Path,
    models: Sequence[str],
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    out: Path,
    missing: Sequence[str] = (),
) -> tuple[ModelScores, ...]:
    """Write all `TABLES` into the folder `out`, as a run does, and return the models' scores.

    Args:
        scored: The folder of a dataset, with questions and scores.
        models: The models in it, in the order of the config.
        task: Their task.
        scorer: The scorer of the answers.
        options: Intervals and tests.
        seed: The seed of the resampling.
        out: The output folder.
        missing: Models to report as missing.
    """
    (out / layout.TABLES).mkdir(parents=True, exist_ok=True)
    files = StatisticsFiles(**{name: out / path for name, path in vars(STATISTICS).items()})
    summaries = [scored / SUMMARY.format(model=name) for name in models]
    rows = [path.with_suffix(".csv") for path in summaries]
    scores = read_dataset(scored / QUESTIONS, summaries, rows)
    places = RankedFiles(*(out / name for name in _RANKED))
    write_ranked(scores, task, scorer, options, seed, files, places, missing)
    return scores.models


Difference = tuple[str, Any, Any]


def first_difference(
    one: Any, other: Any, where: str = "", exact: bool = False
) -> Difference | None:
    """The first key with different values, and the values; a missing key counts as None.

    Unless `exact`, numbers (also in text) may differ in their last digits, as between machines.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        found = (
            first_difference(
                one.get(key), other.get(key), f"{where}.{key}" if where else str(key), exact
            )
            for key in dict.fromkeys([*one, *other])
        )
        return next(filter(None, found), None)
    same = one == other or (not exact and _is_close(one, other))
    return None if same else (where, one, other)


def _is_close(one: Any, other: Any) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)
    except (TypeError, ValueError):
        return False


def content_of(path: Path) -> dict[str, Any]:
    """A table, a JSON record or a text as plain data."""
    if path.suffix == ".json":
        return dict(read_json(path))
    if path.suffix == ".csv":
        rows: Sequence[Any] = [dict(row) for row in read_csv(path).rows]
    else:
        rows = path.read_text(encoding="utf-8").splitlines()
    return {"rows": len(rows), **{f"row {n}": row for n, row in enumerate(rows, start=1)}}


def shown(value: Any, width: int = 60) -> str:
    """A value in a message, shortened."""
    text = "missing" if value is None else repr(value)
    return text if len(text) <= width else f"{text[:width]}..."


#: embedders that need neither weights nor a server
OWN_EMBEDDERS = ("tfidf-svd",)
#: fields of a summary that follow from questions and predictions, unlike times and costs
_SUMMARY = ("metrics", "num_questions", "repeats", "coverage", "statuses", "outcomes")


@dataclass(frozen=True)
class Rescored:
    """The recomputed overall score of a system, and how it differs from that in the bundle."""

    system: str
    overall: str
    value: float | None
    rows: int
    difference: str | None


def foreign_embedder(rescoring: Rescoring) -> str | None:
    """The embedder that scoring would load or query; None if no trust is needed."""
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
            model=model,
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
                rows=rows,
                summary=summary,
                chunks=folder / rescoring.chunks if rescoring.chunks else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            # rows that no run wrote, such as with an unknown question or field
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
        raise InputError(f"{dataset}: task or scorer: {first_problem(error)}") from None
    for file in task.files().values():
        # an untrusted manifest may name any file of this machine
        if not file.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{dataset}: its task names {file}, which is no file of the bundle")
    return task, scorer


def statistics_of(rescoring: Rescoring) -> StatisticsOptions:
    """Raises InputError for wrong options."""
    try:
        return StatisticsOptions.model_validate(rescoring.statistics)
    except ValidationError as error:
        raise InputError(f"manifest.json: statistics: {first_problem(error)}") from None


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
            where, old_value, now = found
            difference = (
                f"{where}: {shown(old_value)} in the scores, {shown(now)} from the predictions"
            )
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
