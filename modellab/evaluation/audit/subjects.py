"""What is audited: each system with its scores, its run and counts of its predictions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from modellab.core.fingerprint import digest
from modellab.core.records import NO_ANSWER, Metric, RowScore, Status
from modellab.evaluation.audit.checks import address_a_judge
from modellab.evaluation.audit.records import AnswerCounts, Subject
from modellab.evaluation.compare.agreement import NONE, answer_grid
from modellab.evaluation.frame import Scores
from modellab.tasks import canonical_answer
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, ScorerOptions, additive_of, make_scorer

#: answers from which on it is no coincidence that all are the same
_FEWEST = 5


def subjects_of(
    scores: Scores,
    counts: Mapping[str, Mapping[str, AnswerCounts]],
    runs: Mapping[str, Mapping[str, Any]],
    task: TaskOptions,
    scorer: ScorerOptions,
) -> Iterator[Subject]:
    """All systems.

    Args:
        scores: The scores of the dataset.
        counts: By model, the `counts_by_retriever` of its predictions.
        runs: By model, the record of its run.
        task: The dataset's task.
        scorer: The dataset's scorer.
    """
    statuses = scores.rows.groupby(["system", "status"], observed=False).size().unstack()
    metrics = recomputed(scores, task, scorer)
    constants = only_answers(scores, canonical_answer(task.kind))
    for place, entry in enumerate(scores.entries):
        model, retriever = entry.model.name, entry.summary.retriever
        yield Subject(
            entry=entry,
            run=runs[model],
            counts=counts[model].get(retriever, AnswerCounts()),
            statuses={str(name): int(n) for name, n in statuses.iloc[place].items() if n},
            recomputed=metrics[place] if metrics else None,
            twins=twins_of(runs, model, retriever),
            only_answer=constants.get(entry.name),
        )


def only_answers(scores: Scores, canonical: CanonicalAnswer) -> dict[str, str]:
    """By system that gives one answer to all of several questions whose references differ: it.

    The answer is "" where the system abstains on all of them.
    """
    truths = np.array(
        [canonical.of({canonical.field: "", **q.reference}) for q in scores.questions]
    )
    found = {}
    for place, answers in enumerate(answer_grid(scores, canonical)):
        asked = answers != NONE
        if asked.sum() < _FEWEST or np.ptp(answers[asked]) or len(set(truths[asked])) == 1:
            continue
        name = scores.entries[place].name
        own = scores.first[scores.first["system"] == name]
        text = own[~own["status"].isin(NO_ANSWER)].iloc[0][canonical.field]
        found[name] = "" if canonical.is_blank({canonical.field: text}) else text
    return found


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


def counts_by_retriever(answers: pd.DataFrame) -> dict[str, AnswerCounts]:
    """From the predictions of one model; the fields of an answer are searched as one text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.large_string()
    fields = (pa.array(column, text) for _, column in answers.filter(like="answer.").items())
    texts = pc.binary_join_element_wise(*fields, pa.scalar("\n", text))
    measured = answers[["prompt_tokens", "completion_tokens", "cost_usd", "latency_seconds"]] > 0
    flags = pd.DataFrame(
        {
            "answered": ~answers["status"].isin((Status.FAILED, Status.MISSING)),
            "without_tokens": ~(measured["prompt_tokens"] & measured["completion_tokens"]),
            "priced": measured["cost_usd"],
            "finished": answers["finish_reason"].notna(),
            "truncated": answers["finish_reason"] == "length",
            "to_a_judge": address_a_judge(texts).to_numpy(zero_copy_only=False),
            "timed": measured["latency_seconds"],
        }
    )
    counts = {}
    for retriever, own in flags[flags["answered"]].groupby(answers["retriever"]):
        totals = {str(name): int(total) for name, total in own.sum().items()}
        names = answers["answered_as"][own.index].dropna()
        counts[str(retriever)] = AnswerCounts(**totals, answered_as=Counter(names))
    return counts


def recomputed(
    scores: Scores, task: TaskOptions, options: ScorerOptions
) -> list[dict[str, Metric]] | None:
    """The components of each system from its rows, computed in another way than the scores.

    Means are ratios of sums over the rows. The scorer itself gives what is no mean (an F1, a BLEU
    of all texts) and the value of a mean over zero rows. None where it needs an embedder.
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
        empty = {name for name, metric in metrics.items() if not metric.n_scored}
        if (others or empty) and own.any():
            # any one row shows what a mean over zero rows is
            needed = rows[own] if others else rows[own].head(1)
            again = scorer.summarize(questions, _row_scores(needed, task, scorer.marks))
            metrics |= {name: again[name] for name in others | empty}
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
