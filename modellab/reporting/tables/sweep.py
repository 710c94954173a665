"""The outcome of every model of a run: its score, or the reason of its failure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from modellab.core.io.jsonl import read_json
from modellab.core.job_log import ended_without_reason, failure_reason
from modellab.core.layout import PREDICTIONS, RUN, SUMMARY
from modellab.evaluation.compare.entries import components_of, ranked
from modellab.evaluation.compare.score_files import read_scores


@dataclass(frozen=True)
class ModelOutcome:
    """One model on one dataset. `seconds` is the wall time of its last prediction job.

    `score` is the overall score with its best retriever, which `note` names; without a score `note`
    is the reason. `done` is None for a model that has not run.
    """

    dataset: str
    model: str
    done: bool | None
    seconds: float | None
    score: float | None
    note: str


def outcomes(
    results: Path,
    models: Mapping[str, Sequence[str]],
    members: Mapping[str, Sequence[str]] | None = None,
) -> list[ModelOutcome]:
    """The outcome of every model, by dataset, as the files and logs in `results` say.

    Args:
        results: The folder of results.
        models: Models by dataset.
        members: By ensemble its members. An ensemble with a failed member is not done: its
            predictions are those of an earlier run.
    """
    every = [_outcome(results, dataset, name) for dataset in models for name in models[dataset]]
    failed = {(outcome.dataset, outcome.model) for outcome in every if outcome.done is False}
    return [_as_vote(one, (members or {}).get(one.model, ()), failed) for one in every]


def _as_vote(
    outcome: ModelOutcome, members: Sequence[str], failed: Collection[tuple[str, str]]
) -> ModelOutcome:
    bad = [member for member in members if (outcome.dataset, member) in failed]
    if not outcome.done or not bad:
        return outcome
    note = f"not made again: its member {', '.join(bad)} failed"
    return ModelOutcome(outcome.dataset, outcome.model, None, None, None, note)


def outcome_table(found: Sequence[ModelOutcome]) -> Table:
    failed = sum(outcome.done is False for outcome in found)
    done = sum(outcome.done is True for outcome in found)
    table = Table(title=Text(f"models: {done} done, {failed} failed, of {len(found)}"))
    for name in ("dataset", "model", "outcome"):
        table.add_column(name, overflow="fold")
    for name in ("seconds", "score"):
        table.add_column(name, justify="right", min_width=6)
    table.add_column("best retriever, or reason", overflow="fold")
    for outcome in found:
        table.add_row(*map(Text, _cells(outcome)))
    return table


def _cells(outcome: ModelOutcome) -> Iterator[str]:
    yield outcome.dataset
    yield outcome.model
    yield {True: "done", False: "FAILED", None: "not run"}[outcome.done]
    yield "-" if outcome.seconds is None else f"{outcome.seconds:.1f}"
    yield "-" if outcome.score is None else f"{outcome.score:.3f}"
    yield outcome.note


def _outcome(results: Path, dataset: str, model: str) -> ModelOutcome:
    logs = [
        results / "logs" / step / dataset / f"{model}.log" for step in ("predictions", "scores")
    ]
    predictions = results / dataset / PREDICTIONS.format(model=model)
    answered = predictions.exists()
    gathered = predictions.stat().st_mtime if answered else 0.0
    shards = logs[0].with_suffix("").glob("*.log")
    logs += sorted(log for log in shards if log.stat().st_mtime > gathered)
    reason = next(filter(None, map(failure_reason, logs)), None)
    scores = results / dataset / SUMMARY.format(model=model)
    if reason is None and answered and scores.exists():
        run = read_json(results / dataset / RUN.format(model=model))
        return ModelOutcome(dataset, model, True, run["wall_seconds"], *_best(scores))
    if reason is None and not answered and logs[0].exists():
        reason = ended_without_reason(logs[0])
    return ModelOutcome(dataset, model, None if reason is None else False, None, None, reason or "")


def _best(scores: Path) -> tuple[float | None, str]:
    """The best contender of a model; its best control if all are controls."""
    model = read_scores(scores)
    best = ranked([model])[0]
    mark = " (control)" if best.control else ""
    return best.score(components_of([model])[-1]), f"{best.summary.retriever}{mark}"
