"""Reading what is audited: the scores of all models, and their predictions one at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modellab.core.fingerprint import digest
from modellab.core.io.jsonl import read_json
from modellab.core.records import Metric, RowScore, Status
from modellab.evaluation.audit.checks import Counts, Subject, address_a_judge
from modellab.evaluation.frame import Scores
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, ScorerOptions, additive_of, make_scorer


def read_subjects(
    scores: Scores,
    predictions: Sequence[Path],
    runs: Sequence[Path],
    task: TaskOptions,
    scorer: ScorerOptions,
) -> Iterator[Subject]:
    """All systems; the files are in the order of the models."""
    names = [model.name for model in scores.models]
    made_by = dict(zip(names, map(read_json, runs), strict=True))
    answers_of = dict(zip(names, predictions, strict=True))
    counts = scores.rows.groupby(["system", "status"], observed=False).size().unstack()
    metrics = recomputed(scores, task, scorer)
    fields = task.fields
    for model, own in groupby(enumerate(scores.entries), lambda entry: entry[1].model.name):
        answers = read_prediction_frame(answers_of[model], fields)
        for place, entry in own:
            retriever = entry.summary.retriever
            yield Subject(
                entry=entry,
                run=made_by[model],
                counts=_counts(answers[answers["retriever"] == retriever]),
                statuses={str(name): int(n) for name, n in counts.iloc[place].items() if n},
                recomputed=metrics[place] if metrics else None,
                twins=twins_of(made_by, model, retriever),
            )


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
    """Of one system; the fields of an answer are read as one text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    own = answers[~answers["status"].isin((Status.FAILED, Status.MISSING))]
    text = pa.large_string()
    fields = (pa.array(own[name], text) for name in own.filter(like="answer."))
    texts = pc.binary_join_element_wise(*fields, pa.scalar("\n", text))
    read, written = own["prompt_tokens"] > 0, own["completion_tokens"] > 0
    numbers = {
        "answered": len(own),
        "without_tokens": (~(read & written)).sum(),
        "priced": (own["cost_usd"] > 0).sum(),
        "finished": own["finish_reason"].notna().sum(),
        "truncated": (own["finish_reason"] == "length").sum(),
        "to_a_judge": pc.sum(address_a_judge(texts)).as_py() or 0,
        "timed": (own["latency_seconds"] > 0).sum(),
    }
    return Counts(
        **{name: int(number) for name, number in numbers.items()},
        answered_as=Counter(own["answered_as"].dropna()),
    )


def recomputed(
    scores: Scores, task: TaskOptions, options: ScorerOptions
) -> list[dict[str, Metric]] | None:
    """The components of each system from its rows, by another way than that of the scores.

    Means are ratios of sums over the rows; what is no mean (an F1, a BLEU of all texts) is summed
    up by the scorer again. None where the scorer needs an embedder.
    """
    if options.embedder_name():
        return None
    scorer = make_scorer(options, task, Material([], []))
    additive = additive_of(options, task, dict.fromkeys(scores.rows.columns))
    questions = {question.id: question for question in scores.questions}
    rows, others = scores.counted, set(scorer.components).difference(additive.means)
    parts, places = additive.parts(scores.questions, rows), rows["system"].cat.codes.to_numpy()
    found = []
    for place in range(len(scores.entries)):
        own = places == place
        # exact, so that the order of the rows does not matter
        sums = np.array([math.fsum(column) for column in parts[own].T])
        means = additive.combine(sums)
        metrics = {
            name: Metric(
                None if np.isnan(means[name]) else float(means[name]), int(sums[t[0].below])
            )
            for name, t in additive.means.items()
        }
        if others and own.any():
            again = scorer.summarize(questions, _row_scores(rows[own], task, scorer.marks))
            metrics |= {name: again[name] for name in others}
        found.append(dict.fromkeys(others, Metric(None, 0)) | metrics)
    return found


def _row_scores(rows: pd.DataFrame, task: TaskOptions, marks: Sequence[str]) -> list[RowScore]:
    fields = task.fields
    known = rows[list(marks)].astype(object)
    return [
        RowScore(
            *(question, retriever, repeat, Status(status)),
            dict(zip(fields, answer, strict=True)),
            dict(zip(marks, own, strict=True)),
        )
        for question, retriever, repeat, status, answer, own in zip(
            *(rows[name].tolist() for name in ("question_id", "retriever", "repeat", "status")),
            rows[list(fields)].to_numpy().tolist(),
            known.where(known.notna(), None).to_numpy().tolist(),
            strict=True,
        )
    ]
