"""The metrics of rubric judges: what they need, and what a reply to them looks like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from modellab.core.options import Options
from modellab.core.records import NO_ANSWER, Status
from modellab.judging.records import Reason, Sample, Verdict
from modellab.judging.replies import UnreadableError
from modellab.judging.scales import ONE_TO_FIVE, SHARE, Scale

PAIRWISE = "pairwise"
#: a longer scale is not one that a model, or a person, can tell steps of
_MOST_STEPS = 100
#: what a win, a tie and a loss are worth
WINNERS = {"A": 1.0, "tie": 0.5, "B": 0.0}


class Example(Options):
    """An answer and its score, shown to the judge."""

    answer: str = Field(min_length=1, description="the answer")
    score: int = Field(description="its score, on the scale")
    reason: str | None = Field(None, description="why, in a sentence")


class RubricMetric(Options):
    """A metric of your own: what the judge is asked about each answer, and on which scale."""

    question: str | None = Field(
        None, min_length=1, description="what is asked about the answer, such as `Is it polite?`"
    )
    scale: tuple[int, int] = Field((1, 5), description="the lowest and the highest score")
    better: Literal["higher", "lower"] = Field("higher", description="which end is good")
    shown: tuple[Literal["passages", "reference"], ...] = Field(
        (),
        description="what is shown beside question and answer; answers without it are not judged",
    )
    abstentions: bool = Field(False, description="true: abstentions are judged too")
    examples: tuple[Example, ...] = Field((), description="answers with their scores")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        low, high = self.scale
        if not 0 < high - low <= _MOST_STEPS:
            raise ValueError(f"scale: [{low}, {high}] should rise, by {_MOST_STEPS} at most")
        off = next((e.score for e in self.examples if not low <= e.score <= high), None)
        if off is not None:
            raise ValueError(f"examples: score {off} is not on the scale, {low} to {high}")
        return self

    def ends(self) -> Scale:
        low, high = self.scale
        return Scale(float(low), float(high), self.better == "higher")


#: those with prompts that ship
METRICS: Mapping[str, RubricMetric] = {
    "faithfulness": RubricMetric(shown=("passages",)),
    "relevance": RubricMetric(),
    "correctness": RubricMetric(shown=("reference",), abstentions=True),
    "end_to_end": RubricMetric(shown=("reference",), abstentions=True),
    PAIRWISE: RubricMetric(abstentions=True),
}


def scale_of(metric: str) -> Scale:
    """The scale of a metric whose prompt ships."""
    return SHARE if metric == PAIRWISE else ONE_TO_FIVE


def cannot_judge(metric: RubricMetric, sample: Sample) -> Verdict | None:
    """Why a sample is not put to the judge; None where it can be."""
    if "passages" in metric.shown and not sample.contexts:
        return Verdict(None, Reason.NO_CONTEXTS)
    if "reference" in metric.shown and sample.reference is None and not sample.unanswerable:
        return Verdict(None, Reason.NO_REFERENCE)
    if sample.status in NO_ANSWER:
        return Verdict(None, Reason.NO_ANSWER, f"the answer is {sample.status.value}")
    if sample.status == Status.ABSTAINED and not metric.abstentions:
        return Verdict(None, Reason.ABSTAINED)
    return None


def read_winner(shown: str | None, reply: Mapping[str, Any]) -> Verdict:
    """The verdict of a comparison, for the answer that was shown first or second.

    Raises UnreadableError for all that is no winner.
    """
    worth = _worth(reply["winner"])
    return Verdict(worth if shown == "first" else 1.0 - worth, comment=_comment(reply))


def read_score(metric: RubricMetric, reply: Mapping[str, Any]) -> Verdict:
    """The score in a reply's object. Raises UnreadableError for all that is off the scale.

    A whole number, or exactly its digits as text; "4/5" is neither.
    """
    value, (low, high) = reply["score"], metric.scale
    scores = range(low, high + 1)
    if isinstance(value, str) and value.strip() in map(str, scores):
        value = int(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value not in scores:
        raise UnreadableError(f"score is {value!r}, not a whole number from {low} to {high}")
    return Verdict(float(value), comment=_comment(reply))


def reply_schema(metrics: Mapping[str, RubricMetric], reasoned: bool) -> dict[str, Any]:
    """The JSON schema of replies to any of the metrics: all of them scores, or comparisons."""
    verdict: dict[str, Any]
    if PAIRWISE in metrics:
        verdict = {"winner": {"type": "string", "enum": list(WINNERS)}}
    else:
        verdict = {"score": {"type": "integer", "enum": _scores(metrics.values())}}
    reason = {"reason": {"type": "string"}} if reasoned else {}
    properties = {**reason, **verdict}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _scores(metrics: Iterable[RubricMetric]) -> list[int]:
    return sorted({score for one in metrics for score in range(one.scale[0], one.scale[1] + 1)})


def _comment(reply: Mapping[str, Any]) -> str | None:
    reason = reply.get("reason")
    return reason if isinstance(reason, str) else None


def _worth(value: Any) -> float:
    names = {name.lower(): worth for name, worth in WINNERS.items()}
    if not isinstance(value, str) or value.strip().lower() not in names:
        raise UnreadableError(f"winner is {value!r}, not one of {', '.join(WINNERS)}")
    return names[value.strip().lower()]
