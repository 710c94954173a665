"""From all judgements of a dataset to tables: scores with coverage, and judges judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.records import ModelScores
from modellab.judging.meta_evaluation import (
    agreement,
    biases,
    consensus,
    humans,
    reliability,
    scores,
    sweeps,
)
from modellab.judging.meta_evaluation.units import Cells, Judge, Judged, read_judged, units_of

#: the tables about judges, and their columns
TABLES: Mapping[str, Sequence[str]] = {
    "resource_usage": reliability.RESOURCE_USAGE,
    "self_consistency": reliability.CONSISTENCY,
    "agreement": agreement.PAIRS,
    "alpha": agreement.ALPHA,
    "human": humans.AGREEMENT,
    "confusion": humans.CONFUSION,
    "position_bias": biases.POSITION,
    "length_bias": biases.LENGTH,
    "self_preference": biases.PREFERENCE,
    "consensus": consensus.CONSENSUS,
    "rankings": consensus.RANKING,
    "by_generator": sweeps.GENERATORS,
    "by_benchmark_judge": sweeps.JUDGES,
}


@dataclass(frozen=True)
class JudgeStudy:
    """All judges of one dataset.

    `files` are judgements with their judge and model; `families` those of the models judged;
    `labels` a file of people's labels, if there is one. `controls` are by model the retrievers
    with which it is a reference point. The others are keys of `judging:`.
    """

    judges: Mapping[str, Judge]
    files: Sequence[tuple[str, str, Path]]
    families: Mapping[str, str | None]
    labels: Path | None
    min_coverage: float
    method: str
    weighted: bool
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)


def write_judge_scores(study: JudgeStudy, out: Path) -> None:
    """Means by judge, model, retriever and metric, each with its counts."""
    judged = read_judged(study.judges, study.files)
    write_csv(out, scores.COLUMNS, scores.score_rows(judged, study.min_coverage))


def write_judge_tables(study: JudgeStudy, out: Mapping[str, Path]) -> None:
    """One file per table in `TABLES`. Raises InputError for labels that cannot be read."""
    judged = read_judged(study.judges, study.files)
    for name, rows in _tables(study, judged).items():
        write_csv(out[name], TABLES[name], rows)


def write_production_judges(models: Sequence[ModelScores], out: Path) -> None:
    """The models of a label dataset as production judges, best F1 first."""
    write_csv(out, sweeps.PRODUCTION, sweeps.production_rows(models))


def _controls(study: JudgeStudy) -> set[tuple[str, str]]:
    return {(model, name) for model, names in study.controls.items() for name in names}


def _tables(study: JudgeStudy, judged: Sequence[Judged]) -> dict[str, list[Cells]]:
    units = units_of(judged)
    labels = humans.read_labels(study.labels, units) if study.labels else {}
    beside = humans.agreement_rows(units, labels)
    weights = consensus.weights_of(beside) if study.weighted else {}
    means = scores.score_rows(judged, study.min_coverage)
    steady = reliability.consistency_rows(units)
    resource_usage = reliability.effort_rows(judged)
    return {
        "resource_usage": resource_usage,
        "self_consistency": steady,
        "agreement": agreement.pair_rows(units),
        "alpha": agreement.alpha_rows(units),
        "human": beside,
        "confusion": humans.confusion_rows(units, labels),
        "position_bias": biases.position_rows(judged),
        "length_bias": biases.length_rows(units),
        "self_preference": biases.preference_rows(units, study.families),
        "consensus": consensus.consensus_rows(units, study.method, weights),
        "rankings": consensus.ranking_rows(units, _controls(study)),
        "by_generator": sweeps.generator_rows(means),
        "by_benchmark_judge": sweeps.judge_rows(means, steady, resource_usage),
    }
