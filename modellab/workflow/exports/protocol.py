"""The input of exports, and their type."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json, read_json, read_rows
from modellab.core.records import NO_ANSWER, ModelScores, Prediction, Question, Summary
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import ROW_COLUMNS, read_scored_model
from modellab.tasks.protocol import TaskOptions
from modellab.workflow.job_records import outdated


@dataclass(frozen=True)
class ScoredAnswer:
    """One prediction with its per-example scores."""

    question: Question
    prediction: Prediction
    outcome: str
    scores: Mapping[str, float | None]

    @property
    def text(self) -> str | None:
        """The only field, or all fields as JSON; None without an answer."""
        fields = self.prediction.answer
        if self.prediction.status in NO_ANSWER:
            return None
        return next(iter(fields.values())) if len(fields) == 1 else dump_json(dict(fields))


@dataclass(frozen=True)
class SystemResults:
    """One model with one retriever: its summary, its answers and the record of its run."""

    model: ModelScores
    summary: Summary
    answers: Sequence[ScoredAnswer]
    run: Mapping[str, Any]

    @property
    def name(self) -> str:
        return entry_name(self.model.name, self.summary.retriever)

    @property
    def finished(self) -> datetime:
        """The end of its last run; 1970 if unknown, as for ensembles."""
        text = self.run.get("timestamp") or "1970-01-01T00:00:00Z"
        return datetime.fromisoformat(text)


@dataclass(frozen=True)
class Exported:
    """The results of one dataset.

    Attributes:
        config: The config of the run.
        written: Its files.
        overrides: The keys given on the command line.
        dataset: The name of the dataset.
        models: The models that have predictions and scores.
    """

    config: Config
    written: Sequence[Path]
    overrides: Mapping[str, object]
    dataset: str
    models: Sequence[str]

    @property
    def folder(self) -> Path:
        return self.config.results / self.dataset

    @property
    def task(self) -> TaskOptions:
        return self.config.datasets[self.dataset].task

    @cached_property
    def questions(self) -> list[Question]:
        return read_rows(self.folder / layout.QUESTIONS, Question)

    def contexts(self) -> list[Path]:
        """The file of contexts of each retriever."""
        return sorted(self.folder.glob(layout.CONTEXTS.format(retriever="*")))

    def systems(self) -> Iterator[SystemResults]:
        """The systems, with only one model's answers in memory.

        Raises InputError if scores do not match the predictions.
        """
        for path, why in outdated(self.folder).items():
            if path.parent.name in ("predictions", "scores"):
                raise InputError(f"{path}: {why}; `modellab run` makes it again")
        questions = {question.id: question for question in self.questions}
        for name in self.models:
            summary_file, rows_file, answers_file, run_file = (
                self.folder / file.format(model=name)
                for file in (layout.SUMMARY, layout.ROWS, layout.PREDICTIONS, layout.RUN)
            )
            model = read_scored_model(summary_file, rows_file)
            predictions = read_rows(answers_file, Prediction)
            names = ("question_id", "retriever", "repeat")
            rows = {tuple(row[name] for name in names): row for row in model.rows}
            if len(rows) != len(predictions):
                raise InputError(
                    f"{rows_file}: {len(rows)} rows, but {len(predictions)} predictions; "
                    "`modellab run` scores them"
                )
            run = read_json(run_file)
            for summary in model.scores.summaries:
                answers = [
                    _answer(questions, one, rows, model.scores)
                    for one in predictions
                    if one.retriever == summary.retriever
                ]
                yield SystemResults(model.scores, summary, answers, run)


#: a format: fills an empty folder, and returns notes on what was left out
Export = Callable[[Exported, Path], Sequence[str]]


def _answer(
    questions: Mapping[str, Question],
    prediction: Prediction,
    rows: Mapping[tuple[str, ...], Mapping[str, str]],
    model: ModelScores,
) -> ScoredAnswer:
    key = (prediction.question_id, prediction.retriever, str(prediction.repeat))
    row = rows.get(key)
    if row is None or row[ROW_COLUMNS[3]] != prediction.status:
        raise InputError(
            f"scores of {model.name}: question {key[0]!r}: not those of its prediction; "
            "`modellab run` scores it"
        )
    scores = {name: float(row[name]) if row[name] else None for name in model.example_scores}
    return ScoredAnswer(questions[prediction.question_id], prediction, row["outcome"], scores)
