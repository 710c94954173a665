"""What the terminal shows when a run ends: leaderboards, what became of each model, and why."""

import re
import sys
from pathlib import Path

from modellab.core.job_log import ended_without_reason, failure_reason

_FAILED_JOB = re.compile(
    r"^(?:Command .* returned non-zero exit status (?P<status>\d+)\.\n\[.*\]\n)?"
    r"Error in rule (?P<rule>\w+)(?:,.*)?:\n(?P<facts>(?: {4}.*\n)+)",
    re.M,
)
_OUTPUT = re.compile(r"^ {4}output: (?P<path>.+?)(?:, |$)", re.M)
# a cluster adds its own log after a comma
_LOG = re.compile(r"^ {4}log: (?P<path>.+?\.log)(?:,| \(|$)", re.M)


def print_leaderboards(results, models_by_dataset, missing_by_dataset):
    """The leaderboard of each dataset whose models all have scores; what a partial one lacks."""
    from modellab.evaluation.compare.score_files import read_scores
    from modellab.evaluation.compare.verdict import verdict_on
    from modellab.reporting.tables.terminal import leaderboard_table, verdict_lines

    console = _console()
    for dataset, models in models_by_dataset.items():
        files = [results / dataset / "scores" / f"{model}.json" for model in models]
        if models and all(file.exists() for file in files):
            table = results / dataset / "leaderboard.csv"
            scores = [read_scores(file) for file in files]
            sure = _certainty(results / dataset, scores)
            file = table if table.exists() else files[0]
            console.print(leaderboard_table(scores, file, certainty=sure, width=console.width))
            for line in verdict_lines(verdict_on(scores, sure)):
                console.print(line, markup=False, highlight=False, soft_wrap=True)

        if missing_by_dataset[dataset]:
            sys.stderr.write(
                f"PARTIAL {dataset}: without {', '.join(missing_by_dataset[dataset])}\n"
            )


def print_statuses(results, datasets):
    """How the results of each dataset are, beside their targets, where the config names any."""
    from modellab.core.io.jsonl import read_json
    from modellab.evaluation.targets.table import status_line

    for dataset in datasets:
        record = results / dataset / "status.json"
        rated = read_json(record) if record.exists() else {}
        if rated.get("status"):
            line = status_line(rated)
            sys.stderr.write(f"STATUS {line}; see {record.with_suffix('.csv')}\n")


def print_outcomes(results, models_by_dataset):
    """A row per model: done with its score, or failed with its reason."""
    from modellab.reporting.tables.sweep import outcome_table, outcomes

    found = outcomes(results, models_by_dataset)
    if any(outcome.done is not None for outcome in found):
        _console().print(outcome_table(found))


def _console():
    from rich.console import Console

    # a file or a pipe has no width; 80 would tear the names apart
    return Console(stderr=True, width=None if sys.stderr.isatty() else 130)


def _certainty(folder, scores):
    """The intervals of the overall score; None where no statistics were made."""
    from modellab.evaluation.compare.certainty import read_certainty
    from modellab.evaluation.compare.entries import components_of

    statistics, ranks = folder / "statistics.csv", folder / "ranks.csv"
    if not (statistics.exists() and ranks.exists()):
        return None
    return read_certainty(statistics, ranks, components_of(scores)[-1])


def print_failures(log_files):
    """One line per failed job: which output, why, and the log that tells more."""
    text = "".join(Path(path).read_text(encoding="utf-8") for path in _paths(log_files))
    failures = {_describe(match) for match in _FAILED_JOB.finditer(text)}
    for line in sorted(failures):
        sys.stderr.write(f"{line}\n")


def _paths(log_files):
    return [log_files] if isinstance(log_files, str) else log_files


def _describe(match):
    facts = match["facts"]
    output, log = _OUTPUT.search(facts), _LOG.search(facts)
    name = output["path"] if output else match["rule"]
    if not log:
        return f"FAILED {name}"
    path, status = Path(log["path"]), match["status"]
    reason = failure_reason(path) or ended_without_reason(path, int(status) if status else None)
    return f"FAILED {name}: {reason} (log: {path})"
