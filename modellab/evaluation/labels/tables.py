"""How well each system labels, and all systems side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from modellab.core.efficiency import latencies, mean
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.evaluation.labels.agreement import agreement_table
from modellab.tasks.label.counts import Counts
from modellab.tasks.label.scorer import LabelScorer
from modellab.tasks.label.task import LabelOptions

_SHARES = ("accuracy", "precision", "recall", "f1", "specificity")
_COUNTS = ("support", "tp", "fp", "fn", "tn", "unread")
SCORE_COLUMNS = (
    *("model", "retriever", "kind", "name", *_SHARES, *_COUNTS, "n_scored", "n_failed"),
    *("parse_rate", "avg_latency_seconds"),
)
#: in place of a label that could not be read
UNREAD = "(none)"
#: by column of the wide table: the field of the answer
_FIELDS = {
    "flag": "label",
    "reasoning": "reasoning",
    "tags": "tags",
    "recommendation": "recommendation",
}


@dataclass(frozen=True)
class LabelSystem:
    """One model with one retriever; `rows` are its predictions of all repeats.

    `name` is the model's, with the retriever only where the model has more than one. An ensemble
    gives the labels of others: it has no vote where votes are counted.
    """

    name: str
    model: str
    retriever: str
    rows: tuple[Prediction, ...]
    votes: bool = True

    def first(self) -> dict[str, Prediction]:
        """By question: the prediction of the first repeat."""
        return {row.question_id: row for row in self.rows if row.repeat == FIRST_REPEAT}


@dataclass(frozen=True)
class LabelTables:
    """Where the tables go."""

    wide: Path
    scores: Path
    confusion: Path
    agreement: Path


def write_label_tables(
    scorer: LabelScorer,
    questions: Path,
    predictions: Mapping[str, Path],
    out: LabelTables,
    ensembles: Collection[str] = (),
) -> None:
    """Write all tables; `predictions` are files by model, in the order of the columns.

    `ensembles` are the models whose labels are those of others.
    """
    asked = read_rows(questions, Question)
    by_id = {question.id: question for question in asked}
    rows_of = {model: read_rows(path, Prediction) for model, path in predictions.items()}
    systems = label_systems(rows_of, ensembles)
    texts = [one for one in asked if one.text.strip()]
    given = labels_given(texts, systems)
    voting = [system.name for system in systems if system.votes]
    write_frame(out.wide, wide_table(scorer.task, asked, systems))
    write_frame(out.scores, score_table(scorer, by_id, systems))
    write_frame(out.confusion, confusion_table(scorer, by_id, systems))
    write_frame(
        out.agreement, agreement_table(scorer.task.labels, given, voting, true_labels(texts))
    )


def label_systems(
    predictions: Mapping[str, Sequence[Prediction]], ensembles: Collection[str] = ()
) -> list[LabelSystem]:
    """The systems of all models (predictions by model), in the order given."""
    return [
        LabelSystem(
            name=model if len(retrievers) == 1 else f"{model}@{retriever}",
            model=model,
            retriever=retriever,
            rows=tuple(row for row in rows if row.retriever == retriever),
            votes=model not in ensembles,
        )
        for model, rows in predictions.items()
        for retrievers in [list(dict.fromkeys(row.retriever for row in rows))]
        for retriever in retrievers
    ]


def labels_given(questions: Sequence[Question], systems: Sequence[LabelSystem]) -> pd.DataFrame:
    """(questions, systems): the label of the first repeat, None where none could be read."""
    found = {
        system.name: {
            name: row.answer["label"]
            for name, row in system.first().items()
            if row.status == Status.ANSWERED
        }
        for system in systems
    }
    index = [question.id for question in questions]
    cells = {name: [labels.get(one) for one in index] for name, labels in found.items()}
    return pd.DataFrame(cells, index=index, dtype=object)


def true_labels(questions: Sequence[Question]) -> pd.Series[str]:
    """By question its true label, where it has one."""
    found = {one.id: one.truth["label"] for one in questions if one.truth.get("label")}
    return pd.Series(found, dtype=object)


def wide_table(
    task: LabelOptions, questions: Sequence[Question], systems: Sequence[LabelSystem]
) -> pd.DataFrame:
    """One row per text, in order; what is missing is None.

    Per system: `<column>_processed_<system>` is the raw text that came, `ai_<system>_flag` the
    label, then `_reasoning`, `_tags` (a JSON list), `_recommendation` and `_status`. With two
    systems or more, `ai_majority_flag` is the label that most of them gave, of a tie the first in
    the task's list; ensembles, which repeat others, do not count.
    """
    about = [
        {"id": one.id, task.column: one.text or None, **one.given}
        | {f"true_{name}": value for name, value in one.truth.items()}
        for one in questions
    ]
    table = frame_of(about, list(dict.fromkeys(name for row in about for name in row)))
    for system in systems:
        first = system.first()
        rows = [first.get(question.id) for question in questions]
        raw = [row.raw if row else None for row in rows]
        table[f"{task.column}_processed_{system.name}"] = pd.Series(raw, dtype=object)
        for column, field in _FIELDS.items():
            cells = [(row.answer.get(field) or None) if row else None for row in rows]
            table[f"ai_{system.name}_{column}"] = pd.Series(cells, dtype=object)
        statuses = [(row.status if row else Status.MISSING).value for row in rows]
        table[f"ai_{system.name}_status"] = statuses
    voting = [system for system in systems if system.votes]
    if len(voting) > 1:
        flags = majority(task, labels_given(questions, voting))
        table["ai_majority_flag"] = pd.Series(list(flags), dtype=object)
    return table


def majority(task: LabelOptions, votes: pd.DataFrame) -> pd.Series[str]:
    """By row the label with most votes; a tie goes to the first in the task's list."""
    counts = pd.DataFrame({label: (votes == label).sum(axis=1) for label in task.labels})
    return counts.idxmax(axis=1).astype(object).where(counts.any(axis=1), None)


def score_table(
    scorer: LabelScorer, questions: Mapping[str, Question], systems: Sequence[LabelSystem]
) -> pd.DataFrame:
    """Per system a row for all labels together, then one per label and per tag.

    `fn` counts texts whose label was read as another, `unread` those without a readable label,
    which count as wrong (not for precision).
    """
    rows = [row for system in systems for row in _scored(scorer, questions, system)]
    return frame_of(rows, SCORE_COLUMNS)


def _scored(
    scorer: LabelScorer, questions: Mapping[str, Question], system: LabelSystem
) -> Iterator[dict[str, object]]:
    rows = [scorer.score(questions[row.question_id], row) for row in system.rows]
    metrics = scorer.summarize(questions, rows)
    about = {"model": system.model, "retriever": system.retriever}
    yield {
        **about,
        "kind": "all",
        "name": scorer.task.positive or "",
        **{name: metrics[name].value for name in (*_SHARES, "parse_rate")},
        "n_scored": metrics["accuracy"].n_scored,
        "n_failed": metrics["accuracy"].n_failed,
        "avg_latency_seconds": mean(latencies(system.rows)),
    }
    for kind, found in (
        ("label", scorer.label_counts(questions, rows)),
        ("tag", scorer.tag_counts(questions, rows)),
    ):
        for name, counts in found.items():
            yield {**about, "kind": kind, "name": name, **_cells(counts)}


def _cells(counts: Counts) -> dict[str, object]:
    return {
        **{name: counts.metric(name).value for name in _SHARES},
        **{name: getattr(counts, name) for name in _COUNTS},
        "n_scored": counts.support + counts.negatives,
        "n_failed": counts.unread,
    }


def confusion_table(
    scorer: LabelScorer, questions: Mapping[str, Question], systems: Sequence[LabelSystem]
) -> pd.DataFrame:
    """Per system: how often each true label was given as each label, also where never."""
    found = []
    for system in systems:
        pairs = (scorer.pair(questions[row.question_id], row) for row in system.rows)
        counts = Counter((pair.true, pair.given or UNREAD) for pair in pairs if pair is not None)
        for cell in product(scorer.task.labels, (*scorer.task.labels, UNREAD)):
            found.append((system.model, system.retriever, *cell, counts[cell]))
    return pd.DataFrame(found, columns=["model", "retriever", "true", "given", "count"])
