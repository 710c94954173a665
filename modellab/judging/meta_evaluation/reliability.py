"""How a judge does its work: whether it repeats itself, how often it fails, what it costs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from modellab.judging.meta_evaluation.units import Cells, Judged, Unit, mean
from modellab.judging.records import FAILURES, Reason, State
from modellab.judging.rubric.metrics import PAIRWISE

CONSISTENCY = ("judge", "kind", "metric", "value", "exact", "pairs", "n_scored", "n_failed")
RESOURCE_USAGE = (
    *("judge", "kind", "judge_model", "n_judgements", "n_failed", "error_rate"),
    *(reason.value for reason in FAILURES if reason != Reason.NO_ANSWER),
    *("calls", "calls_per_judgement", "avg_latency_seconds", "prompt_tokens"),
    *("completion_tokens", "cost_usd", "cost_per_judgement_usd", "n_cost_known"),
)
#: failures that say nothing of how long a judgement takes
_WITHOUT_TEXT = (Reason.TIMEOUT, Reason.TOO_LONG, Reason.PROVIDER)


def consistency_rows(units: Sequence[Unit]) -> list[Cells]:
    """By judge and metric: the share of pairs of repeats of one answer that are close.

    Close is 0.5 on a scale from 1 to 5 and 0.125 on one from 0 to 1; `exact` is the share that
    is equal. Answers of which a repeat has no score are `n_failed` and are left out.
    """
    groups: dict[tuple[str, str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        if len(unit.values) > 1 and unit.measure.metric != PAIRWISE:
            groups[unit.judge.name, unit.measure.kind, unit.measure.metric].append(unit)
    return [_consistency(key, groups[key]) for key in sorted(groups)]


def effort_rows(judged: Sequence[Judged]) -> list[Cells]:
    """By judge: judgements that it was asked for, how many failed and why, calls, time, dollars.

    Latency is that of a whole judgement: of all its calls, one after the other; judgements for
    which the judge gave no text are in none. Answers that are none were not put to the judge and
    are no errors of it.
    """
    groups: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        if item.row.state != State.NOT_APPLICABLE and item.row.reason != Reason.NO_ANSWER:
            groups[item.judge.name].append(item)
    return [_resource_usage(groups[name]) for name in sorted(groups)]


def _consistency(key: tuple[str, str, str], units: Sequence[Unit]) -> Cells:
    judge, kind, metric = key
    whole = [u for u in units if all(value is not None for value in u.values)]
    pairs = [
        abs(a - b)
        for unit in whole
        for a, b in combinations([v for v in unit.values if v is not None], 2)
    ]
    close = units[0].measure.close
    return {
        "judge": judge,
        "kind": kind,
        "metric": metric,
        "value": mean([float(gap <= close) for gap in pairs]),
        "exact": mean([float(gap == 0) for gap in pairs]),
        "pairs": len(pairs),
        "n_scored": len(whole),
        "n_failed": len(units) - len(whole),
    }


def _resource_usage(group: Sequence[Judged]) -> Cells:
    rows = [item.row for item in group]
    failed = Counter(row.reason for row in rows if row.state == State.FAILED)
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    texts = [row for row in rows if row.reason not in _WITHOUT_TEXT]
    seconds = [row.latency_seconds for row in texts if row.latency_seconds is not None]
    calls = sum(row.calls for row in rows)
    return {
        "judge": group[0].judge.name,
        "kind": group[0].judge.kind,
        "judge_model": group[0].judge.model_id,
        "n_judgements": len(rows),
        "n_failed": failed.total(),
        "error_rate": failed.total() / len(rows),
        **{reason.value: failed[reason] for reason in FAILURES if reason != Reason.NO_ANSWER},
        "calls": calls,
        "calls_per_judgement": calls / len(rows),
        "avg_latency_seconds": mean(seconds),
        "prompt_tokens": _total([row.prompt_tokens for row in rows]),
        "completion_tokens": _total([row.completion_tokens for row in rows]),
        "cost_usd": math.fsum(costs) if costs else None,
        "cost_per_judgement_usd": mean(costs),
        "n_cost_known": len(costs),
    }


def _total(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
