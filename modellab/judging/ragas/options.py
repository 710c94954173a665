"""Options of judges that compute RAGAS metrics, and what each metric needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from modellab.judging.options import JudgeOptions, first_duplicate
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions
from modellab.models.protocol import ModelOptions
from modellab.models.registry import EmbedderEntry

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
    """A class of `ragas.metrics.collections`, and the arguments of its `ascore`.

    `retries`: how often to retry after an unreadable reply, unless the judge's options say so.
    """

    name: str
    takes: tuple[str, ...]
    retries: int = 2
    embeddings: bool = False


QUESTION, ANSWER, REFERENCE, CONTEXTS = "user_input", "response", "reference", "retrieved_contexts"

METRICS: Mapping[str, RagasMetric] = {
    "faithfulness": RagasMetric("Faithfulness", (QUESTION, ANSWER, CONTEXTS)),
    "answer_relevancy": RagasMetric("AnswerRelevancy", (QUESTION, ANSWER), 4, embeddings=True),
    "context_precision": RagasMetric("ContextPrecision", (QUESTION, REFERENCE, CONTEXTS), 3),
    "context_recall": RagasMetric("ContextRecall", (QUESTION, REFERENCE, CONTEXTS), 3),
    "context_utilization": RagasMetric("ContextUtilization", (QUESTION, ANSWER, CONTEXTS)),
    "context_relevance": RagasMetric("ContextRelevance", (QUESTION, CONTEXTS)),
    "factual_correctness": RagasMetric("FactualCorrectness", (ANSWER, REFERENCE)),
    "answer_correctness": RagasMetric(
        "AnswerCorrectness", (QUESTION, ANSWER, REFERENCE), embeddings=True
    ),
    "answer_accuracy": RagasMetric("AnswerAccuracy", (QUESTION, ANSWER, REFERENCE)),
    "noise_sensitivity": RagasMetric("NoiseSensitivity", (QUESTION, ANSWER, REFERENCE, CONTEXTS)),
    "response_groundedness": RagasMetric("ResponseGroundedness", (ANSWER, CONTEXTS)),
}


class RagasOptions(JudgeOptions):
    """A judge that answers the questions of RAGAS metrics (extra `ragas`)."""

    implementation: ClassVar[str] = "modellab.judging.ragas.judging:RagasJudging"

    kind: Literal["ragas"]
    metrics: tuple[RagasMetricName, ...] = Field(
        ("faithfulness", "answer_relevancy", "context_precision", "context_recall"),
        min_length=1,
        description="names of RAGAS metrics: " + ", ".join(METRICS),
    )
    embedder: Annotated[
        str | EmbedderEntry,
        Field(
            description="what turns texts into vectors for metrics that compare them: a name from "
            "`embedders`, or an entry of its own; default: a sentence-transformers model"
        ),
    ] = SentenceTransformersOptions(kind="sentence-transformers")
    strictness: PositiveInt = Field(
        3, description="answer_relevancy: how many questions are made from an answer"
    )

    @model_validator(mode="after")
    def _check_duplicates(self) -> Self:
        duplicate = first_duplicate(self.metrics)
        if duplicate:
            raise ValueError(f"metrics: duplicate {duplicate!r}")
        return self

    def problem_with(self, model: ModelOptions) -> str | None:
        if model.constrained():
            return "RAGAS asks for several forms of reply; it needs answer_format: text"
        return super().problem_with(model)

    def metric_names(self) -> tuple[str, ...]:
        return self.metrics

    def reads_chunks(self) -> bool:
        """An embedder may have to be fitted on the corpus."""
        return any(METRICS[name].embeddings for name in self.metrics)

    def max_retries(self, metric: str) -> int:
        return METRICS[metric].retries if self.retries is None else self.retries

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        return self.model_copy(update={"embedder": embedder})

    def cache_key_fields(self) -> dict[str, Any]:
        """Without the embedder, where no metric needs it."""
        own = super().cache_key_fields()
        return own if self.reads_chunks() else {k: v for k, v in own.items() if k != "embedder"}
