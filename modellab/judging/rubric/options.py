"""Options of judges that score by rubrics, and their metrics."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from modellab.core.options import Options
from modellab.judging.options import JudgeOptions, first_duplicate
from modellab.judging.records import Scale
from modellab.models.protocol import ModelOptions

PAIRWISE = "pairwise"
#: the value of a comparison by its winner, for the answer shown first
WINNERS = {"A": 1.0, "tie": 0.5, "B": 0.0}
#: neither models nor people can distinguish more steps
_MOST_STEPS = 100
#: the template of retries after an unreadable reply
AGAIN = "again"
#: the template of metrics defined in the config
OWN = "own"
_RETRIES = 2


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
    def _check_scale(self) -> Self:
        low, high = self.scale
        if not 0 < high - low <= _MOST_STEPS:
            raise ValueError(f"scale: [{low}, {high}] should rise, by {_MOST_STEPS} at most")
        off = next((e.score for e in self.examples if not low <= e.score <= high), None)
        if off is not None:
            raise ValueError(f"examples: score {off} is not on the scale, {low} to {high}")
        return self

    def scores(self) -> range:
        return range(self.scale[0], self.scale[1] + 1)


#: the built-in metrics
METRICS: Mapping[str, RubricMetric] = {
    "faithfulness": RubricMetric(shown=("passages",)),
    "relevance": RubricMetric(),
    "correctness": RubricMetric(shown=("reference",), abstentions=True),
    "end_to_end": RubricMetric(shown=("reference",), abstentions=True),
    PAIRWISE: RubricMetric(abstentions=True),
}

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]


def _metrics(value: Any) -> Any:
    """A list has names of built-in metrics; in a map, a string is the metric's question."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        duplicate = first_duplicate(value)
        if duplicate:
            raise ValueError(f"duplicate {duplicate!r}")
        return dict.fromkeys(value)
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

    implementation: ClassVar[str] = "modellab.judging.rubric.judging:RubricJudging"

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
    def _check_consistency(self) -> Self:
        for name, metric in self.metrics.items():
            if metric is not None and name in METRICS:
                raise ValueError(f"metrics: {name!r} is a built-in metric; give yours another name")
            asked = metric is not None and metric.question
            if name not in METRICS and not asked and name not in self.prompts:
                raise ValueError(
                    f"metrics: {name!r} is not built in ({', '.join(METRICS)}); give it a "
                    f"question: `{name}: Is the answer ...?`"
                )
        unknown = next((name for name in self.prompts if name not in self.metrics), None)
        if unknown:
            raise ValueError(f"prompts: {unknown!r} is not one of the judge's metrics")
        if (PAIRWISE in self.metrics) != (self.against is not None):
            raise ValueError(
                "metrics: pairwise needs `against`, a list of models, and only it does"
            )
        return self

    def metric(self, name: str) -> RubricMetric:
        return METRICS.get(name) or self.metrics[name] or RubricMetric()

    def scales(self) -> dict[str, Scale]:
        own = {name: self.metric(name) for name in self.metrics if name not in METRICS}
        return {
            name: Scale(float(one.scale[0]), float(one.scale[1]), one.better == "higher")
            for name, one in own.items()
        }

    def problem_with(self, model: ModelOptions) -> str | None:
        if model.constrained() and PAIRWISE in self.metrics and len(self.metrics) > 1:
            return "with answer_format: json_schema, pairwise needs a separate judge"
        return super().problem_with(model)

    def metric_names(self) -> tuple[str, ...]:
        return tuple(self.metrics)

    def prompt_files(self, shipped: Path) -> Mapping[str, Path]:
        names = {name: name if name in METRICS else OWN for name in self.metrics} | {AGAIN: AGAIN}
        return {
            name: self.prompts.get(name, shipped / self.language / f"{file}.jinja")
            for name, file in names.items()
        }

    def own_prompts(self) -> Mapping[str, Path]:
        return self.prompts

    def compared_with(self) -> tuple[str, ...]:
        return self.against or ()

    def max_retries(self) -> int:
        return _RETRIES if self.retries is None else self.retries

    def reply_schema(self) -> Mapping[str, Any]:
        """The JSON schema of replies: a winner for comparisons, else any score of any metric."""
        properties: dict[str, Any] = {}
        if self.mode == "reasoned":
            properties["reason"] = {"type": "string"}
        if PAIRWISE in self.metrics:
            properties["winner"] = {"type": "string", "enum": list(WINNERS)}
        else:
            scores = {score for name in self.metrics for score in self.metric(name).scores()}
            properties["score"] = {"type": "integer", "enum": sorted(scores)}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def cache_key_fields(self) -> dict[str, Any]:
        """Without the names of prompt files, whose content is an input of the rule."""
        return {**super().cache_key_fields(), "prompts": {}}
