"""The labels that each system gave, and the names that systems have in tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.compare.score_files import FIRST_REPEAT


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

    def labels(self) -> dict[str, str]:
        """By question: the label of the first repeat, where one could be read."""
        return {
            name: row.answer["label"]
            for name, row in self.first().items()
            if row.status == Status.ANSWERED
        }


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


def has_text(question: Question) -> bool:
    """Whether there is anything to label; what is missing stays missing."""
    return bool(question.text.strip())
