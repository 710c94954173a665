"""From predictions to a model's scores: a marked row each, and one summary per retriever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from modellab.core.efficiency import (
    generation_usage,
    latencies,
    mean,
    mean_concurrency,
    measured_alone,
    percentile,
    rate,
    together,
)
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import read_json, read_rows, write_json
from modellab.core.outcomes import (
    abstention_precision,
    abstention_recall,
    count_outcomes,
    with_outcome,
)
from modellab.core.records import (
    Chunk,
    Metric,
    ModelScores,
    Outcome,
    Prediction,
    Question,
    ResourceUsage,
    RowScore,
    Status,
    Summary,
)
from modellab.evaluation.calibration import expected_calibration_error
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.repeat_noise import repeat_noise
from modellab.tasks.metrics import make_scorer
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions
from modellab.tasks.wattbot.rules import truth_as_cited

#: the columns before those of the task and the scorer
_ABOUT = ("question_id", "retriever", "repeat", "status", "outcome")


@dataclass(frozen=True)
class ScoreJob:
    """One model on one dataset. `missing` ignore leaves missing rows out, incorrect counts them.

    `controls` are the retrievers with which the model is a reference point, `roles` says by
    retriever what its passages stand for (see `Summary`), `stops` by system why it was asked no
    further.
    """

    name: str
    dataset: str
    task: TaskOptions
    scorer: ScorerOptions
    missing: str
    provider: str
    model_id: str
    local: bool | None
    size_b: float | None
    seed: int = 0
    controls: Sequence[str] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    stops: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def score_model(
    job: ScoreJob,
    questions: Path,
    predictions: Path,
    run: Path,
    rows_out: Path,
    out: Path,
    chunks: Path | None = None,
    retrieval: Mapping[str, ResourceUsage] | None = None,
) -> None:
    """Write `rows_out` (CSV, a line per prediction) and `out` (JSON, a summary per retriever).

    `chunks` is the dataset's corpus, for scorers that learn what its words mean. `retrieval` is
    what finding the passages took, by retriever.
    """
    made_by = read_json(run)
    by_id = {question.id: question for question in read_rows(questions, Question)}
    answers = read_rows(predictions, Prediction)
    passages = [chunk.text for chunk in read_rows(chunks, Chunk)] if chunks else []
    material = Material(list(by_id.values()), answers, passages, job.seed)
    scorer = make_scorer(job.scorer, job.task, material)
    rows = [scored_row(scorer, by_id[answer.question_id], answer) for answer in answers]
    took = _Took(retrieval or {}, measured_alone(made_by))
    scores = _model_scores(job, scorer, by_id, answers, rows, took)
    columns = [*_ABOUT, *job.task.make().fields, *scorer.marks]
    write_csv(rows_out, columns, (_cells(row) for row in rows))
    write_json(out, _published(scores, made_by))


@dataclass(frozen=True)
class _Took:
    """What is known of a model's resource_usage beside its rows."""

    retrieval: Mapping[str, ResourceUsage]
    alone: bool | None


def scored_row(scorer: Scorer, question: Question, answer: Prediction) -> RowScore:
    """One prediction with the marks of the scorer and its outcome."""
    row = scorer.score(truth_as_cited(question, answer), answer)
    return with_outcome(row, question, scorer.correct)


def _model_scores(
    job: ScoreJob,
    scorer: Scorer,
    questions: Mapping[str, Question],
    answers: Sequence[Prediction],
    rows: Sequence[RowScore],
    took: _Took,
) -> ModelScores:
    retrievers = dict.fromkeys(answer.retriever for answer in answers)
    summaries = (
        _summary(
            job,
            scorer,
            questions,
            [answer for answer in answers if answer.retriever == retriever],
            [row for row in rows if row.retriever == retriever],
            took,
        )
        for retriever in retrievers
    )
    return ModelScores(
        name=job.name,
        dataset=job.dataset,
        task=job.task.kind,
        scorer=scorer.name,
        missing=job.missing,
        llm_provider=job.provider,
        model_id=job.model_id,
        local=job.local,
        size_b=job.size_b,
        summaries=tuple(summaries),
        correct=scorer.correct,
        example_scores=tuple(scorer.marks),
    )


def _summary(
    job: ScoreJob,
    scorer: Scorer,
    questions: Mapping[str, Question],
    answers: Sequence[Prediction],
    rows: Sequence[RowScore],
    took: _Took,
) -> Summary:
    joined = [row for row in rows if job.missing == "incorrect" or row.status != Status.MISSING]
    present = {answer.question_id for answer in answers if answer.status != Status.MISSING}
    statuses = Counter(answer.status for answer in answers)
    retriever = answers[0].retriever
    return Summary(
        retriever=retriever,
        num_questions=len(questions),
        repeats=max(answer.repeat for answer in answers),
        coverage=len(present) / len(questions),
        statuses={status.value: statuses[status] for status in Status},
        metrics=_metrics(scorer, questions, joined),
        outcomes=count_outcomes(joined),
        abstention_precision=abstention_precision(questions, joined),
        abstention_recall=abstention_recall(questions, joined),
        total_retries=sum(answer.retries for answer in answers),
        repeat_noise=repeat_noise([_metrics(scorer, questions, rows) for rows in _repeats(joined)]),
        control=retriever in job.controls,
        role=job.roles.get(retriever, ""),
        asked=len({answer.question_id for answer in answers}),
        **job.stops.get(entry_name(job.name, retriever), {}),
        expected_calibration_error=_calibration_error(answers, rows),
        **_resource_usage(answers, took),
    )


def _calibration_error(answers: Sequence[Prediction], rows: Sequence[RowScore]) -> float | None:
    """Over the rows that have both a confidence and an outcome."""
    return expected_calibration_error(
        [
            (answer.confidence, row.outcome == Outcome.RIGHT)
            for answer, row in zip(answers, rows, strict=True)
            if answer.confidence is not None and row.outcome is not None
        ]
    )


def _resource_usage(answers: Sequence[Prediction], took: _Took) -> dict[str, Any]:
    """What a summary says of time, tokens and cost."""
    seconds, generation = latencies(answers), generation_usage(answers)
    retrieval = took.retrieval.get(answers[0].retriever)
    whole = together([generation, retrieval]) if retrieval else generation
    a_second, timed = rate(answers, lambda _: 1)
    return {
        "avg_latency_seconds": mean(seconds),
        "p50_latency_seconds": percentile(seconds, 50),
        "p95_latency_seconds": percentile(seconds, 95),
        "latency_n": len(seconds),
        "seconds_per_answer": 1 / a_second if a_second else None,
        "items_per_second": a_second,
        "output_tokens_per_second": rate(answers, lambda row: row.completion_tokens)[0],
        "mean_concurrency": mean_concurrency(answers),
        "measured_alone": took.alone if timed else None,
        "total_time_seconds": whole.seconds,
        "input_tokens": whole.input_tokens,
        "output_tokens": whole.output_tokens,
        "estimated_cost_usd": whole.cost_usd,
        "generation": generation,
        "retrieval": retrieval or ResourceUsage(),
    }


def _repeats(rows: Sequence[RowScore]) -> list[list[RowScore]]:
    """The rows of each repeat, to be scored alone."""
    numbers = sorted({row.repeat for row in rows})
    return [[row for row in rows if row.repeat == number] for number in numbers]


def _metrics(
    scorer: Scorer, questions: Mapping[str, Question], rows: Sequence[RowScore]
) -> dict[str, Metric]:
    if not rows:
        return {name: Metric(None, 0, 0) for name in scorer.components}
    return scorer.summarize(questions, rows)


def _cells(row: RowScore) -> dict[str, object]:
    return {
        "question_id": row.question_id,
        "retriever": row.retriever,
        "repeat": row.repeat,
        "status": row.status.value,
        "outcome": row.outcome.value if row.outcome else "",
        **row.answer,
        **row.marks,
    }


def _published(scores: ModelScores, run: Mapping[str, Any]) -> dict[str, Any]:
    """The scores as plain JSON; each metric's value stands beside the counts under its name.

    `na_accuracy`, `overall_score` and `error_count` repeat numbers under the names that
    summaries of this benchmark are published with.
    """
    data = asdict(scores)
    for summary in data["summaries"]:
        values = {name: metric["value"] for name, metric in summary["metrics"].items()}
        summary.update(values)
        summary["overall_score"] = next(reversed(values.values()))
        noise = next(reversed(summary["repeat_noise"].values()), None)
        summary["overall_score_repeat_sd"] = noise["sd"] if noise else None
        if "na_recall" in values:
            summary["na_accuracy"] = values["na_recall"]
        summary["error_count"] = summary["statuses"][Status.FAILED]
    made_by = ("fingerprint", "seed", "prompt", "runs")
    data["made_by"] = {key: run[key] for key in made_by}
    return data
