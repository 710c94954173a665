"""What every format of questions is: options that read a file."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from modellab.core.options import Options
from modellab.core.records import Question


class QuestionFormat(Options):
    """One kind of `format:`. Each is a subclass in a file of its own."""

    kind: str

    def truths(self) -> frozenset[str] | None:
        """What its questions may have in their truth; None: anything."""
        return None

    @classmethod
    def reads_folder(cls, _path: Path) -> bool:
        """Whether the questions may be this folder instead of a file."""
        return False

    def beside(self, _path: Path) -> list[Path]:
        """Further files that are read with the file or folder of questions."""
        return []

    @abstractmethod
    def read(self, path: Path) -> list[Question]:
        """The questions, in the order of the file, each with its `source`.

        Raises InputError (file and row) for whatever is wrong in the file.
        """
