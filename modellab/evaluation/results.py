"""The results of one dataset as pandas frames, for notebooks and scripts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError
from modellab.core.io.frames import read_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.layout import QUESTIONS, ROWS, table_file, tables_in
from modellab.core.records import ModelScores, Question
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.frame import scores_from

if TYPE_CHECKING:
    import pandas as pd

#: columns that are text even where all cells look like numbers: a model may be called "7"
_TEXT = frozenset(
    {
        *("id", "question_id", "question", "system", "system_a", "system_b", "model", "retriever"),
        *("judge", "embedder", "metric", "component", "subject", "task", "provider", "reason"),
        *("answer", "answer_value", "ref_id", "explanation", "truth", "label", "tags", "test"),
        *("error_ids", "won_ids", "lost_ids", "right_only", "wrong_only", "models_missing"),
        *("not_distinguishable_from", "message", "note", "status", "method", "better"),
        *("source", "kind", "level", "outcome", "marked", "true", "given"),
    }
)
#: tables of answers side by side: their cells are texts of models and people
_SIDE_BY_SIDE = frozenset({"matrix", "matrix_long", "wide", "labels"})
_FLAGS = {"True": True, "False": False, "": None}
_WHOLE = r"-?\d+"


@dataclass(frozen=True)
class Results:
    """The results of one dataset; each table is read on first use.

    `leaderboard`, `statistics` and `comparisons` are short for `table(...)` of that name.
    """

    folder: Path

    @property
    def names(self) -> list[str]:
        """Names of the tables."""
        return list(tables_in(self.folder))

    def table(self, name: str) -> pd.DataFrame:
        """One table, such as `errors` or `judges/agreement`.

        Names, ids and texts are `str` and never missing: an empty cell is "", and "NA" is "NA".
        Counts are `Int64`, other numbers `float64`, flags `boolean`; empty cells are missing.

        Raises:
            InputError: There is no such table.
        """
        path = self.folder / table_file(name)
        if not path.is_file():
            known = ", ".join(self.names)
            raise InputError(f"{self.folder}: there is no table {name!r}; choose from: {known}")
        frame = read_frame(path)
        if name in _SIDE_BY_SIDE:
            return frame
        return typed(frame)

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """One row per system, the best first."""
        return self.table("leaderboard")

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """Each system's metrics with their intervals."""
        return self.table("statistics")

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """Each pair of systems: difference, interval, p-value."""
        return self.table("comparisons")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per system, question and repeat (see `modellab.evaluation.frame`)."""
        return scores_from(self.questions, self.models, self._score_tables).rows

    @cached_property
    def questions(self) -> list[Question]:
        """The questions, in the order of the dataset."""
        return read_rows(self.folder / QUESTIONS, Question)

    @cached_property
    def models(self) -> list[ModelScores]:
        """The record of each scored model, in the order of their names."""
        return [read_scores(path.with_suffix(".json")) for path in self._score_tables]

    @property
    def _score_tables(self) -> list[Path]:
        return sorted(self.folder.glob(ROWS.format(model="*")))


def load_results(folder: Path | str) -> Results:
    """The results of one dataset, such as `results/demo`.

    Args:
        folder: The dataset's folder among the results.

    Raises:
        InputError: The folder has no questions and scores of a run.
    """
    path = Path(folder)
    if not (path / QUESTIONS).is_file():
        inside = sorted(one.relative_to(path).parts[0] for one in path.glob(f"*/{QUESTIONS}"))
        hint = f"; choose one of its datasets: {', '.join(inside)}" if inside else ""
        raise InputError(f"{path}: not the results of a dataset (no {QUESTIONS}){hint}")
    return Results(path)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of texts with the types of `Results.table`."""
    return frame.assign(**{str(column): _typed(frame[column]) for column in frame})


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    there = column[column != ""]
    if column.name in _TEXT or column.empty:
        return column
    if len(there) and there.isin(list(_FLAGS)).all():
        return column.map(_FLAGS).astype("boolean")
    numbers = pd.to_numeric(there, errors="coerce").reindex(column.index)
    if numbers[there.index].isna().any():
        return column
    whole = len(there) and there.str.fullmatch(_WHOLE).all()
    return numbers.astype("Int64" if whole else "float64")
