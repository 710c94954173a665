"""What every task is: how a question is put to a model, and how an answer is read from a text.

How an answer is scored is a family of its own (`modellab.scorers`), so that a changed scorer
touches no prediction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from modellab.records import Passage, Question, Status


@dataclass(frozen=True)
class Parsed:
    """What was read from a model's text: a status and the task's fields, all as text."""

    status: Status
    answer: Mapping[str, str] = field(default_factory=dict)


class Task(Protocol):
    """One kind of question. `fields` are the names of an answer's fields, in order."""

    fields: tuple[str, ...]
    #: name of the prompt file that ships for it
    prompt: str
    #: JSON schema of an answer, for models whose decoding is constrained to it
    schema: Mapping[str, Any]

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        """What a prompt template may use. Never holds anything of `question.truth`."""
        ...

    def parse(self, text: str) -> Parsed:
        """Read an answer from a model's text. Never guesses: what cannot be read is UNPARSED."""
        ...
