"""Tables about labels: all systems side by side, scores by label, confusion, agreement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from modellab.core.efficiency import UNTIMED, mean
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Question, Status
from modellab.evaluation.compare.score_files import FIRST_REPEAT, read_scores
from modellab.evaluation.label_agreement import agreement_table
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.judging.meta_evaluation.scores import production_table
from modellab.tasks.label.scorer import READ, Counts, LabelScorer, LabelScorerOptions, parse_rate
from modellab.tasks.label.task import FIELDS, LabelOptions, read_tags
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material

_SHARES = ("accuracy", "precision", "recall", "f1", "specificity")
_COUNTS = ("support", "tp", "fp", "fn", "tn", "unread")
SCORE_COLUMNS = (
    *("model", "retriever", "kind", "name", *_SHARES, *_COUNTS, "n_scored", "n_failed"),
    *("parse_rate", "avg_latency_seconds"),
)
#: in place of a label that could not be read
UNREAD = "(none)"
#: by field of the answer: the column of the wide table
_WIDE = {**{name: name for name in FIELDS}, "label": "flag"}
_SYSTEM = ["model", "retriever"]


@dataclass(frozen=True)
class LabelTables:
    """Where the tables go."""

    wide: Path
    scores: Path
    confusion: Path
    agreement: Path


def write_label_tables(
    task: TaskOptions,
    scorer: LabelScorerOptions,
    questions: Path,
    predictions: Mapping[str, Path],
    files: LabelTables,
    ensembles: Collection[str] = (),
) -> None:
    """Write all tables; `predictions` are files by model, in the order of the columns.

    `ensembles` are the models that repeat the labels of others.
    """
    rules, asked = scorer.make(task, Material((), ())), read_rows(questions, Question)
    answers = with_truth(rules, asked, read_labels(predictions, ensembles))
    texts = [one for one in asked if one.text.strip()]
    voting = list(answers.loc[answers["votes"], "system"].unique())
    agreement = agreement_table(side_by_side(texts, answers, "given"), voting, true_labels(texts))
    write_frame(files.wide, wide_table(rules.task, asked, answers))
    write_frame(files.scores, score_table(rules, answers))
    write_frame(files.confusion, confusion_table(rules.task, answers))
    write_frame(files.agreement, agreement)


def write_production_judges(summaries: Sequence[Path], out: Path) -> None:
    """The models of a label dataset as production judges, best F1 first."""
    write_frame(out, production_table([read_scores(path) for path in summaries]))


def read_labels(predictions: Mapping[str, Path], ensembles: Collection[str] = ()) -> pd.DataFrame:
    """One row per prediction of all models (files by model), in the order given.

    A `system` is named by its model, with the retriever only where the model has more than one. An
    ensemble repeats the labels of others: it has no vote (`votes`). The fields of the answer are
    missing where they are empty; `given` is the label, missing where none could be read.
    """
    parts = []
    for model, path in predictions.items():
        rows = read_prediction_frame(path, FIELDS, also=["raw"])
        several = rows["retriever"].nunique() > 1
        fields = {name: rows[f"answer.{name}"].replace("", None) for name in FIELDS}
        parts.append(
            rows[["question_id", "retriever", "repeat", "status", "raw", "latency_seconds"]].assign(
                **fields,
                system=f"{model}@" + rows["retriever"] if several else model,
                model=model,
                votes=model not in ensembles,
                given=fields["label"].where(rows["status"] == Status.ANSWERED),
            )
        )
    return pd.concat(parts, ignore_index=True)


def side_by_side(questions: Sequence[Question], answers: pd.DataFrame, column: str) -> pd.DataFrame:
    """(questions, systems): the cell of the first repeat; None where there is none."""
    first = answers[answers["repeat"] == FIRST_REPEAT]
    cells = first.pivot(index="question_id", columns="system", values=column)
    cells = cells.reindex([one.id for one in questions], columns=answers["system"].unique())
    return cells.astype(object).where(cells.notna(), None)


def true_labels(questions: Sequence[Question]) -> pd.Series[str]:
    """By question its true label, where it has one."""
    found = {one.id: one.reference["label"] for one in questions if one.reference.get("label")}
    return pd.Series(found, dtype=object)


def wide_table(
    task: LabelOptions, questions: Sequence[Question], answers: pd.DataFrame
) -> pd.DataFrame:
    """One row per text, in order; what is missing is None.

    Per system: `<column>_processed_<system>` is the raw reply, `ai_<system>_flag` the label, then
    `_reasoning`, `_tags` (a JSON list), `_recommendation` and `_status`. With two systems or more,
    `ai_majority_flag` is the label that most of them gave, of a tie the first in the task's list;
    ensembles do not count.
    """
    about = [
        {"id": one.id, task.column: one.text or None, **one.inputs}
        | {f"true_{name}": value for name, value in one.reference.items()}
        for one in questions
    ]
    table = frame_of(about, list(dict.fromkeys(name for row in about for name in row)))
    cells = {name: side_by_side(questions, answers, name) for name in ("raw", *_WIDE, "status")}
    columns = {}
    for system in answers["system"].unique():
        columns[f"{task.column}_processed_{system}"] = cells["raw"][system]
        for field, name in _WIDE.items():
            columns[f"ai_{system}_{name}"] = cells[field][system]
        columns[f"ai_{system}_status"] = cells["status"][system].fillna(Status.MISSING.value)
    voting = answers[answers["votes"]]
    if voting["system"].nunique() > 1:
        columns["ai_majority_flag"] = majority(task, side_by_side(questions, voting, "given"))
    return pd.concat([table, pd.DataFrame(columns).reset_index(drop=True)], axis=1)


def majority(task: LabelOptions, votes: pd.DataFrame) -> pd.Series[str]:
    """By row the label with most votes; a tie goes to the first in the task's list."""
    counts = pd.DataFrame({label: (votes == label).sum(axis=1) for label in task.labels})
    return counts.idxmax(axis=1).astype(object).where(counts.any(axis=1), None)


def with_truth(
    scorer: LabelScorer, questions: Sequence[Question], answers: pd.DataFrame
) -> pd.DataFrame:
    """The answers with the `true` label and the `true_tags` of their question."""
    labels = {one.id: scorer.true_label(one) for one in questions}
    tags = {one.id: scorer.true_tags(one) for one in questions}
    names = answers["question_id"]
    return answers.assign(true=names.map(labels), true_tags=names.map(tags))


def score_table(scorer: LabelScorer, answers: pd.DataFrame) -> pd.DataFrame:
    """Per system a row for all labels together, then one per label and per tag.

    `answers` have their truth. `fn` counts texts whose label was read as another, `unread` those
    without a readable label, which count as wrong (not for precision).
    """
    rows = [
        {**dict(zip(_SYSTEM, system, strict=True)), **row}
        for system, own in answers.groupby(_SYSTEM, sort=False)
        for row in _scored(scorer, own)
    ]
    return frame_of(rows, SCORE_COLUMNS)


def _scored(scorer: LabelScorer, answers: pd.DataFrame) -> Iterator[dict[str, object]]:
    """The rows of one system."""
    known = answers[answers["true"].notna()]
    true, given = known["true"], known["given"]
    labels = {
        name: _counts(true == name, given == name, given.isna()) for name in scorer.task.labels
    }
    choices = scorer.choices(labels)
    yield {
        "kind": "all",
        "name": scorer.task.positive or "",
        **{name: metric.value for name, metric in choices.items()},
        "n_scored": choices["accuracy"].n_scored,
        "n_failed": choices["accuracy"].n_failed,
        "parse_rate": parse_rate(answers["status"]).value,
        "avg_latency_seconds": mean(
            answers.loc[~answers["status"].isin(UNTIMED), "latency_seconds"].dropna().tolist()
        ),
    }
    known = answers[answers["true_tags"].notna()]
    texts = known["tags"].fillna("")
    read = texts.map({text: read_tags(text) for text in texts.unique()})
    given = read.where(known["status"].isin(READ))
    tags = {
        tag: _counts(_with(known["true_tags"], tag), _with(given, tag), given.isna())
        for tag in scorer.task.tags
    }
    for kind, found in (("label", labels), ("tag", tags)):
        for name, counts in found.items():
            yield {
                "kind": kind,
                "name": name,
                **{share: counts.metric(share).value for share in _SHARES},
                **{count: getattr(counts, count) for count in _COUNTS},
                "n_scored": counts.support + counts.negatives,
                "n_failed": counts.unread,
            }


def _with(lists: pd.Series[Any], tag: str) -> pd.Series[bool]:
    return pd.Series(
        [isinstance(one, Collection) and tag in one for one in lists], lists.index, dtype=bool
    )


def _counts(true: pd.Series[bool], given: pd.Series[bool], unread: pd.Series[bool]) -> Counts:
    """Of rows that truly have a label, that were given it, and that have no readable label."""
    other = ~given & ~unread
    cells = (
        true & given,
        ~true & given,
        true & other,
        ~true & other,
        true & unread,
        ~true & unread,
    )
    return Counts(*(int(one.sum()) for one in cells))


def confusion_table(task: LabelOptions, answers: pd.DataFrame) -> pd.DataFrame:
    """Per system: how often each true label was given as each label, also where never."""
    pairs = answers[[*_SYSTEM, "true", "given"]].fillna({"given": UNREAD})
    cells = pd.DataFrame(product(task.labels, (*task.labels, UNREAD)), columns=["true", "given"])
    table = answers[_SYSTEM].drop_duplicates().merge(cells, how="cross")
    counts = pairs.value_counts().reindex(pd.MultiIndex.from_frame(table), fill_value=0)
    return table.assign(count=counts.to_numpy())
