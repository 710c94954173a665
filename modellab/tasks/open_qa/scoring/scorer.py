"""Marks of free-text answers, and their means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore, Status
from modellab.core.text.scripts import language_of_script
from modellab.tasks.open_qa.canonical import Normalise, plain
from modellab.tasks.open_qa.scoring.overlap import (
    bleu_tokenizer,
    corpus_bleu,
    corpus_chrf,
    exact_match,
    rouge,
    sentence_bleu,
    sentence_chrf,
    token_f1,
)
from modellab.tasks.open_qa.scoring.similarity import Pair
from modellab.tasks.open_qa.task import right_answers
from modellab.tasks.scorer import marked_row

SIMILARITY = "semantic_similarity"
_MARKS = ("exact_match", "token_f1", "rouge2", "rougeL", "bleu", "chrf")


@dataclass(frozen=True)
class TextScorer:
    """All marks go from 0 to 1. What is no answer (unparsed, failed, missing) has 0 in all.

    To abstain is worth 1 in all marks where the question is unanswerable, and 0 where it is not;
    any answer to an unanswerable question has 0 in all (as for SQuAD 2.0, Rajpurkar et al. 2018).
    A question without a true answer has no marks. Where several answers are right, each mark is
    the greatest over them. `normalise` is what `exact_match` and `token_f1` compare. `cosines`
    holds the likeness of each pair of reference and answer; None leaves it out. `language` is the
    code of the language of all texts; where it is empty, the script of each question and its
    reference tells whether it has spaces.
    `bleu_tokenizer` is one of sacrebleu's; where it is empty, the language tells.
    """

    overall: str
    correct_from: float | None
    cosines: Mapping[Pair, float] | None
    normalise: Normalise = plain
    language: str = ""
    bleu_tokenizer: str = ""
    name: str = "texts"

    @property
    def _compared(self) -> tuple[str, ...]:
        return (*_MARKS, *((SIMILARITY,) if self.cosines is not None else ()))

    @property
    def correct(self) -> str | None:
        return None if self.correct_from is None else "correct"

    @property
    def marks(self) -> tuple[str, ...]:
        return (*self._compared, *((self.correct,) if self.correct else ()))

    @property
    def components(self) -> tuple[str, ...]:
        """Means of marks, then the same measures over all answers at once, then the overall."""
        right = ("accuracy",) if self.correct else ()
        return (*self._compared, "bleu_corpus", "chrf_corpus", *right, "overall")

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        if not _has_truth(question):
            return marked_row(prediction, dict.fromkeys(self.marks))
        abstained = prediction.status == Status.ABSTAINED
        if question.unanswerable or abstained or prediction.status in NO_ANSWER:
            mark = float(question.unanswerable and abstained)
            return marked_row(prediction, dict.fromkeys(self.marks, mark))
        marks = self._best(question, prediction.answer["answer"])
        if self.correct_from is not None:
            marks["correct"] = float(marks[self.overall] >= self.correct_from)
        return marked_row(prediction, marks)

    def _best(self, question: Question, answer: str) -> dict[str, float]:
        found = [
            self._marks(reference, answer, self._language(f"{question.text} {reference}"))
            for reference in right_answers(question)
        ]
        return {name: max(marks[name] for marks in found) for name in self._compared}

    def _language(self, text: str) -> str:
        return self.language or language_of_script(text)

    def _tokenizer(self, references: Iterable[str], language: str) -> str:
        return self.bleu_tokenizer or bleu_tokenizer(references, language)

    def _marks(self, reference: str, answer: str, language: str) -> dict[str, float]:
        marks = {
            "exact_match": exact_match(reference, answer, self.normalise, language),
            "token_f1": token_f1(reference, answer, self.normalise, language),
            **rouge(reference, answer, language),
            "bleu": sentence_bleu(reference, answer, self._tokenizer([reference], language)),
            "chrf": sentence_chrf(reference, answer),
        }
        if self.cosines is not None:
            marks[SIMILARITY] = self.cosines[reference, answer]
        return marks

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        rows = [row for row in rows if _has_truth(questions[row.question_id])]
        failed = sum(row.status in NO_ANSWER for row in rows)
        values = {mark: _mean(rows, mark) for mark in self.marks}
        if self.correct:
            values["accuracy"] = values[self.correct]
        values["overall"] = values[self.overall]
        found = {name: Metric(value, len(rows), failed) for name, value in values.items()}
        found |= self._over_all(questions, rows)
        return {name: found[name] for name in self.components}

    def _over_all(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The measures over all answers at once, of answerable questions: others have no text."""
        asked = [row for row in rows if not questions[row.question_id].unanswerable]
        references = [right_answers(questions[row.question_id]) for row in asked]
        answers = [_text(row) for row in asked]
        values: dict[str, float | None] = dict.fromkeys(("bleu_corpus", "chrf_corpus"))
        if asked:
            tokenizer = self._tokenizer(chain.from_iterable(references), self.language)
            values["bleu_corpus"] = corpus_bleu(references, answers, tokenizer)
            values["chrf_corpus"] = corpus_chrf(references, answers)
        failed = sum(row.status in NO_ANSWER for row in asked)
        return {name: Metric(value, len(asked), failed) for name, value in values.items()}


def _text(row: RowScore) -> str:
    """What counts as said in the measures over all answers: nothing, where there is no answer."""
    return row.answer["answer"] if row.status == Status.ANSWERED else ""


def _has_truth(question: Question) -> bool:
    return question.unanswerable or bool(right_answers(question))


def _mean(rows: Sequence[RowScore], mark: str) -> float | None:
    return math.fsum(row.marks[mark] or 0.0 for row in rows) / len(rows) if rows else None
