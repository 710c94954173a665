"""The `submission` provider: answers that were made elsewhere, read from a CSV file.

For the WattBot task it is a file in the competition's format; for others it has an id and the
task's fields, as the files in `submissions/` that this project writes.
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
    """A file in the competition's format: a published run, a colleague's, a leaderboard's."""

    version: ClassVar[int] = 2
    uses_prompt: ClassVar[bool] = False
    uses_contexts: ClassVar[bool] = False

    provider: Literal["submission"]
    path: Path = Field(
        description="the CSV file: id and the fields of the task's answers, such as answer_value"
    )

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
        return {"sha256": file_digest(self.path)}

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        rows = read_submission(self.path, needed_columns(answer_schema))
        yield SubmissionModel(rows, RECORD not in answer_schema.get("properties", ()))


class SubmissionModel:
    """Answers with the row of the question's id, all its cells as they stand in the file.

    Where answers are whole records (`records`), the cell of that name is the answer.
    """

    def __init__(self, submission: Submission, records: bool = False) -> None:
        self._submission = submission
        self._records = records

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response per request. The first row of a doubled id counts, with a warning."""
        matched = match([request.question for request in requests], self._submission)
        self._warn("ids that are not asked for", list(matched.extra))
        self._warn("ids that stand more than once (the first counts)", list(matched.duplicates))
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
