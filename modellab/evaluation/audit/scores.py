"""Whether scores can be believed: not absurdly low, the same when recomputed, not of a twin."""

from __future__ import annotations

import math

from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import (
    Outcome,
    Subject,
    Verdict,
    at_least,
    at_most,
    not_applicable,
)


def low_score(subject: Subject, options: AuditOptions) -> Outcome:
    if subject.meant_to_be_low:
        return not_applicable("a control: a low score is what it is for")
    score = subject.entry.score(list(subject.entry.summary.metrics)[-1])
    if score is None:
        return Outcome(Verdict.FAILURE, "there is no overall score", None, options.min_score)
    return at_least(score, options.min_score, f"the overall score is only {score:.3f}")


def score_recomputed(subject: Subject, options: AuditOptions) -> Outcome:
    """The stored counts and components against those of the rows as they stand in the file."""
    stored = {name: count for name, count in subject.entry.summary.statuses.items() if count}
    if stored != {name: count for name, count in subject.statuses.items() if count}:
        message = f"the summary counts {stored}, the rows are {dict(subject.statuses)}"
        return Outcome(Verdict.FAILURE, message)
    if subject.recomputed is None:
        return not_applicable("this scorer needs more than the rows; their number is right")
    return _components(subject, options.max_score_difference)


def _components(subject: Subject, limit: float) -> Outcome:
    assert subject.recomputed is not None
    furthest, where = 0.0, ""
    for name, metric in subject.entry.summary.metrics.items():
        again = subject.recomputed[name]
        difference = _distance(metric.value, again.value)
        if difference > furthest or metric.n_scored != again.n_scored:
            furthest, where = max(difference, furthest), name
            if metric.n_scored != again.n_scored:
                message = f"{name} rests on {metric.n_scored} rows, recomputed on {again.n_scored}"
                return Outcome(Verdict.FAILURE, message, difference, limit)
    message = f"{where} is off by {furthest:.3g} from what the rows give; score the model again"
    return at_most(furthest, limit, message, Verdict.FAILURE)


def _distance(one: float | None, two: float | None) -> float:
    if one is None or two is None or math.isnan(one) or math.isnan(two):
        same = (one is None or math.isnan(one)) and (two is None or math.isnan(two))
        return 0.0 if same else math.inf
    return abs(one - two)


def duplicate(subject: Subject, _: AuditOptions) -> Outcome:
    if not subject.twins:
        return Outcome(Verdict.OK)
    message = f"made the same way as {', '.join(subject.twins)}: the same model runs twice"
    return Outcome(Verdict.WARNING, message, float(len(subject.twins)), 0.0)
