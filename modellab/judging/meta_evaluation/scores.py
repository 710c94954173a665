"""Means with their coverage: by judge, model, retriever and metric."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from modellab.judging.meta_evaluation.units import (
    Cells,
    Judge,
    Judged,
    Measure,
    Unit,
    mean,
    units_of,
)
from modellab.judging.records import FAILURES, NOT_APPLICABLE, Reason, State

COLUMNS = (
    *("judge", "kind", "judge_model", "model", "retriever", "metric"),
    *(
        "value",
        "low",
        "high",
        "value_strict",
        "n_scored",
        "n_failed",
        "n_not_applicable",
        "coverage",
    ),
    *("marked", *(reason.value for reason in (*FAILURES, *NOT_APPLICABLE))),
)
#: how likely an interval holds the true mean
CONFIDENCE = 0.95
Group = tuple[str, str, str, str]


def score_rows(judged: Sequence[Judged], min_coverage: float) -> list[Cells]:
    """One row per judge, model, retriever and metric.

    `value` is the mean over the answers that have a score, `low` and `high` are its interval (see
    `_interval`; None where there is none). `value_strict` also counts each
    answer that the model failed to give, with the lowest score of the scale; answers that the
    judge failed at are in neither. `marked` says `low_coverage` where the scored are a smaller
    share of the scored and failed than `min_coverage`.
    """
    units: dict[Group, list[Unit]] = defaultdict(list)
    for unit in units_of(judged):
        answer = unit.answer
        key = (unit.judge.name, answer.model, answer.retriever, unit.measure.metric)
        units[key].append(unit)
    spared = _not_applicable(judged)
    judges = {item.judge.name: item.judge for item in judged}
    keys = sorted({*units, *spared})
    return [
        _row(key, judges[key[0]], units.get(key, []), spared.get(key, Counter()), min_coverage)
        for key in keys
    ]


def _row(
    key: Group, judge: Judge, units: Sequence[Unit], spared: Counter[str], min_coverage: float
) -> Cells:
    name, model, retriever, metric = key
    scored = [unit.value for unit in units if unit.value is not None]
    reasons = Counter(unit.reason for unit in units if unit.value is None)
    coverage = len(scored) / len(units) if units else None
    low = coverage is not None and coverage < min_coverage
    unanswered = reasons[Reason.NO_ANSWER]
    measure = Measure(judge.kind, metric)
    low_end, high_end = _interval(units, measure) or (None, None)
    return {
        "judge": name,
        "kind": judge.kind,
        "judge_model": judge.model_id,
        "model": model,
        "retriever": retriever,
        "metric": metric,
        "value": mean(scored),
        "low": low_end,
        "high": high_end,
        "value_strict": mean([*scored, *([measure.lowest] * unanswered)]),
        "n_scored": len(scored),
        "n_failed": len(units) - len(scored),
        "n_not_applicable": spared.total(),
        "coverage": coverage,
        "marked": "low_coverage" if low else "",
        **{reason.value: reasons[reason] for reason in FAILURES},
        **{reason.value: spared[reason.value] for reason in NOT_APPLICABLE},
    }


def _interval(units: Sequence[Unit], measure: Measure) -> tuple[float, float] | None:
    """95 % of the mean, within the metric's scale; answers to one question are one draw.

    The mean is a ratio of sums over questions; its linearised standard error (Cochran, Sampling
    Techniques, 1977, 6.3) is looked up in Student's t with questions - 1 degrees of freedom.
    None for one question, and where all answers have the same score.
    """
    from scipy.stats import t

    questions: dict[str, list[float]] = defaultdict(list)
    for unit in units:
        if unit.value is not None:
            questions[unit.answer.question_id].append(unit.value)
    scored = [value for values in questions.values() for value in values]
    middle, draws = mean(scored), len(questions)
    if middle is None or draws < 2:
        return None
    squares = (math.fsum(value - middle for value in values) ** 2 for values in questions.values())
    error = math.sqrt(draws / (draws - 1) * math.fsum(squares)) / len(scored)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, draws - 1)) * error
    if reach == 0:
        return None
    return max(float(measure.floor), middle - reach), min(float(measure.highest), middle + reach)


def _not_applicable(judged: Sequence[Judged]) -> dict[Group, Counter[str]]:
    """How many answers a metric does not apply to, by reason; an answer counts once."""
    seen: dict[Group, dict[tuple[str, int], str]] = defaultdict(dict)
    for item in judged:
        row = item.row
        if row.state == State.NOT_APPLICABLE and row.reason is not None:
            key = (item.judge.name, item.model, row.retriever, row.metric)
            seen[key][row.question_id, row.repeat] = row.reason.value
    return {key: Counter(found.values()) for key, found in seen.items()}
