"""Options of judges that compute RAGAS metrics."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from modellab.judging.options import JudgeOptions, listed_twice
from modellab.judging.ragas.metrics import METRICS, RagasMetricName
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions
from modellab.models.protocol import ModelOptions
from modellab.models.registry import EmbedderEntry


class RagasOptions(JudgeOptions):
    """A judge that answers the questions of RAGAS metrics (extra `ragas`)."""

    implementation: ClassVar[str] = "modellab.judging.ragas.judging"
    version: ClassVar[int] = 1

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
    def _each_once(self) -> Self:
        doubled = listed_twice(self.metrics)
        if doubled:
            raise ValueError(f"metrics: duplicate {doubled!r}")
        return self

    def misfit(self, model: ModelOptions) -> str | None:
        if model.constrained():
            return "RAGAS asks for several forms of reply; it needs answer_format: text"
        return super().misfit(model)

    def metric_names(self) -> tuple[str, ...]:
        return self.metrics

    def reads_chunks(self) -> bool:
        """An embedder may have to be fitted on the corpus."""
        return any(METRICS[name].embeddings for name in self.metrics)

    def asked_again(self, metric: str) -> int:
        """How often an unreadable reply is asked for again."""
        return METRICS[metric].retries if self.retries is None else self.retries

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        return self.model_copy(update={"embedder": embedder})

    def cache_key_fields(self) -> dict[str, Any]:
        """Without the embedder, where no metric needs it."""
        own = super().cache_key_fields()
        return own if self.reads_chunks() else {k: v for k, v in own.items() if k != "embedder"}
