"""The leaderboard: one row per model and retriever, contenders best first, then controls.

Contenders that were beaten early, and so asked fewer questions, come after the others, unranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.records import ModelScores, Outcome, Status
from modellab.evaluation.compare.certainty import Certainty
from modellab.evaluation.compare.entries import Entry, components_of, places_of, ranked
from modellab.evaluation.frame import with_missing

Cells = dict[str, object]
#: fields of a summary that are columns
_MEASURED = (
    *("avg_latency_seconds", "p95_latency_seconds", "latency_n", "mean_concurrency"),
    *("seconds_per_answer", "items_per_second", "output_tokens_per_second", "measured_alone"),
)
_TOTALS = ("total_time_seconds", "input_tokens", "output_tokens")


def write_leaderboard(
    path: Path,
    models: Sequence[ModelScores],
    certainty: Certainty | None = None,
    missing: Sequence[str] = (),
) -> None:
    """Write the leaderboard. Numbers keep all digits; unknown values are empty.

    If models are missing, a last column `models_missing` names them in every row.
    """
    rows = leaderboard_rows(models, certainty)
    write_frame(path, with_missing(frame_of(rows, list(rows[0])), missing))


def leaderboard_rows(
    models: Sequence[ModelScores], certainty: Certainty | None = None
) -> list[Cells]:
    """The rows in order of rank, those of controls last and without one.

    Raises InputError for models that must not be compared.
    """
    sure, components, entries = certainty or Certainty(), components_of(models), ranked(models)
    places, asked = places_of(entries, components[-1]), in_rounds(models)
    return [
        _row(
            {"rank": places[entry.name]},
            _what(entry),
            _asked(entry) if asked else {},
            _scores(entry, components),
            {"overall_score_repeat_sd": _noise(entry, components[-1])},
            sure.cells(entry.name),
            _outcomes(entry),
            _counts(entry),
            _resource_usage(entry),
        )
        for entry in entries
    ]


def _row(*parts: Cells) -> Cells:
    """The cells of all parts. Raises ValueError if two have a column of the same name."""
    cells: Cells = {}
    for part in parts:
        if taken := cells.keys() & part.keys():
            raise ValueError(f"component {min(taken)!r} has the name of a leaderboard column")
        cells |= part
    return cells


def _what(entry: Entry) -> Cells:
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


def in_rounds(models: Sequence[ModelScores]) -> bool:
    """Whether some systems were asked a part of the questions only (docs/adaptive.md)."""
    return any(summary.stopped for model in models for summary in model.summaries)


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


def _outcomes(entry: Entry) -> Cells:
    """Numbers of rows by outcome, then how well the system abstains."""
    summary, cells = entry.summary, dict[str, object]()
    for outcome in (Outcome.RIGHT, Outcome.WRONG, Outcome.DECLINED, Outcome.HALLUCINATED):
        cells[outcome.value] = summary.outcomes[outcome.value]
    for name in ("abstention_precision", "abstention_recall"):
        metric = getattr(summary, name)
        cells |= {name: metric.value, f"{name}_n": metric.n_scored}
    return cells


def _counts(entry: Entry) -> Cells:
    """Numbers of rows by status."""
    return {status.value: entry.summary.statuses.get(status.value, 0) for status in Status}


def _resource_usage(entry: Entry) -> Cells:
    summary = entry.summary
    return {
        **{name: getattr(summary, name) for name in _MEASURED},
        "generation_seconds": summary.generation.seconds,
        "retrieval_seconds": summary.retrieval.seconds,
        **{name: getattr(summary, name) for name in _TOTALS},
        "generation_cost_usd": summary.generation.cost_usd,
        "retrieval_cost_usd": summary.retrieval.cost_usd,
        "cost_usd": summary.estimated_cost_usd,
    }
