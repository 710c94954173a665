"""Scored models made of marks, without any file."""

from dataclasses import replace

import pytest
from scored import ScoredModel

from modellab.core.records import Metric, ModelScores, Question, Summary

RESOURCE_USAGE = {
    "avg_latency_seconds": None,
    "p50_latency_seconds": None,
    "p95_latency_seconds": None,
    "total_time_seconds": None,
    "input_tokens": None,
    "output_tokens": None,
    "estimated_cost_usd": None,
    "total_retries": 0,
}


#: of no test's concern here
UNCOUNTED = {
    "outcomes": {},
    "abstention_precision": Metric(None, 0),
    "abstention_recall": Metric(None, 0),
}


def mean(numbers):
    return sum(numbers) / len(numbers) if numbers else None


def outcome_of(mark):
    return "" if mark is None else "right" if float(mark) == 1.0 else "wrong"


class Bench:
    """WattBot questions, the last `unanswerable` of them without an answer."""

    def __init__(self, answerable, unanswerable=0, documents=None):
        count = answerable + unanswerable
        self.questions = [
            Question(
                f"q{n}",
                f"? {n}",
                {},
                {"answer_value": "is_blank" if n >= answerable else "1", "ref_id": "x"},
                (documents[n],) if documents else (),
                unanswerable=n >= answerable,
            )
            for n in range(count)
        ]
        self.blank = [n >= answerable for n in range(count)]

    def model(self, name, value, reference=None, na=None, repeats=1):
        """Marks per question; with repeats, a list per question."""
        rows = []
        for n, question in enumerate(self.questions):
            for repeat in range(repeats):
                mark = value[n][repeat] if repeats > 1 else value[n]
                v, r = float(mark), float((reference or value)[n] if repeats == 1 else mark)
                a = float(na[n]) if na else 1.0
                rows.append(
                    {
                        "question_id": question.id,
                        "retriever": "bm25",
                        "repeat": str(repeat + 1),
                        "status": "answered",
                        "outcome": self._outcome(n, v, na),
                        "value_correct": str(v),
                        "unit_correct": "",
                        "ref_score": str(r),
                        "na_correct": str(a),
                        "weighted": str(0.75 * v + 0.15 * r + 0.1 * a),
                    }
                )
        return ScoredModel(self._scores(name, rows, repeats), tuple(rows))

    def _outcome(self, place, value, na):
        if self.blank[place]:
            return "right" if na is None or na[place] else "hallucinated"
        return outcome_of(value)

    def part(self, name, value, kept):
        """The same with rows of some questions only, `missing: ignore`: the others are missing."""
        whole = self.model(name, value)
        rows = tuple(whole.rows[n] for n in kept)
        return ScoredModel(replace(self._scores(name, rows, 1), missing="ignore"), rows)

    def _scores(self, name, rows, repeats):
        value = mean([float(row["value_correct"]) for row in rows])
        reference = mean([float(row["ref_score"]) for row in rows])
        blank = {q.id for q, is_blank in zip(self.questions, self.blank, strict=True) if is_blank}
        unanswerable = [float(row["na_correct"]) for row in rows if row["question_id"] in blank]
        na = mean(unanswerable) if unanswerable else 1.0
        metrics = {
            "value_accuracy": Metric(value, len(rows)),
            "ref_overlap": Metric(reference, len(rows)),
            "na_recall": Metric(na, len(unanswerable)),
            "overall": Metric(0.75 * value + 0.15 * reference + 0.1 * na, len(rows)),
        }
        summary = Summary(
            retriever="bm25", num_questions=len(self.questions), repeats=repeats, coverage=1.0,
            statuses={}, metrics=metrics, **UNCOUNTED, **RESOURCE_USAGE,
        )  # fmt: skip
        return ModelScores(
            name=name, dataset="quiz", task="wattbot", scorer="v3", missing="ignore",
            llm_provider="x", model_id="x", local=True, size_b=None, summaries=(summary,),
            example_scores=("value_correct", "unit_correct", "ref_score", "na_correct", "weighted"),
        )  # fmt: skip


@pytest.fixture
def bench():
    return Bench


@pytest.fixture
def scored():
    """Makes a scored model of any task from marks per question; components are means of marks."""

    def make(name, task, scorer, marks, components):
        rows = [
            {
                "question_id": f"q{n}",
                "retriever": "none",
                "repeat": "1",
                "status": "answered",
                "outcome": outcome_of(own.get("correct", own.get("exact"))),
                **{mark: str(value) for mark, value in own.items()},
            }
            for n, own in enumerate(marks)
        ]
        metrics = {
            component: Metric(mean([own[mark] for own in marks]), len(marks))
            for component, mark in components.items()
        }
        summary = Summary(
            retriever="none", num_questions=len(marks), repeats=1, coverage=1.0, statuses={},
            metrics=metrics, **UNCOUNTED, **RESOURCE_USAGE,
        )  # fmt: skip
        scores = ModelScores(
            name=name, dataset="quiz", task=task, scorer=scorer, missing="incorrect",
            llm_provider="x", model_id="x", local=True, size_b=None, summaries=(summary,),
            example_scores=tuple(marks[0]),
        )  # fmt: skip
        return ScoredModel(scores, tuple(rows))

    return make
