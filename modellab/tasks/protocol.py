"""The base of all tasks: how a model is asked, and how an answer is parsed from its reply.

What happens to an answer afterwards is named here and defined elsewhere in the task's folder, so
that a changed scorer makes no prediction stale: its scorers (`modellab.tasks.scorer`), its form for
comparisons and its columns in the wide table (`modellab.tasks.canonical`).
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from modellab.core.options import Options
from modellab.core.records import Passage, Question, Status

#: tags by which data sets mark a question that its documents do not answer, in lower case
UNANSWERABLE_TAGS = frozenset({"unanswerable", "is_impossible", "is_na", "no_answer"})


@dataclass(frozen=True)
class Parsed:
    """A parsed reply: a status and the task's fields, all as text.

    `reason` may say why a reply could not be parsed.
    """

    status: Status
    answer: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


class Task(Protocol):
    """What models can be asked: a `TaskOptions`, or a step of the benchmark itself."""

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        """The JSON schema of an answer, for constrained decoding."""
        ...

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        """The variables of a prompt template. Never anything of `question.reference`."""
        ...

    def parse(self, text: str) -> Parsed:
        """Parse a model's reply. Never guesses: an unreadable reply is UNPARSED."""
        ...


class TaskOptions(Options):
    """One kind of `task:` in the config. Each is a subclass in the task's own folder.

    `canonical`, `scorers` and `matrix` name objects as `module:attribute`, so that nothing is
    imported before it is needed.
    """

    #: the names of an answer's fields, in order
    fields: ClassVar[tuple[str, ...]]
    #: whether models answer it; if not, retrievers are compared, and there is no prompt
    asks_models: ClassVar[bool] = True
    #: its prompt template: the name of one that ships, or the path of a file
    prompt: ClassVar[str | Path] = ""
    #: the field of `Question.reference` that holds the reference answer
    true_field: ClassVar[str]
    #: a `CanonicalAnswer`, for votes, agreement tables and judges
    canonical: ClassVar[str]
    #: classes of `ScorerOptions`, the default one first
    scorers: ClassVar[tuple[str, ...]]
    #: the `MatrixColumns` of the wide table; None: all fields and scores, by their names
    matrix: ClassVar[str | None] = None
    #: whether each question must have a true answer; if not, those without are not scored
    needs_truth: ClassVar[bool] = True
    #: whether a set without any true answer is asked without being scored
    may_go_unscored: ClassVar[bool] = False
    #: keys that only scorers read: their change makes no prediction stale
    for_scoring: ClassVar[frozenset[str]] = frozenset()

    kind: str

    @property
    @abstractmethod
    def answer_schema(self) -> Mapping[str, Any]:
        """As in `Task`, like the next two."""

    @abstractmethod
    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]: ...

    @abstractmethod
    def parse(self, text: str) -> Parsed: ...

    def for_question(self, _question: Question) -> Self:
        """The task for parsing a reply to one question, such as with its choices as spellings."""
        return self

    def prepared(self, question: Question) -> Question:
        """The question with `unanswerable` set from its tags.

        A task with another sign of it (a blank value, a sentence) overrides this.
        """
        tags = {tag.strip().lower() for tag in question.tags}
        return replace(
            question, unanswerable=question.unanswerable or bool(tags & UNANSWERABLE_TAGS)
        )

    def completed(self, question: Question) -> Question:
        """A prepared question whose reference is completed from the references found."""
        return question

    def refuse(self, question: Question) -> str | None:
        """What is wrong with a prepared question; None if it is valid."""
        return None

    def true_text(self, question: Question) -> str | None:
        """The reply of a perfect model; None if the question has no true answer."""
        return question.reference.get(self.true_field)

    def files(self) -> Mapping[str, Path]:
        """By config key: files that define the task."""
        return {}

    def cache_key_fields(self) -> dict[str, Any]:
        """The options that affect prompts and parsing, as plain JSON."""
        return self.model_dump(mode="json", exclude=set(self.for_scoring))
