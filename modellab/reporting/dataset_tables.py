"""All tables of one dataset that follow from its scores, which are read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_json
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.subjects import counts_by_retriever, subjects_of
from modellab.evaluation.audit.table import write_audit
from modellab.evaluation.compare.agreement import write_agreement
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.compare.errors import write_errors
from modellab.evaluation.compare.matrix import matrix_table
from modellab.evaluation.compare.verdict import read_certainty, verdict_on, write_verdict
from modellab.evaluation.diagnostics.consistency import write_consistency
from modellab.evaluation.diagnostics.efficiency import COLUMNS as EFFICIENCY_COLUMNS
from modellab.evaluation.diagnostics.efficiency import efficiency_rows
from modellab.evaluation.diagnostics.error_attribution import Roles, attribution_table
from modellab.evaluation.frame import Scores, read_dataset, with_missing
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles, write_statistics
from modellab.reporting.papers.markup import write_paper_tables
from modellab.reporting.tables.leaderboard import write_leaderboard
from modellab.retrieval.contexts import read_retrieval
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions


@dataclass(frozen=True)
class ScoredFiles:
    """The inputs; files of models are in the order of `models`.

    `searches` and `plans` have the resource usage of retrieval; `contexts` are those of the
    retrievers that should find passages for every question.
    """

    models: Sequence[str]
    questions: Path
    summaries: Sequence[Path]
    rows: Sequence[Path]
    predictions: Sequence[Path]
    runs: Sequence[Path]
    searches: Sequence[Path]
    plans: Sequence[Path]
    contexts: Sequence[Path]

    def with_predictions(self, others: Sequence[Path]) -> dict[str, tuple[Path, Path]]:
        """By model its predictions and another file."""
        pairs = zip(self.predictions, others, strict=True)
        return dict(zip(self.models, pairs, strict=True))


@dataclass(frozen=True)
class TableSettings:
    """The settings of the tables; `missing` are the models that a partial run leaves out."""

    task: TaskOptions
    scorer: ScorerOptions
    statistics: StatisticsOptions
    roles: Roles
    thresholds: AuditOptions
    missing: Sequence[str]
    seed: int


@dataclass(frozen=True)
class RankedFiles:
    """Outputs: the leaderboard in its formats, and the verdict."""

    leaderboard: Path
    markdown: Path
    latex: Path
    verdict: Path


@dataclass(frozen=True)
class TableFiles:
    """Outputs: the other tables; None for those that a dataset does not have."""

    matrix: Path
    matrix_long: Path
    errors: Path
    wrong_questions: Path
    agreement: Path
    difficulty: Path
    wins: Path
    efficiency: Path
    audit: Path
    audit_page: Path
    error_attribution: Path | None = None
    consistency: Path | None = None


def write_tables(
    dataset: str,
    read: ScoredFiles,
    settings: TableSettings,
    statistics_files: StatisticsFiles,
    ranked: RankedFiles,
    files: TableFiles,
) -> None:
    """Write all tables. Raises InputError for models that must not be compared."""
    scores = read_dataset(read.questions, read.summaries, read.rows)
    how = (settings.task, settings.scorer, settings.statistics)
    write_ranked(scores, *how, settings.seed, statistics_files, ranked, settings.missing)
    write_frame(files.matrix, with_missing(matrix_table(scores), settings.missing))
    write_frame(files.matrix_long, scores.rows)
    write_errors(scores, files.errors, files.wrong_questions)
    kind = settings.task.kind
    write_agreement(scores, kind, files.agreement, files.difficulty, files.wins)
    if files.error_attribution:
        write_frame(files.error_attribution, attribution_table(scores, settings.roles, *how))
    if files.consistency:
        models = (read.predictions, read.summaries)
        write_consistency(files.consistency, *models, settings.task, settings.scorer)
    write_efficiency_and_audit(dataset, scores, read, settings, files)


def write_efficiency_and_audit(
    dataset: str, scores: Scores, read: ScoredFiles, settings: TableSettings, files: TableFiles
) -> None:
    """Write the tables made of the predictions, which are read once, one model at a time."""
    task = settings.task
    fields, retrieval = task.fields, read_retrieval(read.searches, read.plans)
    rows: list[dict[str, object]] = []
    counts, runs = {}, {}
    for model, (predictions, run) in read.with_predictions(read.runs).items():
        answers = read_prediction_frame(predictions, fields)
        runs[model] = read_json(run)
        rows += efficiency_rows(model, answers, runs[model], retrieval)
        counts[model] = counts_by_retriever(answers)
    write_frame(files.efficiency, frame_of(rows, EFFICIENCY_COLUMNS))
    subjects = subjects_of(scores, counts, runs, task, settings.scorer)
    unanswerable = {question.id for question in scores.questions if question.unanswerable}
    searched = (settings.thresholds, read.contexts, unanswerable)
    write_audit(files.audit, files.audit_page, dataset, subjects, *searched)


def write_ranked(
    scores: Scores,
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    statistics: StatisticsFiles,
    files: RankedFiles,
    missing: Sequence[str] = (),
) -> None:
    """Write the statistics, the leaderboard and the verdict."""
    write_statistics(scores, task, scorer, options, seed, statistics)
    models = scores.models
    sure = read_certainty(statistics.estimates, statistics.ranks, components_of(models)[-1])
    verdict = verdict_on(models, sure)
    write_leaderboard(files.leaderboard, models, sure, missing)
    write_verdict(files.verdict, verdict)
    papers = (files.markdown, files.latex)
    write_paper_tables(models, statistics.estimates, statistics.ranks, verdict, *papers, missing)
