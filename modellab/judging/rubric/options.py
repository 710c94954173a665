"""Options of judges that score by rubrics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from modellab.judging.options import JudgeOptions, listed_twice
from modellab.judging.rubric.metrics import PAIRWISE, RubricMetricName, reply_schema
from modellab.models.protocol import ModelOptions

#: the template of the message that asks for an unreadable reply again
AGAIN = "again"
_RETRIES = 2


class RubricOptions(JudgeOptions):
    """A judge that scores from 1 to 5 by a rubric, or says which of two answers is better."""

    implementation: ClassVar[str] = "modellab.judging.rubric.judging"
    version: ClassVar[int] = 1

    kind: Literal["rubric"]
    metrics: tuple[RubricMetricName, ...] = Field(
        ("faithfulness", "relevance", "correctness", "end_to_end"),
        min_length=1,
        description="faithfulness, relevance, correctness, end_to_end (1 to 5), pairwise",
    )
    mode: Literal["direct", "reasoned"] = Field(
        "direct", description="reasoned: the judge writes its reason before the verdict"
    )
    language: Literal["en", "ru"] = Field("en", description="the language of the prompts")
    prompts: dict[RubricMetricName, Path] = Field(
        default_factory=dict, description="prompt templates of your own, by metric"
    )
    against: tuple[str, ...] | None = Field(
        None, min_length=1, description="pairwise: the models that each model is compared with"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        doubled = listed_twice(self.metrics)
        if doubled:
            raise ValueError(f"metrics: duplicate {doubled!r}")
        if (PAIRWISE in self.metrics) != (self.against is not None):
            raise ValueError(
                "metrics: pairwise needs `against`, a list of models, and only it does"
            )
        return self

    def misfit(self, model: ModelOptions) -> str | None:
        if model.constrained() and PAIRWISE in self.metrics and len(self.metrics) > 1:
            return "with answer_format: json_schema, pairwise needs a judge of its own"
        return super().misfit(model)

    def metric_names(self) -> tuple[str, ...]:
        return self.metrics

    def prompt_files(self, shipped: Path) -> Mapping[str, Path]:
        folder = shipped / self.language
        own = self.own_prompts()
        names = (*self.metrics, AGAIN)
        return {name: own.get(name, folder / f"{name}.jinja") for name in names}

    def own_prompts(self) -> Mapping[str, Path]:
        return {str(metric): path for metric, path in self.prompts.items()}

    def compared_with(self) -> tuple[str, ...]:
        return self.against or ()

    def asked_again(self) -> int:
        """How often an unreadable reply is asked for again."""
        return _RETRIES if self.retries is None else self.retries

    def reply_schema(self) -> Mapping[str, Any]:
        return reply_schema(PAIRWISE in self.metrics, self.mode == "reasoned")

    def cache_key_fields(self) -> dict[str, Any]:
        """The files of the prompts are inputs, and do not count by name."""
        return {**super().cache_key_fields(), "prompts": {}}
