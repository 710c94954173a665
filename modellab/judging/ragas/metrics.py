"""The RAGAS metrics that can be asked for by name, and what each of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modellab.core.records import NO_ANSWER, Status
from modellab.judging.records import Reason, Sample, Verdict

RagasMetricName = Literal[
    "faithfulness",
    "answer_relevancy",
    "context_precision",
    "context_recall",
    "context_utilization",
    "context_relevance",
    "factual_correctness",
    "answer_correctness",
    "answer_accuracy",
    "noise_sensitivity",
    "response_groundedness",
]


@dataclass(frozen=True)
class RagasMetric:
    """A class of `ragas.metrics.collections`, and the fields that its `ascore` takes.

    `retries`: how often an unreadable reply is asked for again, unless the judge says otherwise.
    """

    name: str
    takes: tuple[str, ...]
    retries: int = 2
    embeddings: bool = False


_ASKED, _SAID, _TRUE, _READ = "user_input", "response", "reference", "retrieved_contexts"

METRICS: Mapping[str, RagasMetric] = {
    "faithfulness": RagasMetric("Faithfulness", (_ASKED, _SAID, _READ)),
    "answer_relevancy": RagasMetric("AnswerRelevancy", (_ASKED, _SAID), 4, embeddings=True),
    "context_precision": RagasMetric("ContextPrecision", (_ASKED, _TRUE, _READ), 3),
    "context_recall": RagasMetric("ContextRecall", (_ASKED, _TRUE, _READ), 3),
    "context_utilization": RagasMetric("ContextUtilization", (_ASKED, _SAID, _READ)),
    "context_relevance": RagasMetric("ContextRelevance", (_ASKED, _READ)),
    "factual_correctness": RagasMetric("FactualCorrectness", (_SAID, _TRUE)),
    "answer_correctness": RagasMetric("AnswerCorrectness", (_ASKED, _SAID, _TRUE), embeddings=True),
    "answer_accuracy": RagasMetric("AnswerAccuracy", (_ASKED, _SAID, _TRUE)),
    "noise_sensitivity": RagasMetric("NoiseSensitivity", (_ASKED, _SAID, _TRUE, _READ)),
    "response_groundedness": RagasMetric("ResponseGroundedness", (_SAID, _READ)),
}


def cannot_judge(metric: RagasMetric, sample: Sample) -> Verdict | None:
    """Why a sample has no value of a metric; None where it can be computed."""
    if _READ in metric.takes and not sample.contexts:
        return Verdict(None, Reason.NO_CONTEXTS)
    if _TRUE in metric.takes and sample.reference is None:
        return Verdict(None, Reason.NO_REFERENCE)
    if _SAID not in metric.takes:
        return None
    if sample.status in NO_ANSWER:
        return Verdict(None, Reason.NO_ANSWER, f"the answer is {sample.status.value}")
    return Verdict(None, Reason.ABSTAINED) if sample.status == Status.ABSTAINED else None


def fields_of(metric: RagasMetric, sample: Sample) -> dict[str, Any]:
    """What the metric's `ascore` is called with."""
    known = {
        _ASKED: sample.question.text,
        _SAID: sample.answer,
        _TRUE: sample.reference,
        _READ: list(sample.contexts),
    }
    return {name: known[name] for name in metric.takes}
