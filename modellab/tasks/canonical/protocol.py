"""What every ballot is: what of an answer others can agree with, and what it refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Answer = Mapping[str, str]


class Ballot(Protocol):
    """How answers of one kind of task are voted on."""

    @property
    def field(self) -> str:
        """The field that is voted on."""
        ...

    @property
    def has_references(self) -> bool:
        """Whether answers name the documents that they rest on."""
        ...

    @property
    def repeats_exactly(self) -> bool:
        """Whether models that mean the same tend to write the same, letter by letter."""
        ...

    def normalised(self, answer: Answer) -> str:
        """The vote so that answers which mean the same have the same."""
        ...

    def is_blank(self, answer: Answer) -> bool:
        """Whether the answer says that there is none."""
        ...

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of the documents that the answer refers to."""
        ...

    def blank(self) -> Answer:
        """The answer that says that there is none."""
        ...

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """The answer with these references in the place of its own."""
        ...

    def explained(self, answer: Answer, text: str) -> Answer:
        """The answer with this text where explanations stand."""
        ...
