"""Canonical answers: the form in which answers are compared with each other.

Ensembles vote on them, agreement tables compare them, and judges read answers as the text defined
here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from modellab.core.records import Question
from modellab.core.text.blank import is_blank

Answer = Mapping[str, str]


def folded(text: str) -> str:
    """Without case and outer spaces."""
    return text.strip().casefold()


@dataclass(frozen=True)
class CanonicalAnswer:
    """How the answers of a task are compared: by one field of text.

    A task whose answers cite documents has a subclass.

    Attributes:
        field: the field that is compared.
        fields: all fields of an answer, in order.
        form: the canonical form of a value of the field.
        explanation: the field of explanations, if any.
        repeats_exactly: whether models that mean the same tend to write exactly the same.
    """

    #: whether answers cite documents
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
        """Whether the answer is an abstention."""
        return is_blank(answer.get(self.field, ""))

    def blank(self) -> Answer:
        """The answer of an abstention."""
        return dict.fromkeys(self.fields, "")

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of the documents that the answer cites."""
        return frozenset()

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """The answer with these references instead of its own."""
        return answer

    def explained(self, answer: Answer, text: str) -> Answer:
        """The answer with this text as its explanation."""
        return {**answer, self.explanation: text} if self.explanation else answer

    def text(self, answer: Answer) -> str | None:
        """An answer, or the true one, as judges read it; None for an empty one.

        It is the compared field; without it all other fields, by name.
        """
        return answer[self.field].strip() if not self.is_blank(answer) else written_out(answer)


def written_out(fields: Answer) -> str | None:
    """All fields that are not blank, each on a line with its name; None if there are none."""
    known = [f"{name}: {text}" for name, text in fields.items() if not is_blank(text)]
    return "\n".join(known) or None


#: separates several right answers in one cell
SEPARATOR = " | "


class MatrixColumns(NamedTuple):
    """The columns of a question, and of a system's answer to it.

    Attributes:
        question: the cells of a question, by column.
        flags: the tags with a column of 0 and 1 each; None: all tags.
        answer: by column of the matrix its column in the table of scores.
        yes_no: the columns among them with scores written as True (1) or False.
    """

    question: Callable[[Question], Mapping[str, str]]
    flags: tuple[str, ...] | None
    answer: Mapping[str, str]
    yes_no: frozenset[str] = frozenset()


def question_cells(question: Question) -> Mapping[str, str]:
    """Text, inputs and the reference; where several answers are right, the others too."""
    others = {"GT_other_answers": SEPARATOR.join(question.other_answers)}
    return {
        "id": question.id,
        "question": question.text,
        **question.inputs,
        **{f"GT_{name}": value for name, value in question.reference.items()},
        **(others if question.other_answers else {}),
    }
