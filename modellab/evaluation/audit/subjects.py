"""Reading what is audited: one model at a time, one subject per retriever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from modellab.core.fingerprint import digest
from modellab.core.io.frames import FLOAT, INT, read_frame
from modellab.core.io.jsonl import read_json
from modellab.core.records import Metric, Question, RowScore, Status
from modellab.evaluation.audit.checks import Counts, Subject, addresses_a_judge
from modellab.evaluation.compare.entries import Entry
from modellab.evaluation.compare.score_files import ROW_COLUMNS, read_scores
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.tasks.metrics import make_scorer
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

_STATUSES = {status.value: status for status in Status}


@dataclass(frozen=True)
class ModelFiles:
    """The files of one model."""

    summary: Path
    rows: Path
    predictions: Path
    run: Path


def read_subjects(
    models: Sequence[ModelFiles],
    questions: Mapping[str, Question],
    fields: Sequence[str],
    scorer: Scorer | None,
) -> Iterator[Subject]:
    """All systems in the order of the models; with a scorer their scores are recomputed.

    `fields` are those of the task's answers.
    """
    runs = {files.summary.stem: read_json(files.run) for files in models}
    for files in models:
        scores = read_scores(files.summary)
        answers = read_prediction_frame(files.predictions, fields)
        types = {"repeat": INT, **dict.fromkeys(scores.example_scores, FLOAT)}
        rows = read_frame(files.rows, types, ROW_COLUMNS)
        for summary in scores.summaries:
            own = rows[rows["retriever"] == summary.retriever]
            ignored = Status.MISSING if scores.missing == "ignore" else None
            counted = own[own["status"] != ignored]
            yield Subject(
                entry=Entry(scores, summary),
                run=runs[scores.name],
                counts=_counts(answers[answers["retriever"] == summary.retriever]),
                statuses=Counter(own["status"]),
                recomputed=_recomputed(scorer, questions, counted, fields) if scorer else None,
                twins=twins_of(runs, scores.name, summary.retriever),
            )


def scorer_of_rows(options: ScorerOptions, task: TaskOptions) -> Scorer | None:
    """The scorer, to sum up rows again; None where it needs an embedder for that."""
    return None if options.embedder_name() else make_scorer(options, task, Material([], []))


def twins_of(runs: Mapping[str, Mapping[str, Any]], name: str, retriever: str) -> tuple[str, ...]:
    """The other models (records of runs by model) that are asked the same in the same way."""
    return tuple(
        other
        for other, run in runs.items()
        if other != name and retriever in run["retrievers"] and _key(run) == _key(runs[name])
    )


def _key(run: Mapping[str, Any]) -> str:
    """Digest of all that decides the answers to the same contexts."""
    return digest(
        {
            "fingerprint": run["fingerprint"],
            "seed": run.get("seed"),
            "prompt": (run.get("prompt") or {}).get("sha256"),
            "retry_on_abstain": run["options"].get("retry_on_abstain", 0),
        }
    )


def _counts(answers: pd.DataFrame) -> Counts:
    """Of one system; texts are read by the pattern of `addresses_a_judge` once each."""
    own = answers[~answers["status"].isin((Status.FAILED, Status.MISSING))]
    to_a_judge = pd.Series(data=False, index=own.index)
    for name in own.filter(like="answer."):
        found = {text: addresses_a_judge(text) for text in own[name].unique()}
        to_a_judge |= own[name].map(found).astype(bool)
    read, written = own["prompt_tokens"] > 0, own["completion_tokens"] > 0
    numbers = {
        "answered": len(own),
        "without_tokens": (~(read & written)).sum(),
        "priced": (own["cost_usd"] > 0).sum(),
        "finished": own["finish_reason"].notna().sum(),
        "truncated": (own["finish_reason"] == "length").sum(),
        "to_a_judge": to_a_judge.sum(),
        "timed": (own["latency_seconds"] > 0).sum(),
    }
    return Counts(
        **{name: int(number) for name, number in numbers.items()},
        answered_as=Counter(own["answered_as"].dropna()),
    )


def _recomputed(
    scorer: Scorer, questions: Mapping[str, Question], rows: pd.DataFrame, fields: Sequence[str]
) -> Mapping[str, Metric]:
    if rows.empty:
        return {name: Metric(None, 0, 0) for name in scorer.components}
    marks = rows[list(scorer.marks)].astype(object)
    scored = [
        RowScore(
            *(name, retriever, repeat, _STATUSES[status]),
            dict(zip(fields, answer, strict=True)),
            dict(zip(scorer.marks, own, strict=True)),
        )
        for name, retriever, repeat, status, answer, own in zip(
            *(rows[name] for name in ("question_id", "retriever", "repeat", "status")),
            rows[list(fields)].to_numpy().tolist(),
            marks.where(marks.notna(), None).to_numpy().tolist(),
            strict=True,
        )
    ]
    return scorer.summarize(questions, scored)
