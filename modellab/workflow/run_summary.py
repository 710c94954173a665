"""The summary at the end of a run: leaderboards, failed models and jobs, paths of results."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.job_log import ended_without_reason, failure_reason
from modellab.core.layout import REPORT, STATUS, SUMMARY, table_file

if TYPE_CHECKING:
    from rich.console import Console

    from modellab.config.schema import Config
    from modellab.core.records import ModelScores
    from modellab.evaluation.compare.verdict import Certainty
    from modellab.workflow.systems import Systems

_FAILED_JOB = re.compile(
    r"^(?:Command .* returned non-zero exit status (?P<status>\d+)\.\n\[.*\]\n)?"
    r"Error in rule (?P<rule>\w+)(?:,.*)?:\n(?P<facts>(?: {4}.*\n)+)",
    re.M,
)
#: number of requested files that are listed
_MOST_FILES = 8


def requested(workflow: Any) -> list[str]:
    """The files that a run was asked for, or the inputs of targets without files."""
    named = {os.path.normpath(target) for target in workflow.dag_settings.targets}
    found: set[str] = set()
    for job in workflow.dag.targetjobs:
        files = {str(path) for path in (job.output or job.input)}
        # a job may make many files beside the one that was asked for
        found |= files & named or files
    return sorted(found)


def print_end(config: Config, systems: Systems, files: Sequence[str], complete: bool) -> None:
    """Print the requested results; where a job failed, the outcome of each model.

    Args:
        config: The config of the run.
        systems: Its systems.
        files: The requested files; a target without files prints its own result.
        complete: Whether all jobs succeeded.
    """
    results = config.results
    if not complete:
        members = {name: getattr(model, "members", ()) for name, model in config.models.items()}
        print_outcomes(results, {n: systems.models(n) for n in config.datasets}, members)
        way_on = "fix what failed, if anything did, and run the same command again: it goes on here"
        sys.stderr.write(f"Not finished: {way_on}.\n")
        return

    def requested_of(*names: str) -> list[str]:
        """The datasets of which one of these files, or a file below it, was requested."""
        return [
            dataset
            for dataset in config.datasets
            if any(Path(f).is_relative_to(results / dataset / n) for f in files for n in names)
        ]

    compared = requested_of(table_file("leaderboard"), "scores")
    rated = requested_of(table_file("status"))
    print_leaderboards(results, {name: systems.models(name) for name in compared})
    for name in requested_of("."):
        if missing := systems.missing(name):
            sys.stderr.write(f"PARTIAL {name}: without {', '.join(missing)}\n")
    print_statuses(config, {*compared, *rated})
    pages = [results / name / REPORT for name in config.datasets]
    pages = [page for page in pages if str(page) in files]
    for page in pages:
        sys.stderr.write(f"Page: {page / 'index.html'}\n")
    made = [path for path in files if not pages and Path(path).exists()]
    for path in made[:_MOST_FILES]:
        sys.stderr.write(f"Made: {path}\n")
    if len(made) > _MOST_FILES:
        sys.stderr.write(f"and {len(made) - _MOST_FILES} more files\n")


def print_leaderboards(results: Path, models_by_dataset: Mapping[str, Sequence[str]]) -> None:
    """The leaderboard and verdict of each dataset whose models all have scores."""
    from modellab.evaluation.compare.score_files import read_scores
    from modellab.evaluation.compare.verdict import verdict_on
    from modellab.reporting.tables.terminal import leaderboard_table, verdict_lines

    console = _console()
    for dataset, models in models_by_dataset.items():
        files = [results / dataset / SUMMARY.format(model=model) for model in models]
        if models and all(file.exists() for file in files):
            table = results / dataset / table_file("leaderboard")
            scores = [read_scores(file) for file in files]
            sure = _certainty(results / dataset, scores)
            file = table if table.exists() else files[0]
            console.print(leaderboard_table(scores, file, certainty=sure, width=console.width))
            for line in verdict_lines(verdict_on(scores, sure)):
                console.print(line, markup=False, highlight=False, soft_wrap=True)


def print_statuses(config: Config, datasets: Collection[str]) -> None:
    """The status of each dataset's results compared with their targets, if there are any."""
    from modellab.core.io.jsonl import read_json
    from modellab.evaluation.targets.rating import status_line

    for dataset in config.datasets:
        record = config.results / dataset / STATUS
        if dataset not in datasets or not config.targets.of_dataset(dataset):
            continue
        rated = read_json(record) if record.exists() else {}
        if rated.get("status"):
            line = status_line(rated)
            sys.stderr.write(f"STATUS {line}; see {record.with_suffix('.csv')}\n")


def print_outcomes(
    results: Path,
    models_by_dataset: Mapping[str, Sequence[str]],
    members: Mapping[str, Sequence[str]],
) -> None:
    """A row per model: done with its score, or failed with its reason."""
    from modellab.reporting.tables.sweep import outcome_table, outcomes

    found = outcomes(results, models_by_dataset, members)
    if any(outcome.done is not None for outcome in found):
        _console().print(outcome_table(found))


def print_failures(log_files: str | Iterable[str], results: Path) -> None:
    """One line per failed job: its output, the reason, and its log.

    Args:
        log_files: Snakemake's own logs of the run.
        results: The folder of results, whose path may contain spaces and commas.
    """
    paths = [log_files] if isinstance(log_files, str) else log_files
    text = "".join(Path(path).read_text(encoding="utf-8") for path in paths)
    for line in sorted({_described(match, results) for match in _FAILED_JOB.finditer(text)}):
        sys.stderr.write(f"{line}\n")


def _console() -> Console:
    from rich.console import Console

    # a file or a pipe has no width; 80 would break names
    return Console(stderr=True, width=None if sys.stderr.isatty() else 130)


def _certainty(folder: Path, scores: Sequence[ModelScores]) -> Certainty | None:
    """The intervals of the overall score; None without statistics."""
    from modellab.evaluation.compare.entries import components_of
    from modellab.evaluation.compare.verdict import read_certainty

    statistics, ranks = folder / table_file("statistics"), folder / table_file("ranks")
    if not (statistics.exists() and ranks.exists()):
        return None
    return read_certainty(statistics, ranks, components_of(scores)[-1])


def _described(match: re.Match[str], results: Path) -> str:
    facts, folder = match["facts"], re.escape(str(results))
    output = re.search(rf"^ {{4}}output: (?P<path>.+?)(?:, {folder}/|$)", facts, re.M)
    # a cluster adds its own log after a comma
    log = re.search(rf"^ {{4}}log: (?P<path>{folder}/.+?\.log)(?:,| \(|$)", facts, re.M)
    name = output["path"] if output else match["rule"]
    if not log:
        return f"FAILED {name}"
    path, status = Path(log["path"]), match["status"]
    reason = failure_reason(path) or ended_without_reason(path, int(status) if status else None)
    return f"FAILED {name}: {reason} (log: {path})"
