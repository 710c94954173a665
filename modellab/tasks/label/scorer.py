"""The scorer of labels: marks of rows, and components that are shares of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from modellab.core.metric import MetricFamily, metric_families
from modellab.core.records import Metric, Prediction, Question, RowScore, Status
from modellab.tasks.label.task import LabelOptions, read_tags
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import (
    Additive,
    Material,
    ScorerOptions,
    Term,
    marked_row,
    mean_of,
    ratio,
)

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.scorer import Array

FAMILY, AGREEMENT = metric_families("""
# labels: Labels
on `label` answers; rows without a true label or without a text are left out
in scores/{model}.json leaderboard.csv tables/labels.csv
accuracy | right labels / rows with a true label | 0 to 1 | higher | a row without a readable label counts as wrong
precision | tp / (tp + fp) of the positive label | 0 to 1 | higher | a row without a readable label is in neither; empty if the denominator is 0; without `positive` the mean over all labels
recall | tp / rows that truly have the positive label | 0 to 1 | higher | a row without a readable label counts as wrong; empty if the denominator is 0; without `positive` the mean over all labels
f1 | 2 tp / (2 tp + fp + fn) of the positive label | 0 to 1 | higher | fn includes rows without a readable label; empty if the denominator is 0; without `positive` the mean over all labels
specificity | tn / rows that truly do not have the positive label | 0 to 1 | higher | a row without a readable label counts as wrong; empty if the denominator is 0; without `positive` the mean over all labels
parse_rate | texts from which a label, or that there is none, could be read / replies | 0 to 1 | higher | `n_failed` counts rows without a reply
tags_f1 | 2 tp / (2 tp + fp + fn) over all rows and tags together (of one row, as a mark) | 0 to 1 | higher | empty if no tag is true or given; tags that cannot be read are not given
correct | 1 if the label is the true one, else 0 | 0 to 1 | higher | empty without a true label
overall | the component that the scorer's `overall` names | 0 to 1 | higher | a row without a readable label counts as wrong

# label_agreement: Agreement on labels
on `label` answers of several systems, right or wrong; first repeats
in tables/label_agreement.csv
agreement_rate | texts to which all systems gave the same label / texts that all gave a label | 0 to 1 | higher | `n_failed` counts texts that a system gave no readable label
pairwise_agreement | texts to which both gave the same label / texts that both gave a label | 0 to 1 | higher | `n_failed` counts texts that one of them gave no readable label
truth_kappa | (observed - chance) / (1 - chance) agreement of a system with the true labels | -1 to 1 | neither | empty without texts, and where only one label is given at all | Cohen 1960
cohen_kappa | (observed - chance) / (1 - chance) agreement of two systems | -1 to 1 | neither | empty without texts, and where only one label is given at all | Cohen 1960
fleiss_kappa | (observed - chance) / (1 - chance) agreement of all systems | -1 to 1 | neither | empty without texts, and where only one label is given at all | Fleiss 1971
""")  # noqa: E501 - a metric is a line


class Pair(NamedTuple):
    """A true label, and the one that was given; None if no label could be read."""

    true: str
    given: str | None


@dataclass(frozen=True)
class Counts:
    """The confusion of one label (or tag) over all rows: numbers, or arrays of one shape.

    `unread_positives` and `unread_negatives` are rows without a readable label. They are a choice
    neither of the label nor against it: recall, specificity and accuracy count them as wrong,
    precision ignores them.
    """

    tp: Any = 0
    fp: Any = 0
    fn: Any = 0
    tn: Any = 0
    unread_positives: Any = 0
    unread_negatives: Any = 0

    @property
    def support(self) -> Any:
        """The number of rows that truly have the label."""
        return self.tp + self.fn + self.unread_positives

    @property
    def negatives(self) -> Any:
        return self.tn + self.fp + self.unread_negatives

    @property
    def unread(self) -> Any:
        return self.unread_positives + self.unread_negatives

    @property
    def touched(self) -> Any:
        """The number of rows that have the label in truth or in the answer."""
        return self.fp + self.support

    def shares(self) -> dict[str, tuple[Any, Any]]:
        """Numerator and denominator by metric. F1 is 0 if the label is never chosen rightly."""
        return {
            "accuracy": (self.tp + self.tn, self.support + self.negatives),
            "precision": (self.tp, self.tp + self.fp),
            "recall": (self.tp, self.support),
            "f1": (2 * self.tp, self.tp + self.touched),
            "specificity": (self.tn, self.negatives),
        }

    def metric(self, name: str) -> Metric:
        """A share with its count; None if its denominator is 0."""
        part, whole = self.shares()[name]
        failed = {
            "accuracy": self.unread,
            "precision": 0,
            "specificity": self.unread_negatives,
        }.get(name, self.unread_positives)
        scored = self.touched if name == "f1" else whole
        return Metric(part / whole if whole else None, scored, failed)


def tag_counts(tag: str, rows: Iterable[tuple[Collection[str], Collection[str] | None]]) -> Counts:
    """One tag: rows of the true tags and the given ones; None if none could be read."""
    found = dict.fromkeys(Counts.__dataclass_fields__, 0)
    for true, given in rows:
        if given is None:
            cell = "unread_positives" if tag in true else "unread_negatives"
        elif tag in given:
            cell = "tp" if tag in true else "fp"
        else:
            cell = "fn" if tag in true else "tn"
        found[cell] += 1
    return Counts(**found)


def label_counts(label: str, pairs: Iterable[Pair]) -> Counts:
    """One label against all others."""
    rows = (((true,), None if given is None else (given,)) for true, given in pairs)
    return tag_counts(label, rows)


def summed(parts: Iterable[Counts]) -> Counts:
    """The counts of several labels or tags together (for micro averages)."""
    columns = zip(*(astuple(part) for part in (Counts(), *parts)), strict=True)
    return Counts(*map(sum, columns))


def macro_average(name: str, labels: Iterable[Counts]) -> float | None:
    """The mean of a share over all labels that a row has in truth or in the answer.

    A share without rows (the precision of a label that is never given) is 0, as in scikit-learn;
    None if no row has any label.
    """
    values = [counts.metric(name).value or 0.0 for counts in labels if counts.touched]
    return sum(values) / len(values) if values else None


_CHOICES = ("accuracy", "precision", "recall", "f1", "specificity")
#: the reply could be read, even if it says that there is no label
READ = (Status.ANSWERED, Status.ABSTAINED)


@dataclass(frozen=True)
class LabelScorer:
    """Rows without a true label, and rows without a text, have no marks.

    A row without a readable label counts as wrong (see `Counts`).
    """

    task: LabelOptions
    overall: str
    name: str = "labels"
    correct: str = "correct"

    @property
    def marks(self) -> tuple[str, ...]:
        return ("correct", *(("tags_f1",) if self.task.tags else ()))

    @property
    def components(self) -> tuple[str, ...]:
        tags = ("tags_f1",) if self.task.tags else ()
        return (*_CHOICES, "parse_rate", *tags, "overall")

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        pair = self.pair(question, prediction)
        marks: dict[str, float | None] = {
            "correct": None if pair is None else float(pair.true == pair.given)
        }
        if self.task.tags:
            tags = self.tag_pair(question, prediction)
            counts = [tag_counts(tag, [tags]) for tag in self.task.tags] if tags else []
            marks["tags_f1"] = summed(counts).metric("f1").value
        return marked_row(prediction, marks)

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        found = self.choices(self.label_counts(questions, rows))
        found["parse_rate"] = parse_rate(row.status for row in rows)
        if self.task.tags:
            found["tags_f1"] = summed(self.tag_counts(questions, rows).values()).metric("f1")
        found["overall"] = found[self.overall]
        return {name: found[name] for name in self.components}

    def label_counts(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Counts]:
        """By label: its counts over all rows that have a true label."""
        pairs = self.pairs(questions, rows)
        return {label: label_counts(label, pairs) for label in self.task.labels}

    def tag_counts(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Counts]:
        """By tag: its counts over all rows that have true tags."""
        pairs = [self.tag_pair(questions[row.question_id], row) for row in rows]
        known = [pair for pair in pairs if pair is not None]
        return {tag: tag_counts(tag, known) for tag in self.task.tags}

    def pairs(self, questions: Mapping[str, Question], rows: Sequence[RowScore]) -> list[Pair]:
        found = (self.pair(questions[row.question_id], row) for row in rows)
        return [pair for pair in found if pair is not None]

    def true_label(self, question: Question) -> str | None:
        """None without a text or a true label."""
        return (
            self.task.label_of(question.reference.get("label", ""))
            if question.text.strip()
            else None
        )

    def true_tags(self, question: Question) -> frozenset[str] | None:
        """None without a text or true tags."""
        found = read_tags(question.reference.get("tags", "")) if question.text.strip() else None
        return None if found is None else frozenset(map(self.task.tag_of, found))

    def pair(self, question: Question, row: Prediction | RowScore) -> Pair | None:
        """The true and the given label; None without a text or a true label."""
        true = self.true_label(question)
        if true is None:
            return None
        return Pair(true, row.answer["label"] if row.status == Status.ANSWERED else None)

    def tag_pair(
        self, question: Question, row: Prediction | RowScore
    ) -> tuple[frozenset[str], frozenset[str] | None] | None:
        true = self.true_tags(question)
        if true is None:
            return None
        given = read_tags(row.answer["tags"]) if row.status in READ else None
        return true, None if given is None else frozenset(given)

    def choices(self, counts: Mapping[str, Counts]) -> dict[str, Metric]:
        """Of the positive label, or the means over all labels; accuracy is of all labels."""
        whole = summed(counts.values())
        rows, unread = whole.support, whole.unread_positives
        found = {"accuracy": whole.metric("recall")}  # of one label per row
        for name in _CHOICES[1:]:
            if self.task.positive:
                found[name] = counts[self.task.positive].metric(name)
            else:
                found[name] = Metric(macro_average(name, counts.values()), rows, unread)
        return found


def parse_rate(statuses: Iterable[str]) -> Metric:
    """The share of replies from which a label (or an abstention) could be read."""
    counts = Counter(statuses)
    read = sum(counts[status] for status in READ)
    came = read + counts[Status.UNPARSED]
    return Metric(read / came if came else None, came, counts[Status.FAILED])


Component = Literal["accuracy", "precision", "recall", "f1", "specificity"]


class LabelScorerOptions(ScorerOptions):
    """Labels compared with the true labels."""

    task: ClassVar[str] = "label"
    described: ClassVar[MetricFamily] = FAMILY
    tables: ClassVar[tuple[MetricFamily, ...]] = (AGREEMENT,)

    kind: Literal["labels"] = Field(description="Right and wrong labels and tags.")
    overall: Component = Field("f1", description="the metric that is the overall score")

    def make(self, task: TaskOptions, material: Material) -> LabelScorer:
        return LabelScorer(_of_labels(task), self.overall)

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return labels(_of_labels(task), self.overall)


def _of_labels(task: TaskOptions) -> LabelOptions:
    if not isinstance(task, LabelOptions):
        raise TypeError(f"the scorer 'labels' cannot score answers of task {task.kind!r}")
    return task


#: counts of one label: tp, fp, fn, tn, unread positives, unread negatives
_SIZE = len(astuple(Counts()))


def labels(task: LabelOptions, overall: str) -> Additive:
    """Sums: the counts of each label, the counts of all tags, then those of plain shares."""
    scorer = LabelScorer(task, overall)
    shares = _shares(task)

    def parts(questions: Sequence[Question], rows: pd.DataFrame) -> Array:
        """Rows that are alike in all that counts are counted once."""
        import numpy as np
        import pandas as pd

        alike = [
            (q.reference.get("label", ""), q.reference.get("tags", ""), bool(q.text.strip()))
            for q in questions
        ]
        keys = pd.DataFrame(
            {
                "truth": pd.Series(alike).factorize()[0][rows["question_id"].cat.codes],
                **{
                    name: rows[name].to_numpy()
                    for name in ("status", "label", "tags")
                    if name in rows
                },
            }
        )
        place = keys.groupby(list(keys), observed=True, sort=False).ngroup().to_numpy()
        _, firsts = np.unique(place, return_index=True)
        codes = rows["question_id"].cat.codes.to_numpy()
        counted = [
            of_row(questions[codes[first]], row)
            for first, row in zip(firsts, keys.iloc[firsts].to_dict("records"), strict=True)
        ]
        return np.array(counted, dtype=float)[place]

    def of_row(question: Question, row: Mapping[Any, Any]) -> Sequence[float]:
        answer = {name: row.get(name, "") for name in ("label", "tags")}
        marked = RowScore(question.id, "", 1, Status(row["status"]), answer, {})
        pair = scorer.pair(question, marked)
        tags = scorer.tag_pair(question, marked)
        by_label = [label_counts(label, [pair] if pair else []) for label in task.labels]
        tagged = summed(tag_counts(tag, [tags] if tags else []) for tag in task.tags)
        read = float(marked.status in READ)
        positive = task.positive
        counted = by_label[task.labels.index(positive)] if positive else summed(by_label)
        return [
            *(float(count) for counts in (*by_label, tagged) for count in astuple(counts)),
            *(read, float(read or marked.status == Status.UNPARSED)),
            *(float(sum(counts.tp for counts in by_label)), float(summed(by_label).support)),
            *(float(counted.tp), float(counted.support)),
            *(float(counted.tn), float(counted.negatives)),
        ]

    def others(sums: Array) -> Mapping[str, Array]:
        found = _choices(sums, task)
        if task.tags:
            found["tags_f1"] = ratio(*_counts(sums, len(task.labels)).shares()["f1"])
        if overall in found:
            found["overall"] = found[overall]
        return {name: values for name, values in found.items() if name not in means}

    means = {**shares, **({"overall": shares[overall]} if overall in shares else {})}
    return Additive(parts, means, "correct", others)


def _shares(task: LabelOptions) -> dict[str, tuple[Term, ...]]:
    """The components that are shares of rows. Recall over several labels is a mean of ratios."""
    first = (len(task.labels) + 1) * _SIZE
    found = {"parse_rate": mean_of(first, first + 1), "accuracy": mean_of(first + 2, first + 3)}
    if task.positive is not None:
        found["recall"] = mean_of(first + 4, first + 5)
        found["specificity"] = mean_of(first + 6, first + 7)
    return found


def _counts(sums: Array, index: int) -> Counts:
    import numpy as np

    return Counts(*np.moveaxis(sums[..., index * _SIZE : (index + 1) * _SIZE], -1, 0))


def _choices(sums: Array, task: LabelOptions) -> dict[str, Array]:
    """Of the positive label, or the means over the labels that any row has."""
    import numpy as np

    by_label = [_counts(sums, index) for index in range(len(task.labels))]
    if task.positive is not None:
        shares = by_label[task.labels.index(task.positive)].shares()
        return {name: ratio(*shares[name]) for name in _CHOICES[1:]}
    touched = np.stack([counts.touched > 0 for counts in by_label])
    found = {}
    for name in _CHOICES[1:]:
        values = [np.nan_to_num(ratio(*counts.shares()[name])) for counts in by_label]
        total = (np.stack(values) * touched).sum(axis=0)
        found[name] = ratio(total, touched.sum(axis=0).astype(float))
    return found
