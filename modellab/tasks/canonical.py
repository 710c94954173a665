"""Canonical answers: what of an answer is compared with other answers.

Ensembles vote on them, agreement tables compare them, and judges read answers as the text that
is defined here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from modellab.core.text.blank import is_blank

Answer = Mapping[str, str]


def folded(text: str) -> str:
    """Without case and outer spaces."""
    return text.strip().casefold()


@dataclass(frozen=True)
class CanonicalAnswer:
    """How the answers of a task are compared: here by one field of text.

    A task whose answers name the documents that they rest on has a subclass.

    Attributes:
        field: the field that is compared.
        fields: all fields of an answer, in order.
        form: brings a value of the field into the form in which equal answers are equal.
        explanation: the field that explanations are written to; None where there is none.
        repeats_exactly: whether models that mean the same tend to write the same, letter by
            letter.
    """

    #: whether answers name the documents that they rest on
    has_references: ClassVar[bool] = False

    field: str
    fields: tuple[str, ...]
    form: Callable[[str], str] = folded
    explanation: str | None = None
    repeats_exactly: bool = True

    def of(self, answer: Answer) -> str:
        """The canonical answer: equal for answers that mean the same, empty for a blank one."""
        return "" if self.is_blank(answer) else self.form(answer[self.field])

    def is_blank(self, answer: Answer) -> bool:
        """Whether the answer says that there is none."""
        return is_blank(answer.get(self.field, ""))

    def blank(self) -> Answer:
        """The answer that says that there is none."""
        return dict.fromkeys(self.fields, "")

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of the documents that the answer refers to."""
        return frozenset()

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """The answer with these references instead of its own."""
        return answer

    def explained(self, answer: Answer, text: str) -> Answer:
        """The answer with this text as its explanation."""
        return {**answer, self.explanation: text} if self.explanation else answer

    def text(self, answer: Answer) -> str | None:
        """The answer, or the true one, as judges read it; None where it holds nothing.

        It is the field that is compared; without it all other fields, by name.
        """
        return answer[self.field].strip() if not self.is_blank(answer) else written_out(answer)


def written_out(fields: Answer) -> str | None:
    """All fields that are not blank, each on a line with its name; None where there are none."""
    known = [f"{name}: {text}" for name, text in fields.items() if not is_blank(text)]
    return "\n".join(known) or None
