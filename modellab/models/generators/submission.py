"""The `submission` provider: answers that were made elsewhere, read from any kind of table.

For the WattBot task it is a file in the competition's format; for others it has an id (or the text
of the question) and the task's fields, as the files in `submissions/` that this project writes, or
what other programs call them: results of RAGAS, samples of lm-eval, logs of inspect.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.fingerprint import content_digest
from modellab.core.io.jsonl import dump_json
from modellab.core.io.table_file import TableOptions, has_tables
from modellab.core.records import Request, Response, Status
from modellab.models.protocol import Model, ModelOptions
from modellab.models.submission_files import (
    CHOICE,
    Submission,
    SubmissionRow,
    listed,
    needed_columns,
    plain_text,
    read_submission,
)
from modellab.models.submission_matching import match

log = logging.getLogger(__name__)

#: the column of a file of records
RECORD = "record"


class SubmissionOptions(ModelOptions, TableOptions):
    """A file of answers: a published run, a colleague's, a leaderboard's."""

    version: ClassVar[int] = 6
    uses_prompt: ClassVar[bool] = False
    uses_contexts: ClassVar[bool] = False

    provider: Literal["submission"]
    path: Path = Field(
        description="the table (CSV, JSON, Parquet, XLSX, ...): id and the fields of the task's "
        "answers, such as answer_value; or samples of lm-eval, a log of inspect, results of RAGAS; "
        "or a folder of the datasets library"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="by field the column that holds it, such as `{id: nr, answer: text}`; others "
        "are recognised by their names",
    )
    where: dict[str, str | int | float | bool] = Field(
        default_factory=dict,
        description="by column, or path such as `provider.id`, the value of the rows that are "
        "read, such as `{model: gpt-4o}`; for files with the answers of several systems",
    )

    def model_id(self) -> str:
        return self.path.name

    def runs_here(self) -> None:
        """Somewhere else; the file does not say where."""

    def files(self) -> Mapping[str, Path]:
        return {"path": self.path}

    def fingerprint(self) -> Mapping[str, Any]:
        """The file's content; a file of another name with the same content is the same model."""
        if not self.path.is_file() and not has_tables(self.path):
            what = "a folder without a table" if self.path.is_dir() else "no such file"
            raise InputError(f"{self.path}: {what}")
        own = {"columns": self.columns, "where": self.where}
        given = {name: value for name, value in own.items() if value}
        return {"sha256": content_digest(self.path), **given, **self.table_options()}

    def rows(self, answer_schema: Mapping[str, Any]) -> Submission:
        """The file's rows, for answers of a schema. Raises InputError as `read_submission` does."""
        needed = needed_columns(answer_schema)
        return read_submission(self.path, needed, self.columns, self, self.where)

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        rows = self.rows(answer_schema)
        fields = answer_schema.get("properties", {})
        letters = [field["enum"] for field in fields.values() if "enum" in field]
        yield SubmissionModel(rows, RECORD not in fields, frozenset(*letters[:1]))


@dataclass(frozen=True)
class SubmissionModel(Model):
    """Answers with all cells of the row of the question's id, unchanged.

    Where answers are whole records (`records`), the cell of that name is the answer. Where they are
    `labels`, the text of one of the choices below a question means its letter.
    """

    submission: Submission
    records: bool
    labels: frozenset[str] = frozenset()

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response per request. The first row of a duplicate id counts, with a warning."""
        matched = match([request.question for request in requests], self.submission)
        # the questions may be a part of all: extra rows are harmless where each has its row
        complete = all(matched.rows[request.question.id] for request in requests)
        for what, ids in (
            ("ids that this run does not ask for", [] if complete else list(matched.extra)),
            ("ids with more than one row (the first counts)", list(matched.duplicates)),
        ):
            if ids:
                log.warning("%s: %d %s: %s", self.submission.path, len(ids), what, listed(ids))
        for request in requests:
            name = request.question.id
            rows = matched.rows[name]
            if rows and (error := rows[0].failure):
                yield Response(request.key, None, error_class=Status.FAILED.value, error=error)
            elif rows:
                cells = {**rows[0].cells, **self._letters(rows[0], request.question.text)}
                whole = self.records and RECORD in cells
                yield Response(request.key, cells[RECORD] if whole else dump_json(dict(cells)))
            else:
                error = f"no row for question {name!r} in {self.submission.path.name}"
                yield Response(request.key, None, error_class=Status.MISSING.value, error=error)

    def _letters(self, row: SubmissionRow, question: str) -> dict[str, str]:
        """The letters of choices for labels that are the texts of choices."""
        found = {_folded(text): letter for letter, text in reversed(CHOICE.findall(question))}
        if not self.labels.issuperset(found.values()):
            return {}
        texts = {*found} - {*map(_folded, self.labels)}
        given = {name: _folded(row.cells.get(name, "")) for name in ("label", "answer")}
        return {name: found[text] for name, text in given.items() if text in texts}


def _folded(text: str) -> str:
    return plain_text(text).casefold()
