"""Reading what is audited: one model at a time, one subject per retriever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json, read_json_rows
from modellab.core.records import Metric, Question, RowScore, Status
from modellab.evaluation.audit.checks import Counts, Subject, addresses_a_judge
from modellab.evaluation.compare.entries import Entry
from modellab.evaluation.compare.score_files import ROW_COLUMNS, read_scores
from modellab.tasks.metrics import make_scorer
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

Row = Mapping[str, str]


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
    scorer: Scorer | None,
) -> Iterator[Subject]:
    """All systems in the order of the models; with a scorer their scores are recomputed."""
    runs = {files.summary.stem: read_json(files.run) for files in models}
    for files in models:
        scores = read_scores(files.summary)
        counts = _counts(read_json_rows(files.predictions))
        rows = read_csv(files.rows, ROW_COLUMNS).rows
        for summary in scores.summaries:
            own = [row for row in rows if row["retriever"] == summary.retriever]
            ignored = Status.MISSING if scores.missing == "ignore" else None
            counted = [row for row in own if row["status"] != ignored]
            yield Subject(
                entry=Entry(scores, summary),
                run=runs[scores.name],
                counts=counts.get(summary.retriever, Counts()),
                statuses=Counter(row["status"] for row in own),
                recomputed=_recomputed(scorer, questions, counted) if scorer else None,
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


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, Counts]:
    """By retriever."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        count = found.setdefault(row["retriever"], Counter())
        if row["status"] in (Status.FAILED, Status.MISSING):
            continue
        count["answered"] += 1
        count["without_tokens"] += not (row["prompt_tokens"] and row["completion_tokens"])
        count["priced"] += bool(row["cost_usd"])
        count["finished"] += row["finish_reason"] is not None
        count["truncated"] += row["finish_reason"] == "length"
        count["to_a_judge"] += any(addresses_a_judge(str(text)) for text in row["answer"].values())
        count["timed"] += bool(row["latency_seconds"])
    return {retriever: Counts(**count) for retriever, count in found.items()}


def _recomputed(
    scorer: Scorer, questions: Mapping[str, Question], rows: Sequence[Row]
) -> Mapping[str, Metric]:
    if not rows:
        return {name: Metric(None, 0, 0) for name in scorer.components}
    scored = [
        RowScore(
            question_id=row["question_id"],
            retriever=row["retriever"],
            repeat=int(row["repeat"]),
            status=Status(row["status"]),
            answer=row,
            marks={name: float(row[name]) if row[name] else None for name in scorer.marks},
        )
        for row in rows
    ]
    return scorer.summarize(questions, scored)
