"""From predictions to a model's scores: one row per prediction, one summary per retriever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import stdev
from typing import TYPE_CHECKING, Any

from modellab.core.efficiency import mean, measured_alone, percentile, together
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
    RepeatNoise,
    ResourceUsage,
    RowScore,
    Status,
    Summary,
)
from modellab.evaluation.calibration import bins_of, expected_calibration_error
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import ROW_COLUMNS
from modellab.evaluation.compare.submissions import write_submissions
from modellab.evaluation.diagnostics.efficiency import (
    arrays,
    generation_usage,
    known,
    mean_concurrency,
    measures,
    rate,
)
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.generation.rounds import stops
from modellab.retrieval.contexts import read_retrieval
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions, make_scorer
from modellab.tasks.wattbot.rules import truth_as_cited

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ScoreJob:
    """One model on one dataset. `missing` ignore leaves missing rows out, incorrect counts them.

    `controls` are the retrievers with which the model is a reference point, `roles` are those of
    retrievers (see `Summary`). `round` is the file of the last round of adaptive evaluation.
    """

    model: str
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
    round: Path | None = None


def score_model(
    job: ScoreJob,
    questions: Path,
    predictions: Path,
    run: Path,
    rows: Path,
    summary: Path,
    chunks: Path | None = None,
    searches: Sequence[Path] = (),
    plans: Sequence[Path] = (),
    submissions: Path | None = None,
) -> None:
    """Write `rows` (CSV, a line per prediction) and `summary` (JSON, a summary per retriever).

    Args:
        job: The model and the rules.
        questions: The dataset.
        predictions: The model's answers.
        run: The record of how they were made.
        rows: See above.
        summary: See above.
        chunks: The dataset's corpus, for scorers that are fitted on its words.
        searches: The records of retrieval, see `read_retrieval`.
        plans: The query plans of retrievers that have any.
        submissions: A folder for the answers as files for other programs.
    """
    made_by = read_json(run)
    by_id = {question.id: question for question in read_rows(questions, Question)}
    answers = read_rows(predictions, Prediction)
    passages = [chunk.text for chunk in read_rows(chunks, Chunk)] if chunks else []
    material = Material(list(by_id.values()), answers, passages, job.seed)
    scorer = make_scorer(job.scorer, job.task, material)
    scored = [scored_row(scorer, by_id[answer.question_id], answer) for answer in answers]
    fields, retrieval = job.task.fields, read_retrieval(searches, plans)
    usage = {
        str(name): _resource_usage(own, retrieval.get(str(name)), measured_alone(made_by))
        for name, own in measures(read_prediction_frame(predictions, fields)).groupby("retriever")
    }
    scores = _model_scores(job, scorer, by_id, answers, scored, usage)
    write_csv(rows, [*ROW_COLUMNS, *fields, *scorer.marks], map(_cells, scored))
    write_json(summary, _published(scores, made_by))
    if submissions:
        write_submissions(submissions, list(by_id.values()), answers, fields)


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
    usage: Mapping[str, Mapping[str, Any]],
) -> ModelScores:
    summaries, stopped = [], stops(job.round)
    for retriever in dict.fromkeys(answer.retriever for answer in answers):
        own = [answer for answer in answers if answer.retriever == retriever]
        scored = [row for row in rows if row.retriever == retriever]
        more = {**usage[retriever], **stopped.get(entry_name(job.model, retriever), {})}
        summaries.append(_summary(job, scorer, questions, own, scored, more))
    return ModelScores(
        name=job.model,
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
    more: Mapping[str, Any],
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
        repeat_noise=repeat_noise([_metrics(scorer, questions, part) for part in _repeats(joined)]),
        control=retriever in job.controls,
        role=job.roles.get(retriever, ""),
        asked=len({answer.question_id for answer in answers}),
        expected_calibration_error=_calibration_error(answers, rows),
        verbatim=sum(_is_reference(questions[answer.question_id], answer) for answer in answers),
        **more,
    )


def _is_reference(question: Question, answer: Prediction) -> bool:
    """Whether the answer is the reference, letter by letter in all fields that both have."""
    if question.unanswerable:
        return answer.status == Status.ABSTAINED
    shared = answer.answer.keys() & question.reference.keys()
    return bool(shared) and all(answer.answer[name] == question.reference[name] for name in shared)


def _calibration_error(answers: Sequence[Prediction], rows: Sequence[RowScore]) -> float | None:
    """Over the rows with a confidence and an outcome."""
    known = [
        (answer.confidence, row.outcome == Outcome.RIGHT)
        for answer, row in zip(answers, rows, strict=True)
        if answer.confidence is not None and row.outcome is not None
    ]
    return expected_calibration_error(bins_of(*zip(*known, strict=True))) if known else None


def _resource_usage(
    measured: pd.DataFrame, retrieval: ResourceUsage | None, alone: bool | None
) -> dict[str, Any]:
    """The fields of a summary about time, tokens and cost; `measured` is one of `measures`."""
    asked, generation = arrays(measured[measured["asked"]]), generation_usage(measured)
    seconds = known(asked["latency_seconds"][asked["text"]])
    whole = together([generation, retrieval]) if retrieval else generation
    a_second, timed = rate(asked, asked["text"].astype(float))
    return {
        "avg_latency_seconds": mean(seconds),
        "p50_latency_seconds": percentile(seconds, 50),
        "p95_latency_seconds": percentile(seconds, 95),
        "latency_n": len(seconds),
        "seconds_per_answer": 1 / a_second if a_second else None,
        "items_per_second": a_second,
        "output_tokens_per_second": rate(asked, asked["completion_tokens"])[0],
        "mean_concurrency": mean_concurrency(asked),
        "measured_alone": alone if timed else None,
        "total_time_seconds": whole.seconds,
        "input_tokens": whole.input_tokens,
        "output_tokens": whole.output_tokens,
        "estimated_cost_usd": whole.cost_usd,
        "generation": generation,
        "retrieval": retrieval or ResourceUsage(),
    }


def _repeats(rows: Sequence[RowScore]) -> list[list[RowScore]]:
    numbers = sorted({row.repeat for row in rows})
    return [[row for row in rows if row.repeat == number] for number in numbers]


def repeat_noise(repeats: Sequence[Mapping[str, Metric]]) -> dict[str, RepeatNoise]:
    """Per metric the spread of its values over the repeats, each scored alone.

    Repeats without a value are left out; fewer than two values have no spread.
    """
    found = {}
    for name in dict.fromkeys(name for metrics in repeats for name in metrics):
        known = [value for one in repeats if (value := one[name].value) is not None]
        some = len(known) > 1
        found[name] = RepeatNoise(
            stdev(known) if some else None, max(known) - min(known) if some else None, len(known)
        )
    return found


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
    """The scores as plain JSON, with the value of each metric under its name.

    `na_accuracy`, `overall_score` and `error_count` repeat numbers under the names that are used
    in published summaries of this benchmark.
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
