"""Marks of labels, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.core.records import Metric, Prediction, Question, RowScore, Status
from modellab.tasks.label.scoring.counts import (
    Counts,
    Pair,
    label_counts,
    macro_average,
    summed,
    tag_counts,
)
from modellab.tasks.label.task import LabelOptions, read_tags
from modellab.tasks.scorer import marked_row

_CHOICES = ("accuracy", "precision", "recall", "f1", "specificity")
#: what the model wrote could be read, also where it says that there is no label
_READ = (Status.ANSWERED, Status.ABSTAINED)


@dataclass(frozen=True)
class LabelScorer:
    """Rows without a true label, and rows whose text is missing, have no marks.

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
            marks["tags_f1"] = summed(counts).f1.value
        return marked_row(prediction, marks)

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        found = self._choices(self.label_counts(questions, rows))
        found["parse_rate"] = parse_rate(rows)
        if self.task.tags:
            found["tags_f1"] = summed(self.tag_counts(questions, rows).values()).f1
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

    def pair(self, question: Question, row: Prediction | RowScore) -> Pair | None:
        """The true label beside the given one; None where there is no text or no true label."""
        true = self.task.label_of(question.truth.get("label", ""))
        if true is None or not question.text.strip():
            return None
        return Pair(true, row.answer["label"] if row.status == Status.ANSWERED else None)

    def tag_pair(
        self, question: Question, row: Prediction | RowScore
    ) -> tuple[frozenset[str], frozenset[str] | None] | None:
        true = read_tags(question.truth.get("tags", ""))
        if true is None or not question.text.strip():
            return None
        given = read_tags(row.answer["tags"]) if row.status in _READ else None
        wanted = frozenset(map(self.task.tag_of, true))
        return wanted, None if given is None else frozenset(given)

    def _choices(self, counts: Mapping[str, Counts]) -> dict[str, Metric]:
        """Of the positive label, or the means over all labels; accuracy is of all labels."""
        whole = summed(counts.values())
        rows, right, unread = whole.support, whole.tp, whole.unread_positives
        found = {"accuracy": Metric(right / rows if rows else None, rows, unread)}
        for name in _CHOICES[1:]:
            if self.task.positive:
                found[name] = getattr(counts[self.task.positive], name)
            else:
                found[name] = Metric(macro_average(name, counts.values()), rows, unread)
        return found


def parse_rate(rows: Sequence[RowScore]) -> Metric:
    """The share of the texts that came from which a label (or that there is none) could be read."""
    read = sum(row.status in _READ for row in rows)
    came = read + sum(row.status == Status.UNPARSED for row in rows)
    failed = sum(row.status == Status.FAILED for row in rows)
    return Metric(read / came if came else None, came, failed)
