"""The metrics of rubric judges: what they need, and what a reply to them looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modellab.core.records import NO_ANSWER, Status
from modellab.judging.records import Reason, Sample, Verdict
from modellab.judging.replies import UnreadableError

RubricMetricName = Literal["faithfulness", "relevance", "correctness", "end_to_end", "pairwise"]
LOWEST, HIGHEST = 1, 5
SCORES = tuple(range(LOWEST, HIGHEST + 1))
#: what a win, a tie and a loss are worth
WINNERS = {"A": 1.0, "tie": 0.5, "B": 0.0}


@dataclass(frozen=True)
class RubricMetric:
    """What a metric needs of a sample; `abstentions`: whether they can be judged by it."""

    contexts: bool = False
    reference: bool = False
    abstentions: bool = False


METRICS: Mapping[str, RubricMetric] = {
    "faithfulness": RubricMetric(contexts=True),
    "relevance": RubricMetric(),
    "correctness": RubricMetric(reference=True, abstentions=True),
    "end_to_end": RubricMetric(reference=True, abstentions=True),
    "pairwise": RubricMetric(abstentions=True),
}
PAIRWISE = "pairwise"


def cannot_judge(metric: RubricMetric, sample: Sample) -> Verdict | None:
    """Why a sample is not put to the judge; None where it can be."""
    if metric.contexts and not sample.contexts:
        return Verdict(None, Reason.NO_CONTEXTS)
    if metric.reference and sample.reference is None and not sample.unanswerable:
        return Verdict(None, Reason.NO_REFERENCE)
    if sample.status in NO_ANSWER:
        return Verdict(None, Reason.NO_ANSWER, f"the answer is {sample.status.value}")
    if sample.status == Status.ABSTAINED and not metric.abstentions:
        return Verdict(None, Reason.ABSTAINED)
    return None


def wanted_key(metric: str) -> str:
    return "winner" if metric == PAIRWISE else "score"


def read_verdict(metric: str, shown: str | None, reply: Mapping[str, Any]) -> Verdict:
    """The verdict in a reply's object. Raises UnreadableError for all that is off the scale."""
    comment = reply.get("reason")
    said = comment if isinstance(comment, str) else None
    if metric != PAIRWISE:
        return Verdict(_score(reply["score"]), comment=said)
    worth = _worth(reply["winner"])
    return Verdict(worth if shown == "first" else 1.0 - worth, comment=said)


def reply_schema(pairwise: bool, reasoned: bool) -> dict[str, Any]:
    """The JSON schema of a reply."""
    verdict: dict[str, Any]
    if pairwise:
        verdict = {"winner": {"type": "string", "enum": list(WINNERS)}}
    else:
        verdict = {"score": {"type": "integer", "enum": list(SCORES)}}
    reason = {"reason": {"type": "string"}} if reasoned else {}
    properties = {**reason, **verdict}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _score(value: Any) -> float:
    """A whole number on the scale, or exactly one digit as text; "4/5" and 11 are neither."""
    if isinstance(value, str) and value.strip() in map(str, SCORES):
        return float(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value not in SCORES:
        raise UnreadableError(f"score is {value!r}, not a whole number from {LOWEST} to {HIGHEST}")
    return float(value)


def _worth(value: Any) -> float:
    names = {name.lower(): worth for name, worth in WINNERS.items()}
    if not isinstance(value, str) or value.strip().lower() not in names:
        raise UnreadableError(f"winner is {value!r}, not one of {', '.join(WINNERS)}")
    return names[value.strip().lower()]
