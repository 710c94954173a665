"""How well each system labels: all in all, label by label, tag by tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from modellab.core.efficiency import latencies, mean
from modellab.core.records import Metric, Question
from modellab.evaluation.labels.answers import LabelSystem
from modellab.tasks.label.scoring.counts import Counts
from modellab.tasks.label.scoring.scorer import LabelScorer

Row = dict[str, object]
SCORE_COLUMNS = (
    *("model", "retriever", "kind", "name"),
    *("accuracy", "precision", "recall", "f1", "specificity"),
    *("support", "tp", "fp", "fn", "tn", "unread", "n_scored", "n_failed"),
    *("parse_rate", "avg_latency_seconds"),
)
CONFUSION_COLUMNS = ("model", "retriever", "true", "given", "count")
#: what stands in the place of a label that could not be read
UNREAD = "(none)"
_SHARES = ("accuracy", "precision", "recall", "f1", "specificity")


def score_rows(
    scorer: LabelScorer, questions: Mapping[str, Question], systems: Sequence[LabelSystem]
) -> list[Row]:
    """Per system a row for all labels together, then one per label and per tag.

    `fn` counts texts whose label was read as another, `unread` those without a readable label,
    which count as wrong (not for precision).
    """
    return [row for system in systems for row in _system_rows(scorer, questions, system)]


def confusion_rows(
    scorer: LabelScorer, questions: Mapping[str, Question], systems: Sequence[LabelSystem]
) -> list[Row]:
    """Per system: how often each true label was given as each label, also where never."""
    return [
        {
            "model": system.model,
            "retriever": system.retriever,
            "true": true,
            "given": given,
            "count": counts[true, given],
        }
        for system in systems
        for counts in [_confusion(scorer, questions, system)]
        for true in scorer.task.labels
        for given in (*scorer.task.labels, UNREAD)
    ]


def _confusion(
    scorer: LabelScorer, questions: Mapping[str, Question], system: LabelSystem
) -> Counter[tuple[str, str]]:
    pairs = (scorer.pair(questions[row.question_id], row) for row in system.rows)
    return Counter((pair.true, pair.given or UNREAD) for pair in pairs if pair is not None)


def _system_rows(
    scorer: LabelScorer, questions: Mapping[str, Question], system: LabelSystem
) -> Iterator[Row]:
    rows = [scorer.score(questions[row.question_id], row) for row in system.rows]
    metrics = scorer.summarize(questions, rows)
    about = {"model": system.model, "retriever": system.retriever}
    yield {
        **about,
        "kind": "all",
        "name": scorer.task.positive or "",
        **{name: metrics[name].value for name in _SHARES},
        "n_scored": metrics["accuracy"].n_scored,
        "n_failed": metrics["accuracy"].n_failed,
        "parse_rate": metrics["parse_rate"].value,
        "avg_latency_seconds": mean(latencies(system.rows)),
    }
    for name, counts in scorer.label_counts(questions, rows).items():
        yield {**about, "kind": "label", "name": name, **_cells(counts)}
    for name, counts in scorer.tag_counts(questions, rows).items():
        yield {**about, "kind": "tag", "name": name, **_cells(counts)}


def _cells(counts: Counts) -> Row:
    shares: dict[str, Metric] = {name: getattr(counts, name) for name in _SHARES}
    return {
        **{name: metric.value for name, metric in shares.items()},
        "support": counts.support,
        "tp": counts.tp,
        "fp": counts.fp,
        "fn": counts.fn,
        "tn": counts.tn,
        "unread": counts.unread,
        "n_scored": counts.support + counts.negatives,
        "n_failed": counts.unread,
    }
