"""What a judge reads and what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from modellab.core.records import Question, Response, Status

Number = TypeVar("Number", int, float)


class State(StrEnum):
    """What became of one judgement."""

    SCORED = "scored"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Why there is no score. The first group are failures, the second is nobody's fault."""

    PARSE = "parse"  # the judge's reply could not be read, also when asked again
    CUT = "cut"  # the reply ran out of tokens before it was complete
    TIMEOUT = "timeout"
    REFUSED = "refused"  # a refusal, or a filter
    TOO_LONG = "too_long"  # the prompt does not fit into the judge's context
    PROVIDER = "provider"  # any other error of the provider
    UNDEFINED = "undefined"  # the metric has no value for what the judge said
    NO_ANSWER = "no_answer"  # the prediction failed, is missing or could not be read

    ABSTAINED = "abstained"  # nothing is claimed that could be judged
    NO_REFERENCE = "no_reference"
    NO_CONTEXTS = "no_contexts"


FAILURES = tuple(Reason)[: list(Reason).index(Reason.ABSTAINED)]
NOT_APPLICABLE = tuple(Reason)[len(FAILURES) :]


@dataclass(frozen=True)
class Sample:
    """A prediction as a judge sees it.

    `answer` is empty where there is none. `reference` is None where the data set has no true
    answer; `unanswerable` says that the right thing to do is to abstain.
    """

    question: Question
    retriever: str
    repeat: int
    status: Status
    answer: str
    reference: str | None
    unanswerable: bool
    contexts: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One judgement that is wanted: of a sample, by a metric, for the n-th time.

    Comparisons also name the `other` model and whether the sample's answer is `shown` first or
    second.
    """

    sample: Sample
    metric: str
    judge_repeat: int
    other: str | None = None
    shown: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of an item: a value, or the reason why there is none."""

    value: float | None
    reason: Reason | None = None
    detail: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Judgement:
    """One row: a verdict with what it is about and what it took.

    `value` is on the metric's own scale. `calls` counts requests to the judge, those of earlier
    runs included; tokens, dollars and seconds are their sums, None where none is known.
    """

    question_id: str
    retriever: str
    repeat: int
    metric: str
    judge_repeat: int
    state: State
    value: float | None
    reason: Reason | None
    detail: str | None
    comment: str | None
    other: str | None
    shown: str | None
    answer_words: int
    calls: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    latency_seconds: float | None


def judgement(item: Item, verdict: Verdict, responses: tuple[Response, ...]) -> Judgement:
    """The row of an item."""
    sample = item.sample
    return Judgement(
        question_id=sample.question.id,
        retriever=sample.retriever,
        repeat=sample.repeat,
        metric=item.metric,
        judge_repeat=item.judge_repeat,
        state=_state(verdict),
        value=verdict.value,
        reason=verdict.reason,
        detail=verdict.detail,
        comment=verdict.comment,
        other=item.other,
        shown=item.shown,
        answer_words=len(sample.answer.split()),
        calls=len(responses),
        prompt_tokens=_sum([r.prompt_tokens for r in responses]),
        completion_tokens=_sum([r.completion_tokens for r in responses]),
        cost_usd=_sum([r.cost_usd for r in responses]),
        latency_seconds=_sum([r.latency_seconds for r in responses]),
    )


def _state(verdict: Verdict) -> State:
    if verdict.reason is None:
        return State.SCORED
    return State.NOT_APPLICABLE if verdict.reason in NOT_APPLICABLE else State.FAILED


def _sum(values: list[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
