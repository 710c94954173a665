"""The `submission` provider: answers that were made elsewhere, read from any kind of table.

For the WattBot task it is a file in the competition's format; for others it has an id (or the text
of the question) and the task's fields, as the files in `submissions/` that this project writes, or
what other programs call them: results of RAGAS, samples of lm-eval, logs of inspect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.fingerprint import file_digest
from modellab.core.io.jsonl import dump_json
from modellab.core.io.table_file import Reading
from modellab.core.records import Request, Response, Status
from modellab.models.protocol import Model, ModelOptions
from modellab.models.submission_files import (
    Submission,
    SubmissionRow,
    listed,
    match,
    needed_columns,
    read_submission,
)

log = logging.getLogger(__name__)

#: the column of a file of records
RECORD = "record"


class SubmissionOptions(ModelOptions):
    """A file of answers: a published run, a colleague's, a leaderboard's."""

    version: ClassVar[int] = 3
    uses_prompt: ClassVar[bool] = False
    uses_contexts: ClassVar[bool] = False

    provider: Literal["submission"]
    path: Path = Field(
        description="the table (CSV, JSON, Parquet, XLSX, ...): id and the fields of the task's "
        "answers, such as answer_value; or samples of lm-eval, a log of inspect, results of RAGAS"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="by field the column that holds it, such as `{id: nr, answer: text}`; others "
        "are recognised by their names",
    )
    encoding: str | None = Field(
        None, description="the encoding of a text file; null: UTF-8, or what its bytes say"
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="the sign between cells; null: detected"
    )
    sheet: str | None = Field(None, description="the sheet of a workbook; null: the only one")

    def model_id(self) -> str:
        return self.path.name

    def runs_here(self) -> None:
        """Somewhere else; the file does not say where."""

    def files(self) -> Mapping[str, Path]:
        return {"path": self.path}

    def fingerprint(self) -> Mapping[str, Any]:
        """The file's content; a file of another name with the same content is the same model."""
        if not self.path.is_file():
            what = "a folder, not a file" if self.path.is_dir() else "no such file"
            raise InputError(f"{self.path}: {what}")
        options = {"columns": self.columns, "encoding": self.encoding, "delimiter": self.delimiter}
        chosen = {name: value for name, value in {**options, "sheet": self.sheet}.items() if value}
        return {"sha256": file_digest(self.path), **chosen}

    def rows(self, answer_schema: Mapping[str, Any]) -> Submission:
        """The file's rows, for answers of a schema. Raises InputError as `read_submission` does."""
        reading = Reading(self.encoding, self.delimiter, sheet=self.sheet)
        return read_submission(self.path, needed_columns(answer_schema), self.columns, reading)

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        rows = self.rows(answer_schema)
        yield SubmissionModel(rows, RECORD not in answer_schema.get("properties", ()))


class SubmissionModel:
    """Answers with the row of the question's id, all its cells as they stand in the file.

    Where answers are whole records (`records`), the cell of that name is the answer.
    """

    def __init__(self, submission: Submission, records: bool = False) -> None:
        self._submission = submission
        self._records = records

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response per request. The first row of a duplicate id counts, with a warning."""
        matched = match([request.question for request in requests], self._submission)
        # where each question has its row, those of others do no harm: only a part is asked now
        if not all(matched.rows[request.question.id] for request in requests):
            self._warn("ids that are not asked for", list(matched.extra))
        self._warn("ids with more than one row (the first counts)", list(matched.duplicates))
        for request in requests:
            yield self._response(request, matched.rows[request.question.id])

    def report(self) -> Mapping[str, Any]:
        return {}

    def _response(self, request: Request, rows: Sequence[SubmissionRow]) -> Response:
        if rows:
            cells = rows[0].cells
            whole = self._records and RECORD in cells
            return Response(request.key, cells[RECORD] if whole else dump_json(dict(cells)))
        error = f"no row for question {request.question.id!r} in {self._submission.path.name}"
        return Response(request.key, None, error_class=Status.MISSING.value, error=error)

    def _warn(self, what: str, ids: Sequence[str]) -> None:
        if ids:
            log.warning("%s: %d %s: %s", self._submission.path, len(ids), what, listed(ids))
