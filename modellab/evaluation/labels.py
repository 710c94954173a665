"""Tables about labels: all systems side by side, scores by label, confusion, agreement."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import pandas as pd

from modellab.core.efficiency import latencies, mean
from modellab.core.intervals.means import jackknife_ends, share_ends
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.tasks.label.counts import Counts
from modellab.tasks.label.scorer import LabelScorer
from modellab.tasks.label.task import LabelOptions

_SHARES = ("accuracy", "precision", "recall", "f1", "specificity")
_COUNTS = ("support", "tp", "fp", "fn", "tn", "unread")
SCORE_COLUMNS = (
    *("model", "retriever", "kind", "name", *_SHARES, *_COUNTS, "n_scored", "n_failed"),
    *("parse_rate", "avg_latency_seconds"),
)
AGREEMENT_COLUMNS = (
    *("metric", "system_a", "system_b", "value", "low", "high", "n_scored", "n_failed"),
)
#: of the intervals of agreement
CONFIDENCE = 0.95
#: in place of a label that could not be read
UNREAD = "(none)"
#: by column of the wide table: the field of the answer
_FIELDS = {
    "flag": "label",
    "reasoning": "reasoning",
    "tags": "tags",
    "recommendation": "recommendation",
}

#: a row of labels per text
Votes = Sequence[Sequence[str]]


@dataclass(frozen=True)
class LabelSystem:
    """One model with one retriever; `rows` are its predictions of all repeats.

    `name` is the model's, with the retriever only where the model has more than one. An ensemble
    repeats the labels of others: it has no vote.
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

    `ensembles` are the models that repeat the labels of others.
    """
    asked = read_rows(questions, Question)
    by_id = {question.id: question for question in asked}
    rows_of = {model: read_rows(path, Prediction) for model, path in predictions.items()}
    systems = label_systems(rows_of, ensembles)
    texts = [one for one in asked if one.text.strip()]
    voting = [system.name for system in systems if system.votes]
    agreement = agreement_table(labels_given(texts, systems), voting, true_labels(texts))
    write_frame(out.wide, wide_table(scorer.task, asked, systems))
    write_frame(out.scores, score_table(scorer, by_id, systems))
    write_frame(out.confusion, confusion_table(scorer, by_id, systems))
    write_frame(out.agreement, agreement)


def label_systems(
    predictions: Mapping[str, Sequence[Prediction]], ensembles: Collection[str] = ()
) -> list[LabelSystem]:
    """The systems of all models (predictions by model), in the order given."""
    found = []
    for model, rows in predictions.items():
        retrievers = list(dict.fromkeys(row.retriever for row in rows))
        for retriever in retrievers:
            name = model if len(retrievers) == 1 else f"{model}@{retriever}"
            own = tuple(row for row in rows if row.retriever == retriever)
            found.append(LabelSystem(name, model, retriever, own, model not in ensembles))
    return found


def labels_given(questions: Sequence[Question], systems: Sequence[LabelSystem]) -> pd.DataFrame:
    """(questions, systems): the label of the first repeat, None where none could be read."""
    index = [question.id for question in questions]
    cells = {}
    for system in systems:
        first = system.first()
        answered = {name for name, row in first.items() if row.status == Status.ANSWERED}
        cells[system.name] = [first[n].answer["label"] if n in answered else None for n in index]
    return pd.DataFrame(cells, index=index, dtype=object)


def true_labels(questions: Sequence[Question]) -> pd.Series[str]:
    """By question its true label, where it has one."""
    found = {one.id: one.reference["label"] for one in questions if one.reference.get("label")}
    return pd.Series(found, dtype=object)


def wide_table(
    task: LabelOptions, questions: Sequence[Question], systems: Sequence[LabelSystem]
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
    counted: dict[str, Mapping[str, Counts]] = {
        "label": scorer.label_counts(questions, rows),
        "tag": scorer.tag_counts(questions, rows),
    }
    for kind, found in counted.items():
        for name, counts in found.items():
            yield {
                **about,
                "kind": kind,
                "name": name,
                **{share: counts.metric(share).value for share in _SHARES},
                **{count: getattr(counts, count) for count in _COUNTS},
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


def agreement_table(
    given: pd.DataFrame, voting: Sequence[str], truth: pd.Series[str]
) -> pd.DataFrame:
    """Agreement of all voting systems, of each system with the true labels, and of each pair.

    Args:
        given: (texts, systems), see `labels_given`.
        voting: The systems of the rows about all together: ensembles would agree with their
            members by construction.
        truth: The true labels of the texts that have one.

    Returns:
        `n_scored` texts are compared, `n_failed` are not, because a system gave them no label.
        Shares have a score interval, kappas that of a jackknife over texts.
    """
    found = []
    if len(voting) > 1:
        measures = ("agreement_rate", "fleiss_kappa")
        found += _measured(measures, ("", ""), given[list(voting)], fleiss_kappa)
    for name in map(str, given) if len(truth) else ():
        both = pd.DataFrame({"given": given[name], "true": truth}).loc[truth.index]
        found.append(_measured(("", "truth_kappa"), (name, ""), both, _cohen_of_rows)[1])
    for pair in combinations(map(str, given), 2):
        measures = ("pairwise_agreement", "cohen_kappa")
        found += _measured(measures, pair, given[list(pair)], _cohen_of_rows)
    return pd.DataFrame(found, columns=list(AGREEMENT_COLUMNS))


def _measured(
    measures: tuple[str, str],
    systems: tuple[str, str],
    given: pd.DataFrame,
    kappa: Callable[[Votes], float | None],
) -> list[tuple[object, ...]]:
    """The share of texts with one label from all, and a kappa over the same texts."""
    votes = given.dropna()
    rows, count = votes.to_numpy().tolist(), len(votes)
    counts = (count, len(given) - count)
    same = int((votes.nunique(axis=1) == 1).sum())

    def of_some(places: Sequence[int]) -> float | None:
        return kappa([rows[place] for place in places])

    of_share = share_ends(same, count, CONFIDENCE) or (None, None)
    of_kappa = jackknife_ends(list(votes.index), of_some, (-1.0, 1.0), CONFIDENCE) or (None, None)
    share = same / count if count else None
    return [
        (measures[0], *systems, share, *of_share, *counts),
        (measures[1], *systems, kappa(rows), *of_kappa, *counts),
    ]


def _cohen_of_rows(votes: Votes) -> float | None:
    return cohen_kappa([row[0] for row in votes], [row[1] for row in votes])


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Agreement of two beyond chance (Cohen 1960), from -1 to 1.

    None without texts, and where both give one and the same label to all: chance agrees too.
    """
    from sklearn.metrics import cohen_kappa_score

    if not one or len({*one, *other}) == 1:
        return None
    return _finite(cohen_kappa_score(one, other))


def fleiss_kappa(votes: Votes) -> float | None:
    """Agreement of all beyond chance (Fleiss 1971).

    None without texts, and where only one label is given at all.
    """
    from statsmodels.stats.inter_rater import aggregate_raters
    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    if not votes or len({vote for row in votes for vote in row}) == 1:
        return None
    return _finite(kappa(aggregate_raters(list(votes))[0]))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
