"""Options of judges that score by rubrics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from modellab.judging.options import JudgeOptions, listed_twice
from modellab.judging.rubric.metrics import METRICS, PAIRWISE, RubricMetric, reply_schema
from modellab.judging.scales import Scale
from modellab.models.protocol import ModelOptions

#: the template of the message that asks for an unreadable reply again
AGAIN = "again"
#: the template of a metric that is a question of the config
OWN = "own"
_RETRIES = 2

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]


def _metrics(value: Any) -> Any:
    """A list of names is a map of names that ship; a text is the question of a metric."""
    if isinstance(value, list | tuple):
        doubled = listed_twice([name for name in value if isinstance(name, str)])
        if doubled:
            raise ValueError(f"duplicate {doubled!r}")
        if all(isinstance(name, str) for name in value):
            return dict.fromkeys(value)
        return value
    if isinstance(value, Mapping):
        return {k: {"question": v} if isinstance(v, str) else v for k, v in value.items()}
    return value


_Written = list[str] | dict[str, RubricMetric | str | None]
RubricMetrics = Annotated[
    dict[_Name, RubricMetric | None],
    BeforeValidator(_metrics, json_schema_input_type=_Written),
]


class RubricOptions(JudgeOptions):
    """A judge that scores by a rubric, yours or one that ships, or compares two answers."""

    implementation: ClassVar[str] = "modellab.judging.rubric.judging"
    version: ClassVar[int] = 1

    kind: Literal["rubric"]
    metrics: RubricMetrics = Field(
        dict.fromkeys(("faithfulness", "relevance", "correctness", "end_to_end")),
        min_length=1,
        description="names of those that ship: faithfulness, relevance, correctness, end_to_end "
        "(1 to 5), pairwise; or a map of names, your own with a question "
        "(`politeness: Is the answer polite?`) or with more keys",
    )
    mode: Literal["direct", "reasoned"] = Field(
        "direct", description="reasoned: the judge writes its reason before the verdict"
    )
    language: Literal["en", "ru"] = Field("en", description="the language of the prompts")
    prompts: dict[str, Path] = Field(
        default_factory=dict, description="prompt templates of your own, by metric"
    )
    against: tuple[str, ...] | None = Field(
        None, min_length=1, description="pairwise: the models that each model is compared with"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, metric in self.metrics.items():
            self._require_prompt(name, metric)
        stray = next((name for name in self.prompts if name not in self.metrics), None)
        if stray:
            raise ValueError(f"prompts: {stray!r} is not one of the judge's metrics")
        if (PAIRWISE in self.metrics) != (self.against is not None):
            raise ValueError(
                "metrics: pairwise needs `against`, a list of models, and only it does"
            )
        return self

    def _require_prompt(self, name: str, metric: RubricMetric | None) -> None:
        if metric is not None and name in METRICS:
            raise ValueError(f"metrics: {name!r} is one that ships; give yours another name")
        asked = metric is not None and metric.question
        if name not in METRICS and not asked and name not in self.prompts:
            raise ValueError(
                f"metrics: {name!r} is none that ships ({', '.join(METRICS)}); say what is asked: "
                f"`{name}: Is the answer ...?`"
            )

    def rubric(self, name: str) -> RubricMetric:
        """What a metric needs, and its scale."""
        return METRICS.get(name) or self.metrics[name] or RubricMetric()

    def scales(self) -> dict[str, Scale]:
        return {name: self.rubric(name).ends() for name in self.metrics if name not in METRICS}

    def misfit(self, model: ModelOptions) -> str | None:
        if model.constrained() and PAIRWISE in self.metrics and len(self.metrics) > 1:
            return "with answer_format: json_schema, pairwise needs a judge of its own"
        return super().misfit(model)

    def metric_names(self) -> tuple[str, ...]:
        return tuple(self.metrics)

    def prompt_files(self, shipped: Path) -> Mapping[str, Path]:
        folder = shipped / self.language
        ships = {name: name if name in METRICS else OWN for name in self.metrics}
        return {
            name: self.prompts.get(name, folder / f"{file}.jinja")
            for name, file in {**ships, AGAIN: AGAIN}.items()
        }

    def own_prompts(self) -> Mapping[str, Path]:
        return self.prompts

    def compared_with(self) -> tuple[str, ...]:
        return self.against or ()

    def asked_again(self) -> int:
        """How often an unreadable reply is asked for again."""
        return _RETRIES if self.retries is None else self.retries

    def reply_schema(self) -> Mapping[str, Any]:
        return reply_schema({n: self.rubric(n) for n in self.metrics}, self.mode == "reasoned")

    def cache_key_fields(self) -> dict[str, Any]:
        """The files of the prompts are inputs, and do not count by name."""
        return {**super().cache_key_fields(), "prompts": {}}
