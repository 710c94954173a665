"""The base of all formats of questions: options that can read a file."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from modellab.core.options import Options
from modellab.core.records import Question


@dataclass(frozen=True)
class QuestionsRead:
    """Questions in the order of their file.

    Attributes:
        questions: Each with its `source`.
        notes: How the file was read: its format, recognised columns, its encoding.
        task: The kind of task that such files are for, if their format decides that.
        labels: The labels to choose from, if the format defines them.
    """

    questions: list[Question]
    notes: tuple[str, ...] = ()
    task: str | None = None
    labels: tuple[str, ...] = ()


class QuestionFormat(Options):
    """One kind of `format:`."""

    #: the kind of task that its questions are for; None: their references decide
    task: ClassVar[str | None] = None
    #: the fields that the references of its questions may have; None: any
    fields: ClassVar[frozenset[str] | None] = None

    kind: str

    def reference_fields(self) -> frozenset[str] | None:
        """`fields`, unless options decide them."""
        return self.fields

    @classmethod
    def reads_folder(cls, _path: Path) -> bool:
        """Whether the questions may be this folder instead of a file."""
        return False

    def beside(self, _path: Path) -> list[Path]:
        """Other files that are read with the file or folder of questions."""
        return []

    @abstractmethod
    def reading(self, path: Path) -> QuestionsRead:
        """The questions, and how they were read. Raises InputError (file and row)."""

    def read(self, path: Path) -> list[Question]:
        return self.reading(path).questions
