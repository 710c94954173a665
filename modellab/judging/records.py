"""Records of judging: scales, samples, calls, verdicts and judgements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from modellab.core.efficiency import known_sum
from modellab.core.records import NO_ANSWER, Message, Question, Response, Status


class Scale(NamedTuple):
    """The scale of a metric. `floor` is the lowest possible score, where that is below `lowest`.

    A cosine goes from -1 to 1, but nothing below 0 is meaningful: its `lowest` is 0, its `floor`
    -1.
    """

    lowest: float
    highest: float
    higher_is_better: bool = True
    floor: float | None = None

    @property
    def worst(self) -> float:
        """The score of a missing answer."""
        return self.lowest if self.higher_is_better else self.highest

    @property
    def least(self) -> float:
        return self.lowest if self.floor is None else self.floor

    @property
    def close(self) -> float:
        """Scores that differ by no more than this agree: 0.5 on a scale from 1 to 5."""
        return (self.highest - self.lowest) / 8

    @property
    def categories(self) -> range:
        """The whole scores."""
        return range(int(self.lowest), int(self.highest) + 1)


#: comparisons, and the metrics of RAGAS
SHARE = Scale(0.0, 1.0)
COSINE = Scale(0.0, 1.0, floor=-1.0)
ONE_TO_FIVE = Scale(1.0, 5.0)


class State(StrEnum):
    """The status of a judgement."""

    SCORED = "scored"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Why there is no score: first the failures, then the cases that have nothing to judge."""

    PARSE = "parse"  # no readable reply from the judge, after all retries
    CUT = "cut"  # the reply reached the token limit before it was complete
    TIMEOUT = "timeout"
    REFUSED = "refused"  # a refusal, or a content filter
    TOO_LONG = "too_long"  # the prompt exceeds the judge's context
    PROVIDER = "provider"  # any other error of the provider
    UNDEFINED = "undefined"  # the metric has no value for the judge's replies
    NO_ANSWER = "no_answer"  # the prediction failed, is missing or could not be parsed

    ABSTAINED = "abstained"  # an abstention claims nothing
    NO_REFERENCE = "no_reference"
    NO_CONTEXTS = "no_contexts"


FAILURES = tuple(Reason)[: list(Reason).index(Reason.ABSTAINED)]
NOT_APPLICABLE = tuple(Reason)[len(FAILURES) :]


@dataclass(frozen=True)
class Sample:
    """A prediction as a judge sees it.

    Attributes:
        model: The model that made it, which the judge is not shown.
        answer: Empty where there is none.
        reference: None where the dataset has no true answer.
        unanswerable: Abstaining is right.
        contexts: The texts of the passages that the model was shown.
    """

    model: str
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
    """A judgement to make: a sample, a metric, and which repeat of the judge it is.

    In a comparison, `shown` says whether the sample's answer comes first or second, before or
    after that of the `other` model.
    """

    sample: Sample
    metric: str
    judge_repeat: int
    other: str | None = None
    shown: str | None = None


@dataclass(frozen=True)
class JudgeCall:
    """One request to a judge.

    `draw` distinguishes identical prompts for one item; `attempt` counts from 1 and grows with
    each retry of an unreadable reply, which could be the same text again.
    """

    item: Item
    messages: tuple[Message, ...]
    draw: int = 1
    attempt: int = 1


#: sends calls to the judge as a batch; returns the responses in the same order
Ask = Callable[[Sequence[JudgeCall]], list[Response]]


@dataclass(frozen=True)
class Materials:
    """The input of a judge: the samples to judge, and those to compare them with, by model.

    `prompts` are files by metric. `chunks` is the file of the corpus's chunks, for judges that
    need the corpus.
    """

    samples: tuple[Sample, ...]
    others: Mapping[str, tuple[Sample, ...]]
    prompts: Mapping[str, Path]
    chunks: Path | None
    seed: int


@dataclass(frozen=True)
class JudgedValue:
    """The result for an item: a value, or the reason why there is none."""

    value: float | None
    reason: Reason | None = None
    detail: str | None = None
    comment: str | None = None

    @property
    def state(self) -> State:
        if self.reason is None:
            return State.SCORED
        return State.NOT_APPLICABLE if self.reason in NOT_APPLICABLE else State.FAILED


@dataclass(frozen=True)
class Judgement:
    """One row: a verdict, its item, and its resource usage.

    `value` is on the metric's own scale. `calls` is the number of requests of the item's
    conversation, also in earlier runs; `shared` are those that an earlier row with an equal answer
    has sent. Seconds are summed over all calls, tokens and dollars over those that are not shared;
    None if none is known.
    """

    model: str
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
    shared: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    latency_seconds: float | None


def judgement(
    item: Item, verdict: JudgedValue, responses: Sequence[Response] = (), shared: Sequence[int] = ()
) -> Judgement:
    """The row of an item; `shared` are indices of responses that an earlier row has too."""
    sample = item.sample
    own = [response for place, response in enumerate(responses) if place not in shared]
    return Judgement(
        model=sample.model,
        question_id=sample.question.id,
        retriever=sample.retriever,
        repeat=sample.repeat,
        metric=item.metric,
        judge_repeat=item.judge_repeat,
        state=verdict.state,
        **vars(verdict),
        other=item.other,
        shown=item.shown,
        answer_words=len(sample.answer.split()),
        calls=len(responses),
        shared=len(shared),
        prompt_tokens=known_sum(r.prompt_tokens for r in own),
        completion_tokens=known_sum(r.completion_tokens for r in own),
        cost_usd=known_sum(r.cost_usd for r in own),
        latency_seconds=known_sum(r.latency_seconds for r in responses),
    )


def not_judged(
    sample: Sample, *, contexts: bool, reference: bool, answer: bool = True, abstentions: bool
) -> JudgedValue | None:
    """Why a metric with these requirements does not apply to a sample; None if it does."""
    if contexts and not sample.contexts:
        return JudgedValue(None, Reason.NO_CONTEXTS)
    if reference and sample.reference is None:
        return JudgedValue(None, Reason.NO_REFERENCE)
    if answer and sample.status in NO_ANSWER:
        return JudgedValue(None, Reason.NO_ANSWER, f"the answer is {sample.status.value}")
    if answer and sample.status == Status.ABSTAINED and not abstentions:
        return JudgedValue(None, Reason.ABSTAINED)
    return None


class Judging(Protocol):
    """A judge with its materials."""

    def judge(self, ask: Ask) -> list[Judgement]:
        """One row per item, in a fixed order."""
        ...
