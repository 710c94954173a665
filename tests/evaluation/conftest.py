"""Three questions; a model with two retrievers; a submission that lacks a question."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from scored import ScoredModel

from modellab.core.records import Metric, ModelScores, Outcome, Question, Status, Summary


def summary(retriever: str, overall: float | None, **changes: object) -> Summary:
    values: dict[str, object] = {
        "retriever": retriever,
        "num_questions": 3,
        "repeats": 1,
        "coverage": 1.0,
        "statuses": {"answered": 2, "failed": 1},
        "metrics": {"value": Metric(0.5, 2, 1), "overall": Metric(overall, 3, 1)},
        "outcomes": dict.fromkeys(Outcome, 0) | {"right": 1, "wrong": 1, "failed": 1},
        "abstention_precision": Metric(None, 0),
        "abstention_recall": Metric(0.0, 1, 1),
        "avg_latency_seconds": None,
        "p50_latency_seconds": None,
        "p95_latency_seconds": None,
        "total_time_seconds": None,
        "input_tokens": None,
        "output_tokens": None,
        "estimated_cost_usd": None,
        "total_retries": 0,
    }
    return Summary(**{**values, **changes})


def scores(name: str, *summaries: Summary, **changes: object) -> ModelScores:
    values: dict[str, object] = {
        "name": name,
        "dataset": "demo",
        "task": "wattbot",
        "scorer": "wattbot-v3",
        "missing": "incorrect",
        "llm_provider": "transformers",
        "model_id": f"org/{name}",
        "local": True,
        "size_b": 7.0,
        "summaries": summaries,
        "example_scores": EXAMPLE_SCORES,
    }
    return ModelScores(**{**values, **changes})


#: the example scores of the WattBot rules
EXAMPLE_SCORES = ("value_correct", "unit_correct", "ref_score", "na_correct", "weighted")


def score_row(question: str, retriever: str, **cells: str) -> Mapping[str, str]:
    fields = ("answer", "answer_value", "answer_unit", "ref_id", "explanation")
    empty = dict.fromkeys((*fields, *EXAMPLE_SCORES), "")
    about = {"question_id": question, "retriever": retriever, "repeat": "1", "status": "answered"}
    row = {**about, "outcome": "", **empty, **cells}
    return {**row, "outcome": cells.get("outcome") or outcome_of(row)}


def outcome_of(row: Mapping[str, str]) -> str:
    """Of a row about an answerable question, with this mark of its value."""
    if row["status"] == Status.MISSING:
        return "missing"
    if row["status"] in (Status.FAILED, Status.UNPARSED):
        return "failed"
    return {"1.0": "right", "0.0": "wrong", "": ""}[row["value_correct"]]


class Samples:
    """The builders, for tests that build a frame themselves."""

    summary = staticmethod(summary)
    scores = staticmethod(scores)
    row = staticmethod(score_row)


@pytest.fixture
def build() -> type[Samples]:
    return Samples


@pytest.fixture
def questions() -> list[Question]:
    return [
        Question(
            id="q2",
            text="How much, in MWh?",
            inputs={"answer_unit": "MWh"},
            reference={"answer_value": "4.3", "ref_id": "['a1']", "explanation": "Table 3"},
            references=("a1",),
            tags=("Table", "Math"),
        ),
        Question(
            id="q1",
            text="Which suite?",
            inputs={"answer_unit": "is_blank"},
            reference={"answer_value": "ML.ENERGY", "ref_id": "['b2']", "Quote": "1", "is_NA": "0"},
            references=("b2",),
            tags=("Quote",),
        ),
        Question(
            id="q3",
            text="Nobody knows?",
            inputs={},
            reference={"answer_value": "is_blank", "ref_id": "is_blank", "answer_unit": "lbs"},
            references=(),
            tags=("is_NA",),
        ),
    ]


@pytest.fixture
def qwen() -> ScoredModel:
    right = {"value_correct": "1.0", "ref_score": "0.3333333333333333", "na_correct": ""}
    rows = (
        score_row("q1", "bm25", answer_value="ML.ENERGY", ref_id='["b2"]', **right),
        score_row("q2", "bm25", answer_value="=1+1", ref_id="[]", value_correct="0.0"),
        score_row("q3", "bm25", status="failed", value_correct="0.0", na_correct="0.0"),
        score_row("q2", "oracle", answer_value="-4.3", ref_id='["a1"]', **right),
        score_row("q2", "oracle", repeat="2", answer_value="9", ref_id="[]", **right),
        score_row(
            "q3",
            "oracle",
            status="abstained",
            answer_value="is_blank",
            na_correct="1.0",
            outcome="right",
        ),
    )
    return ScoredModel(scores("qwen", summary("bm25", 0.4), summary("oracle", 0.6)), rows)


@pytest.fixture
def submission() -> ScoredModel:
    rows = (
        score_row("q1", "external", answer_value="x", ref_id="b2", value_correct="0.0"),
        score_row("q3", "external", status="missing", value_correct="0.0", na_correct="0.0"),
    )
    record = scores(
        "team-v2-test",
        summary("external", 0.6, coverage=1 / 3),
        llm_provider="submission",
        local=False,
        size_b=None,
    )
    return ScoredModel(record, rows)
