"""The `ensemble` provider: answers that other models of the config vote on.

It asks nothing: `modellab.generation.ensembles` makes its predictions from those of its members.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from modellab.core.errors import InputError
from modellab.core.options import Options, first_set
from modellab.models.protocol import Model, ModelOptions, Place

#: keys of models that are asked
_ASKING = (
    *("repeats", "retry_on_abstain", "timeout_minutes", "slots_per_gpu", "threads"),
    *("models_from_env", "shards"),
)


class WeightsFrom(Options):
    """Weights of the votes: the members' scores on another dataset."""

    dataset: str = Field(
        description="a dataset (or a split of one, as a separate dataset) that shares no question "
        "with those that the ensemble answers"
    )
    component: str | None = Field(
        None,
        description="component of the score that is the weight; default: the overall score",
    )
    retriever: str | None = Field(
        None, description="the retriever there; default: the one that is voted on"
    )


class EnsembleOptions(ModelOptions):
    """A vote over the answers of other models, question by question; see docs/ensembles.md."""

    version: ClassVar[int] = 1
    uses_prompt: ClassVar[bool] = False

    provider: Literal["ensemble"]
    members: tuple[str, ...] = Field(
        description="the models that vote, two or more; of equal votes the first in this order wins"
    )
    strategy: Literal["majority", "first_non_blank", "answer_priority", "confidence"] = Field(
        "majority",
        description="majority: most votes; answer_priority: so too, with the winners' references; "
        "first_non_blank: the first member that does not abstain; confidence: votes are weighted",
    )
    vote_on: Literal["exact", "normalised"] = Field(
        "exact", description="answers as written, or in one spelling of numbers, lists and words"
    )
    ignore_blank: bool = Field(
        False, description="abstentions do not vote where any member has an answer"
    )
    references: Literal["union", "winners", "intersection"] | None = Field(
        None,
        description="the documents referred to: those of all members, of the winners, or those "
        "that all winners share; default: union for majority and first_non_blank, else winners",
    )
    weights_from: WeightsFrom | None = Field(
        None, description="for `confidence`: the source of the scores that are the weights"
    )

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        stray = first_set(self, _ASKING)
        if stray:
            raise ValueError(f"{stray}: an ensemble asks nothing itself; set it in its members")
        if (self.strategy == "confidence") != (self.weights_from is not None):
            raise ValueError("`weights_from` belongs to `strategy: confidence`, and only to it")
        if self.strategy == "answer_priority" and self.references not in (None, "winners"):
            raise ValueError(
                f"references: {self.references}: answer_priority takes those of the winners; "
                "say `strategy: majority`"
            )
        return self

    def place(self) -> Place:
        return Place.VOTE

    def runs_here(self) -> None:
        """Its members do, or do not."""

    def model_id(self) -> str:
        return f"{self.strategy} of {len(self.members)}"

    def reference_mode(self) -> str:
        if self.references:
            return self.references
        return "union" if self.strategy in ("majority", "first_non_blank") else "winners"

    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> AbstractContextManager[Model]:
        raise InputError("an ensemble cannot be asked: its members' predictions are voted on")
