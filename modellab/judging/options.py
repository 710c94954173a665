"""Options of all judges: their model, metrics, and the answers that they judge."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from modellab.core.options import Options, first_set
from modellab.core.registry import load
from modellab.core.secrets import VariableName
from modellab.judging.records import Judging, Materials, Scale
from modellab.models.protocol import ModelOptions
from modellab.models.registry import ModelEntry

#: keys that belong to the judge and not to its model
_JUDGE_KEYS = ("enabled", "datasets", "retrievers", "repeats", "retry_on_abstain", "variants")
#: keys that do not affect a judgement
_SELECTING = (
    *("enabled", "datasets", "models", "retrievers", "family"),
    *("variants", "models_from_env"),
)


class JudgeOptions(Options):
    """One entry of `judges:`. Each kind of judge is a subclass."""

    #: `module:class` of the `Judging`, constructed from options and materials; imported lazily
    implementation: ClassVar[str]
    #: to be incremented when the requests or the parsing of replies change
    version: ClassVar[int] = 1

    model: Annotated[
        str | ModelEntry,
        Field(description="the model that judges: a name from `models`, or an entry of its own"),
    ]
    enabled: bool = Field(True, description="false leaves the judge out of this run")
    datasets: tuple[str, ...] | None = Field(
        None, min_length=1, description="the datasets it judges; default: all"
    )
    models: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="the models whose answers it judges; default: all but ensembles",
    )
    retrievers: tuple[str, ...] | None = Field(
        None, min_length=1, description="the retrievers whose answers it judges; default: all"
    )
    repeats: PositiveInt = Field(1, le=1000, description="number of judgements per answer")
    retries: NonNegativeInt | None = Field(
        None,
        description="how often a reply that cannot be read is asked for again; default: rubric 2, "
        "ragas by metric from 2 to 4",
    )
    max_new_tokens: PositiveInt = Field(
        1024, description="the longest reply, in tokens; goes before the model's own"
    )
    family: str | None = Field(
        None, description="the family of the model, such as `qwen`: to see if it prefers its own"
    )
    variants: dict[str, dict[str, Any] | None] | None = Field(
        None, description="judges made from this one, by name: the keys that they change"
    )
    models_from_env: VariableName | None = Field(
        None, description="a variable with model ids, commas between them: one judge for each"
    )

    @model_validator(mode="after")
    def _check_model_keys(self) -> Self:
        if isinstance(self.model, ModelOptions):
            stray = first_set(self.model, sorted(_JUDGE_KEYS))
            if stray:
                raise ValueError(f"model.{stray}: set it in the judge, not in its model")
        return self

    @property
    def judging_model(self) -> ModelOptions:
        """The model's options with the judge's `max_new_tokens`. Names must be resolved."""
        assert isinstance(self.model, ModelOptions)
        return self.model.model_copy(update={"max_new_tokens": self.max_new_tokens})

    def with_model(self, model: ModelOptions) -> Self:
        return self.model_copy(update={"model": model})

    def cache_key_fields(self) -> dict[str, Any]:
        """The options that affect a judgement, as plain JSON; the model must be resolved."""
        own = self.model_dump(mode="json", exclude={"model", *_SELECTING})
        return {**own, "model": self.judging_model.cache_key_fields()}

    def problem_with(self, model: ModelOptions) -> str | None:
        """Why a model cannot be this judge, as one sentence; None if it can."""
        return None if model.uses_prompt else "its provider uses no prompt"

    @abstractmethod
    def metric_names(self) -> tuple[str, ...]:
        """The names of the metrics in files and tables, in order."""

    def scales(self) -> Mapping[str, Scale]:
        """The scales of metrics that the config defines, by name."""
        return {}

    def prompt_files(self, shipped: Path) -> Mapping[str, Path]:
        """The prompt templates by metric; `shipped` is the folder of the bundled ones."""
        return {}

    def own_prompts(self) -> Mapping[str, Path]:
        """The prompt templates in the config, by metric."""
        return {}

    def compared_with(self) -> tuple[str, ...]:
        """The models that answers are compared with."""
        return ()

    def reads_chunks(self) -> bool:
        """Whether judging needs the corpus itself."""
        return False

    def reply_schema(self) -> Mapping[str, Any]:
        """The JSON schema of replies, for constrained decoding."""
        return {}

    def judging(self, materials: Materials) -> Judging:
        """The judge with its materials. Raises InputError."""
        made: Judging = load(self.implementation)(self, materials)
        return made


def first_duplicate(names: Sequence[str]) -> str | None:
    """The first duplicate name."""
    return next((name for i, name in enumerate(names) if name in names[:i]), None)
