"""The record of a finished run, made from the files of its dataset."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.machine import package_versions
from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import components_of, entry_name, ranked, standings
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.compare.verdict import read_verdict
from modellab.reporting.registry.log import open_registry
from modellab.reporting.registry.pages import write_pages
from modellab.reporting.registry.project import author, describe_project, project_root
from modellab.reporting.registry.records import (
    RecordedJudge,
    RecordedMetric,
    RecordedModel,
    RecordedRating,
    RunRecord,
)

log = logging.getLogger(__name__)

#: characters of the digest in a run's name: enough to distinguish runs of one second
_SHORT = 6


@dataclass(frozen=True)
class FinishedRun:
    """The files of a finished run over one dataset, and its settings.

    `summaries` and `runs` are in the order of the models; `judged` are the records of judge jobs
    and `judge_scores` their table, if there are judges. `config` is the part of the config that
    decides the results, as plain data. `status` is None without targets.
    """

    dataset: str
    summaries: Sequence[Path]
    runs: Sequence[Path]
    judged: Sequence[Path]
    judge_scores: Path | None
    status: Path | None
    verdict: Path
    config: Mapping[str, Any]
    judges: Mapping[str, Mapping[str, Any]]
    retrievers: Sequence[str]
    missing: Sequence[str]


def record_run(
    finished: FinishedRun, registry: Path, stamp: Path, root: Path | None = None
) -> RunRecord:
    """Append a record if these results are new, and write pages and the `stamp`.

    The stamp has no time, so that the same results give the same stamp.
    """
    made = make_record(finished, root or project_root())
    with open_registry(registry) as runs:
        record = runs.add(made)
        write_pages(registry, runs.records)
    log.info("these results are run %s", record.run)
    write_json(stamp, {"dataset": record.dataset, "state": record.state, "config": record.config})
    return record


def make_record(finished: FinishedRun, root: Path) -> RunRecord:
    """The record as of now. Raises InputError for files that cannot be read."""
    scores = [read_scores(path) for path in finished.summaries]
    runs = {model.name: read_json(path) for model, path in zip(scores, finished.runs, strict=True)}
    judged = [read_json(path) for path in finished.judged]
    models = {model.name: _model(model, runs[model.name]) for model in scores}
    metrics = (*_metrics(scores), *_judge_metrics(finished.judge_scores))
    rated = read_json(finished.status) if finished.status else {}
    status, verdict = rated.get("status"), read_verdict(finished.verdict)
    controls = [entry.name for entry in standings(scores).controls]
    ratings = tuple(map(_rating, rated.get("metrics", ())))
    state = digest(
        {
            "settings": finished.config,
            "fingerprints": {name: model.fingerprint for name, model in models.items()},
            "metrics": [asdict(metric) for metric in metrics],
            # without values, which may be times
            "ratings": [(one.metric, one.subject, one.status) for one in ratings],
            "status": status,
            "missing": list(finished.missing),
            "may_be_best": list(verdict.may_be_best),
            "controls": controls,
        }
    )
    now = time.gmtime()
    return RunRecord(
        run=f"{time.strftime('%Y%m%d-%H%M%S', now)}-{finished.dataset}-{state[:_SHORT]}",
        timestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
        dataset=finished.dataset,
        state=state,
        config=digest(finished.config),
        project=describe_project(root),
        author=author(root),
        task=scores[0].task,
        scorer=scores[0].scorer,
        questions=max(s.num_questions for model in scores for s in model.summaries),
        overall=components_of(scores)[-1],
        models=models,
        judges=_judges(finished.judges, judged),
        retrievers=tuple(finished.retrievers),
        metrics=metrics,
        durations=_durations(models, judged),
        versions=_versions(runs.values(), judged),
        status=status,
        ratings=ratings,
        missing=tuple(finished.missing),
        verdict=verdict.text,
        controls=tuple(controls),
    )


def _metrics(scores: Sequence[ModelScores]) -> Iterator[RecordedMetric]:
    """All components of all systems, the best contender first, controls last."""
    for entry in ranked(scores):
        for name, metric in entry.summary.metrics.items():
            value = entry.score(name)
            yield RecordedMetric(entry.name, name, value, metric.n_scored, metric.n_failed)


def _judge_metrics(table: Path | None) -> Iterator[RecordedMetric]:
    for row in read_csv(table).rows if table else ():
        yield RecordedMetric(
            system=entry_name(row["model"], row["retriever"]),
            metric=row["metric"],
            value=_number(row["value"]),
            n_scored=int(row["n_scored"]),
            n_failed=int(row["n_failed"]),
            judge=row["judge"],
        )


def _rating(cells: Mapping[str, Any]) -> RecordedRating:
    return RecordedRating(**{one.name: cells[one.name] for one in fields(RecordedRating)})


def _number(text: str) -> float | None:
    value = float(text) if text else math.nan
    return value if math.isfinite(value) else None


def _model(scores: ModelScores, run: Mapping[str, Any]) -> RecordedModel:
    return RecordedModel(
        provider=scores.llm_provider,
        model_id=scores.model_id,
        fingerprint=digest(run["fingerprint"]),
        answers=run["rows"],
        # votes are counted again in every run: an ensemble has no earlier runs
        seconds=_sum(one.get("wall_seconds") for one in run.get("runs", [run])),
    )


def _judges(
    described: Mapping[str, Mapping[str, Any]], judged: Sequence[Mapping[str, Any]]
) -> dict[str, RecordedJudge]:
    found = {}
    for name, about in described.items():
        jobs = [job for job in judged if job["judge"] == name]
        found[name] = RecordedJudge(
            kind=about["kind"],
            model_id=about["model_id"],
            judgements=sum(job["rows"] for job in jobs),
            seconds=_sum(job.get("generate_seconds") for job in jobs),
        )
    return found


def _durations(
    models: Mapping[str, RecordedModel], judged: Sequence[Mapping[str, Any]]
) -> dict[str, float | None]:
    return {
        "predictions": _sum(model.seconds for model in models.values()),
        "judgements": _sum(job.get("generate_seconds") for job in judged),
    }


def _sum(seconds: Iterable[float | None]) -> float | None:
    """None if nothing is known, which is not 0 seconds."""
    known = [one for one in seconds if one is not None]
    return round(math.fsum(known), 3) if known else None


def _versions(*runs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Versions of the packages of all jobs; all versions if jobs differ."""
    found: dict[str, dict[str, None]] = {}
    jobs = [one for group in runs for run in group for one in (run, *(run.get("runs") or ()))]
    for versions in (package_versions(), *(one.get("versions") or {} for one in jobs)):
        for package, version in versions.items():
            found.setdefault(package, {})[str(version)] = None
    return {package: ", ".join(versions) for package, versions in sorted(found.items())}
