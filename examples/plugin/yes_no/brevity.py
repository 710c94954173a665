"""The metric `brevity`: how short an answer is."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription
from modellab.core.records import Prediction, Question
from modellab.tasks.scorer import AnswerMetric

ENOUGH = 20


def brevity(_: Question, prediction: Prediction) -> float:
    """1 for an answer of up to 20 words in all its fields, 20 / words for a longer one."""
    words = sum(len(text.split()) for text in prediction.answer.values())
    return min(1.0, ENOUGH / max(words, 1))


BREVITY = AnswerMetric(
    MetricDescription(
        "brevity",
        f"min(1, {ENOUGH} / words of all fields of the answer)",
        "0 to 1",
        Better.HIGHER,
        "0 for failed, unparsed and missing rows",
    ),
    brevity,
)
