"""Test sets and results of the RAGAS library, old and new.

Source of the format: the library's `SingleTurnSample` and `MultiTurnSample` (user_input, reference,
reference_contexts), and the data sets of its versions before 0.2 (question, ground_truth or
ground_truths, contexts, answer). What a system said and retrieved (response, answer, contexts,
retrieved_contexts) is no truth: the same file is a submission.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row, TableFile
from modellab.questions.row_format import RowFormat

log = logging.getLogger(__name__)

_TRUTHS = ("reference", "ground_truth", "ground_truths")
#: of a system, and how it was judged; `answer` and `contexts` only beside a ground truth
_OF_A_SYSTEM = frozenset({"response", "retrieved_contexts", "answer", "rubrics"})


class RagasFormat(RowFormat):
    """user_input (a text or messages), reference, reference_contexts; or question, ground_truth."""

    signature: ClassVar[frozenset[str]] = frozenset({"user_input"})

    kind: Literal["ragas"] = Field(description="A test set or results of RAGAS, old or new.")

    def table(self, path: Path) -> TableFile:
        """The rows with a reference: RAGAS also judges answers without one.

        Rows whose reference is empty are left out, with a warning that names them.
        """
        file = super().table(path)
        names = [name for name in _TRUTHS if name in file.columns]
        without = [place for place, row in file.rows if names and _is_empty(row, names)]
        if not without or len(without) == len(file.rows):
            return file
        log.warning(
            "%s: %d of %d rows without a reference left out, the first is %s",
            *(path, len(without), len(file.rows), without[0]),
        )
        kept = tuple((place, row) for place, row in file.rows if place not in {*without})
        return TableFile(kept, file.notes)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        truths = [name for name in _TRUTHS if name in row]
        left_out = _OF_A_SYSTEM if truths else frozenset()
        yield place, {name: value for name, value in row.items() if name not in left_out}


def _is_empty(row: Row, names: list[str]) -> bool:
    """An empty list is no empty reference: it says that the question is unanswerable."""
    return all(row.get(name) is None or not str(row[name]).strip() for name in names)
