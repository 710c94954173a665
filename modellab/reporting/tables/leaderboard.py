"""The leaderboard: one row per model and retriever, contenders best first, then controls.

Contenders that were beaten early, and so asked fewer questions, come after the others, unranked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.records import ModelScores, Outcome, Status
from modellab.evaluation.compare.entries import Entry, components_of, places_of, ranked
from modellab.evaluation.compare.verdict import Certainty
from modellab.evaluation.frame import with_missing

if TYPE_CHECKING:
    import pandas as pd

Cells = dict[Any, object]
_TIMES = (
    *("avg_latency_seconds", "p95_latency_seconds", "latency_n", "mean_concurrency"),
    *("seconds_per_answer", "items_per_second", "output_tokens_per_second", "measured_alone"),
)


def write_leaderboard(
    path: Path,
    models: Sequence[ModelScores],
    certainty: Certainty | None = None,
    missing: Sequence[str] = (),
) -> None:
    """Write the leaderboard. Numbers keep all digits; unknown values are empty.

    If models are missing, a last column `models_missing` names them in every row.
    """
    write_frame(path, with_missing(leaderboard_frame(models, certainty), missing))


def leaderboard_frame(
    models: Sequence[ModelScores], certainty: Certainty | None = None
) -> pd.DataFrame:
    """The rows in order of rank, those of controls last and without one; unknown cells are None.

    Raises InputError for models that must not be compared.
    """
    sure = certainty or Certainty()
    components = components_of(models)
    entries = ranked(models)
    places = places_of(entries, components[-1])
    rows = []
    for entry in entries:
        asked = _asked(entry) if in_rounds(models) else {}
        parts = (
            {"rank": places[entry.name], **_described(entry), **asked},
            _scores(entry, components),
            {"overall_score_repeat_sd": _noise(entry, components[-1])},
            sure.cells(entry.name),
            _counts(entry),
            _resource_usage(entry),
        )
        names = Counter(name for part in parts for name in part)
        rows.append({name: cell for part in parts for name, cell in part.items()})
    taken = [name for name, count in names.items() if count > 1]
    if taken:
        raise ValueError(f"component {taken[0]!r} has the name of a leaderboard column")
    return frame_of(rows, list(names))


def in_rounds(models: Sequence[ModelScores]) -> bool:
    """Whether some systems were asked a part of the questions only (docs/adaptive.md)."""
    return any(summary.stopped for model in models for summary in model.summaries)


def _described(entry: Entry) -> Cells:
    merged = {"bundle": entry.model.bundle} if entry.model.bundle else {}
    return {
        "model": entry.model.name,
        "retriever": entry.summary.retriever,
        **merged,
        "control": entry.control,
        "provider": entry.model.llm_provider,
        "size_b": entry.model.size_b,
        "local": entry.model.local,
        "n_questions": entry.summary.num_questions,
        "repeats": entry.summary.repeats,
        "coverage": entry.summary.coverage,
    }


def _asked(entry: Entry) -> Cells:
    summary = entry.summary
    return {"asked": summary.asked, "stopped": summary.stopped, "beaten_by": summary.beaten_by}


def _scores(entry: Entry, components: Sequence[str]) -> Cells:
    cells: Cells = {}
    for component in components:
        metric = entry.summary.metrics[component]
        cells[component] = entry.score(component)
        cells[f"{component}_n"] = metric.n_scored
        cells[f"{component}_failed"] = metric.n_failed
    return cells


def _noise(entry: Entry, overall: str) -> float | None:
    """Standard deviation of the overall score between repeats; None for one repeat."""
    noise = entry.summary.repeat_noise.get(overall)
    return noise.sd if noise else None


def _counts(entry: Entry) -> Cells:
    """Numbers of rows by outcome, how well the system abstains, and numbers of rows by status."""
    summary, cells = entry.summary, Cells()
    for outcome in (Outcome.RIGHT, Outcome.WRONG, Outcome.DECLINED, Outcome.HALLUCINATED):
        cells[outcome.value] = summary.outcomes[outcome.value]
    for name in ("abstention_precision", "abstention_recall"):
        metric = getattr(summary, name)
        cells |= {name: metric.value, f"{name}_n": metric.n_scored}
    return cells | {status.value: summary.statuses.get(status.value, 0) for status in Status}


def _resource_usage(entry: Entry) -> Cells:
    summary = entry.summary
    return {
        **{name: getattr(summary, name) for name in _TIMES},
        "generation_seconds": summary.generation.seconds,
        "retrieval_seconds": summary.retrieval.seconds,
        "total_time_seconds": summary.total_time_seconds,
        "input_tokens": summary.input_tokens,
        "output_tokens": summary.output_tokens,
        "generation_cost_usd": summary.generation.cost_usd,
        "retrieval_cost_usd": summary.retrieval.cost_usd,
        "cost_usd": summary.estimated_cost_usd,
    }
