"""Options of synthetic questions."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PositiveInt, WithJsonSchema, model_validator

from modellab.core.options import Options
from modellab.models.registry import ModelEntry


class QuestionKind(StrEnum):
    """Kinds of questions. The first four are those of RAGAS (`ragas.testset.synthesizers`)."""

    SINGLE_HOP_SPECIFIC = "single_hop_specific"  # one fact of a chunk
    SINGLE_HOP_ABSTRACT = "single_hop_abstract"  # the gist of a chunk: why, how, what for
    MULTI_HOP_SPECIFIC = "multi_hop_specific"  # facts of two chunks about one thing
    MULTI_HOP_ABSTRACT = "multi_hop_abstract"  # the gist of two chunks on one subject
    COMPARISON = "comparison"
    UNANSWERABLE = "unanswerable"

    @property
    def several_chunks(self) -> bool:
        return self in (
            QuestionKind.MULTI_HOP_SPECIFIC,
            QuestionKind.MULTI_HOP_ABSTRACT,
            QuestionKind.COMPARISON,
        )

    @property
    def abstract(self) -> bool:
        """Whether its answer follows from the chunks without being found in them."""
        return self in (QuestionKind.SINGLE_HOP_ABSTRACT, QuestionKind.MULTI_HOP_ABSTRACT)


_KindName = Annotated[QuestionKind, WithJsonSchema({"enum": [kind.value for kind in QuestionKind]})]
#: prompts of checkers: to answer a question; to say whether an abstract answer follows
ANSWER_PROMPT, SUPPORT_PROMPT = "answer", "support"
_Asked = Annotated[str | ModelEntry, Field(union_mode="left_to_right")]


class SynthesisOptions(Options):
    """One entry of `synthesize:`: questions made from the chunks of a corpus."""

    corpus: str = Field(description="the corpus that questions are made from")
    model: _Asked = Field(
        description="the model that makes them: a name in `models`, or an entry as there"
    )
    checkers: tuple[_Asked, ...] = Field(
        min_length=1,
        description="other models that try to answer them: a question stays only if each can",
    )
    kinds: tuple[_KindName, ...] = Field(
        (QuestionKind.SINGLE_HOP_SPECIFIC,), min_length=1, description="what questions ask for"
    )
    chunks: PositiveInt | None = Field(
        50, description="from how many chunks, drawn by the seed; null: all"
    )
    min_words: PositiveInt = Field(20, description="shorter chunks are left aside")
    per_chunk: PositiveInt = Field(1, description="the most questions of a kind from a chunk")
    attempts: PositiveInt = Field(
        2, description="how often a chunk is asked for questions of a kind, until it has as many"
    )
    language: str = Field(
        "auto",
        pattern="^(auto|[a-z]{2})$",
        description="the questions' language, such as en; auto: that of the chunk",
    )
    agreement: float = Field(
        0.5,
        gt=0,
        le=1,
        description="from which token F1 on a checker's answer is the same (one that has all "
        "words of the true answer always is)",
    )
    no_answer: str = Field(
        "The documents do not say.",
        min_length=1,
        description="the true answer of unanswerable questions, which checkers should write",
    )
    prompts: Path | None = Field(
        None, description="a folder with prompts of your own, named as those that ship"
    )

    @model_validator(mode="after")
    def _check_consistency(self) -> Self:
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError("kinds: duplicate name")
        if self.model in self.checkers:
            raise ValueError("checkers: the model that makes questions cannot check its own")
        if len(self.models()) <= len(self.checkers):
            raise ValueError("checkers: duplicate model")
        return self

    def models(self) -> dict[str, str | ModelEntry]:
        """The models by name, `model` first; an inline entry is named by its position."""
        found: dict[str, str | ModelEntry] = {_name(self.model, "model"): self.model}
        for number, checker in enumerate(self.checkers, start=1):
            found[_name(checker, f"checker-{number}")] = checker
        return found

    def named(self) -> Iterator[tuple[str, str]]:
        """(config key, model name) of models given by name."""
        if isinstance(self.model, str):
            yield "model", self.model
        for checker in self.checkers:
            if isinstance(checker, str):
                yield "checkers", checker

    def resolved(self, known: Mapping[str, ModelEntry]) -> dict[str, ModelEntry]:
        """The models' own options by name, `model` first."""
        return {
            name: known[entry] if isinstance(entry, str) else entry
            for name, entry in self.models().items()
        }

    def cache_key_fields(self) -> dict[str, Any]:
        """The options that decide the questions, as plain JSON, without models and prompts."""
        maker, *checkers = self.models()
        own = self.model_dump(mode="json", exclude={"model", "checkers", "prompts"})
        return {**own, "model": maker, "checkers": checkers}

    def checks(self) -> list[str]:
        """The prompts that checkers are asked by."""
        return [ANSWER_PROMPT, *([SUPPORT_PROMPT] if any(k.abstract for k in self.kinds) else [])]

    def prompt_names(self) -> list[str]:
        return [*(kind.value for kind in self.kinds), *self.checks()]


def _name(entry: str | ModelEntry, place: str) -> str:
    return entry if isinstance(entry, str) else place
