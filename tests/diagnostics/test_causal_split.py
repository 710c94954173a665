import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.compare.score_files import ScoredModel
from modellab.diagnostics.causal_split import COLUMNS, Roles, causal_split, write_causal_split
from modellab.records import Metric, ModelScores, Summary

ROLES = Roles(("bm25",), oracle="oracle", none="none", shuffled={"mixed": "bm25"})


def summary(retriever, value, n_scored=4, n_failed=0, name="overall"):
    effort = dict.fromkeys(
        (
            *("avg_latency_seconds", "p50_latency_seconds"),
            *("p95_latency_seconds", "total_time_seconds", "input_tokens", "output_tokens"),
            "estimated_cost_usd",
        )
    )
    return Summary(
        retriever=retriever,
        num_questions=4,
        repeats=1,
        coverage=1.0,
        statuses={},
        metrics={name: Metric(value, n_scored, n_failed)},
        outcomes={},
        abstention_precision=Metric(None, 0),
        abstention_recall=Metric(None, 0),
        total_retries=0,
        **effort,
    )


def model(*summaries, questions="abcd", task="wattbot"):
    scores = ModelScores(
        "m", "quiz", task, "v3", "outer", "extractive", "m", True, None, tuple(summaries)
    )
    asked = (
        questions if isinstance(questions, dict) else {s.retriever: questions for s in summaries}
    )
    rows = [
        {"question_id": name, "retriever": retriever}
        for retriever, names in asked.items()
        for name in names
    ]
    return ScoredModel(scores, tuple(rows))


FOUR = (summary("oracle", 0.8), summary("bm25", 0.5), summary("mixed", 0.1), summary("none", 0.2))


def test_by_hand():
    [row] = causal_split(model(*FOUR), ROLES)
    assert (row["oracle"], row["retrieved"], row["shuffled"], row["none"]) == (0.8, 0.5, 0.1, 0.2)
    assert row["retrieval_loss"] == pytest.approx(0.3)
    assert row["reading_loss"] == pytest.approx(0.2)
    assert row["retrieval_gain"] == pytest.approx(0.3)
    assert row["wrong_text_harm"] == pytest.approx(0.1)
    assert row["oracle_n_scored"] == row["n_questions"] == 4
    assert row["reason"] == ""


def test_what_is_missing_is_empty_and_says_why():
    [row] = causal_split(model(summary("bm25", 0.5), summary("none", 0.2)), ROLES)
    assert row["reason"] == "no oracle; no shuffled"
    assert row["retrieval_gain"] == pytest.approx(0.3)
    for name in ("oracle", "shuffled", "retrieval_loss", "wrong_text_harm"):
        assert name not in row
    assert row["reading_loss"] is None


def test_scores_over_different_questions_are_not_subtracted():
    asked = {"oracle": "abcd", "bm25": "abc", "mixed": "abcd", "none": "abcd"}
    [row] = causal_split(model(*FOUR, questions=asked), ROLES)
    assert "retrieval_loss" not in row
    assert row["wrong_text_harm"] == pytest.approx(0.1)
    assert "oracle and retrieved are scored on different rows" in row["reason"]
    fewer = (summary("oracle", 0.8, n_scored=3), *FOUR[1:])
    [row] = causal_split(model(*fewer), ROLES)
    assert "retrieval_loss" not in row


def test_a_score_without_value_has_no_difference():
    [row] = causal_split(model(summary("oracle", None, 4), *FOUR[1:]), ROLES)
    assert "retrieval_loss" not in row
    assert row["reading_loss"] is None


def test_a_submission_has_one_column():
    [row] = causal_split(model(summary("external", 0.7)), ROLES)
    assert (row["retriever"], row["retrieved"]) == ("external", 0.7)
    assert row["reason"] == "no oracle; no shuffled; no none"


def test_a_model_without_a_retriever_still_tells_what_reading_loses():
    [row] = causal_split(model(summary("oracle", 0.75)), ROLES)
    assert row["retriever"] is None
    assert row["reading_loss"] == 0.25
    assert "no retrieved" in row["reason"]


def test_each_retriever_has_its_own_shuffled_passages():
    roles = Roles(("bm25", "dense"), "oracle", "none", {"mixed": "bm25", "stirred": "dense"})
    assert roles.of("dense")["shuffled"] == "stirred"
    assert roles.of("other")["shuffled"] == "mixed"
    assert Roles(("bm25",)).of("bm25")["shuffled"] is None


def test_a_component_of_which_less_is_better_has_no_row():
    less = summary("oracle", 0.3, name="invented_share")
    assert list(causal_split(model(less, task="extract"), ROLES)) == []


@given(*[st.floats(0, 1)] * 4)
def test_losses_add_up(oracle, retrieved, shuffled, none):
    values = {"oracle": oracle, "bm25": retrieved, "mixed": shuffled, "none": none}
    [row] = causal_split(model(*(summary(k, v) for k, v in values.items())), ROLES)
    whole = row["none"] + row["retrieval_gain"] + row["retrieval_loss"] + row["reading_loss"]
    assert whole == pytest.approx(1)
    assert all(-1 <= row[name] <= 1 for name in ("retrieval_loss", "wrong_text_harm"))


def test_the_file_has_empty_cells_never_zeros(tmp_path):
    write_causal_split(tmp_path / "c.csv", [model(summary("bm25", 0.5))], ROLES)
    with open(tmp_path / "c.csv") as handle:
        [row] = csv.DictReader(handle)
    assert tuple(row) == COLUMNS
    assert row["oracle"] == row["none"] == row["retrieval_loss"] == ""
