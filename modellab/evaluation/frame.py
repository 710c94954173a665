"""The scores of one dataset as one tidy frame, the source of all tables.

One row per system (a model with a retriever), question and repeat:

| column | type | meaning |
|---|---|---|
| `question_id` | category | in the order of the dataset |
| `system`, `model`, `retriever` | category | in the order of the models |
| `repeat` | int | from 1 |
| `status` | category | status of the response (`Status`) |
| `outcome` | category | `Outcome`; missing where the scorer does not say when an answer is right |
| fields of the answer | str | "" where there is none |
| per-example scores | float | missing where a score does not apply |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from modellab.core.errors import InputError
from modellab.core.fingerprint import question_content
from modellab.core.io.frames import CATEGORY, FLOAT, INT, read_arrow, to_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import ModelScores, Outcome, Question, Status
from modellab.evaluation.compare.entries import Entry, entries_of
from modellab.evaluation.compare.score_files import FIRST_REPEAT, ROW_COLUMNS, read_scores

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

#: the columns of the frame that every task has
COLUMNS = ("question_id", "system", "model", "retriever", "repeat", "status", "outcome")
_TYPES = {
    "question_id": CATEGORY,
    "retriever": CATEGORY,
    "repeat": INT,
    "status": CATEGORY,
    "outcome": CATEGORY,
}


@dataclass(frozen=True)
class Scores:
    """The scores of one dataset: its questions, the models' records, and the tidy frame."""

    questions: tuple[Question, ...]
    models: tuple[ModelScores, ...]
    rows: pd.DataFrame

    @cached_property
    def entries(self) -> list[Entry]:
        """The systems, in the order of the frame's categories."""
        return entries_of(self.models)

    @cached_property
    def distinct(self) -> NDArray[np.intp]:
        """(questions,): their numbers, the same for a question that the file has several times."""
        contents = np.array([question_content(one) for one in self.questions], dtype=object)
        return np.asarray(pd.factorize(contents)[0], dtype=np.intp)

    @cached_property
    def counted(self) -> pd.DataFrame:
        """The rows behind the scores: without missing ones where a model has `missing: ignore`."""
        ignoring = [model.name for model in self.models if model.missing == "ignore"]
        left_out = (self.rows["status"] == Status.MISSING) & self.rows["model"].isin(ignoring)
        return self.rows[~left_out] if left_out.any() else self.rows

    @cached_property
    def first(self) -> pd.DataFrame:
        """The counted rows of the first repeat of each question."""
        first = self.counted["repeat"] == FIRST_REPEAT
        return self.counted if first.all() else self.counted[first]

    @cached_property
    def controls(self) -> NDArray[np.bool_]:
        """(systems,): whether each is a reference point."""
        return np.array([entry.control for entry in self.entries], dtype=bool)

    def grid(self, rows: pd.DataFrame, values: Any, empty: int) -> NDArray[np.int32]:
        """(systems, questions): the value of each row; `empty` where there is no row."""
        cells = np.full((len(self.entries), len(self.questions)), empty, dtype=np.int32)
        cells[rows["system"].cat.codes, rows["question_id"].cat.codes] = values
        return cells

    @property
    def own_columns(self) -> list[str]:
        """The task's columns: the fields of an answer, then its scores."""
        return [name for name in self.rows.columns if name not in COLUMNS]


def read_dataset(
    questions: Path,
    summaries: Sequence[Path | str],
    tables: Sequence[Path | str],
) -> Scores:
    """Read the files of the scoring stage.

    Args:
        questions: The dataset's `questions.jsonl`.
        summaries: The record (JSON) of each model.
        tables: The score rows (CSV) of each model, in the same order.

    Raises:
        InputError: Files cannot be read, or are of different runs.
    """
    models = [read_scores(Path(path)) for path in summaries]
    asked = read_rows(questions, Question)
    return scores_from(asked, models, [Path(path) for path in tables])


def scores_from(
    questions: Sequence[Question], models: Sequence[ModelScores], tables: Sequence[Path]
) -> Scores:
    """As `read_dataset`, with questions and records in memory."""
    import pyarrow as pa

    if not models:
        raise InputError("scores: there is no scored model to compare")
    parts = [_read(model, path) for model, path in zip(models, tables, strict=True)]
    try:
        whole = pa.concat_tables(parts)
    except pa.ArrowInvalid:
        raise InputError(
            f"scores: the tables of {models[0].name} and another model have different columns; "
            "score them again"
        ) from None
    return tidy(questions, models, to_frame(whole))


def with_missing(table: pd.DataFrame, missing: Sequence[str]) -> pd.DataFrame:
    """The table with a last column `models_missing`, where models are missing."""
    return table.assign(models_missing=" ".join(missing)) if missing else table


def tidy(
    questions: Sequence[Question], models: Sequence[ModelScores], rows: pd.DataFrame
) -> Scores:
    """Order and check the rows of all models.

    Args:
        questions: All questions of the dataset; their order is that of the categories.
        models: The records, in the order of the systems.
        rows: The columns of a score file, and `model`.

    Raises:
        InputError: A row of an unknown question or retriever, or two rows for one answer.
    """
    entries = entries_of(models)
    model = _category(rows["model"], [one.name for one in models])
    retriever = _category(
        rows["retriever"], list(dict.fromkeys(entry.summary.retriever for entry in entries))
    )
    places = _places(entries, list(model.categories), list(retriever.categories))
    system = pd.Categorical.from_codes(
        places[model.codes, retriever.codes], pd.Index([entry.name for entry in entries])
    )
    question = _category(rows["question_id"], [question.id for question in questions])
    status = _category(rows["status"], [str(one) for one in Status])
    outcome = _category(rows["outcome"], [str(one) for one in Outcome])
    _refuse(rows, system.codes < 0, "the model's record has no such retriever; score it again")
    _refuse(rows, question.codes < 0, "no such question in the dataset; score the model again")
    _refuse(rows, status.codes < 0, "no such status; score the model again")
    found = pd.DataFrame(
        {
            "question_id": question,
            "system": system,
            "model": model,
            "retriever": retriever,
            "repeat": rows["repeat"].astype("int64"),
            "status": status,
            "outcome": outcome,
            **{name: rows[name] for name in rows if name not in COLUMNS},
        }
    )
    doubled = found.duplicated(["system", "question_id", "repeat"]).to_numpy()
    _refuse(rows, doubled, "duplicate row; score the model again")
    return Scores(tuple(questions), tuple(models), found)


def _category(column: pd.Series[Any], names: Sequence[str]) -> pd.Categorical[str]:
    """Categories in the order of the names; missing where a cell is none of them."""
    cells = column.astype("category")
    known = pd.Index(list(names), dtype="str")
    codes = known.get_indexer(cells.cat.categories.astype("str"))
    return pd.Categorical.from_codes(codes[cells.cat.codes], known)


def _places(
    entries: Sequence[Entry], models: Sequence[str], retrievers: Sequence[str]
) -> NDArray[np.intp]:
    """(models, retrievers + 1): the place of each system; -1 for none, also in the last column."""
    places = np.full((len(models), len(retrievers) + 1), -1)
    for place, entry in enumerate(entries):
        places[models.index(entry.model.name), retrievers.index(entry.summary.retriever)] = place
    return places


def _refuse(rows: pd.DataFrame, wrong: NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        row = rows[wrong].iloc[0]
        raise InputError(
            f"scores of {row['model']}: question {row['question_id']!r}, retriever "
            f"{row['retriever']!r}: {why}"
        )


def _read(model: ModelScores, path: Path) -> pa.Table:
    import pyarrow as pa

    types = _TYPES | dict.fromkeys(model.example_scores, FLOAT)
    table = read_arrow(path, types, ROW_COLUMNS)
    name = pa.DictionaryArray.from_arrays(np.zeros(len(table), dtype=np.int32), [model.name])
    return table.append_column("model", name)
