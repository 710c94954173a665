"""The tables beside the leaderboard."""

import pytest

from modellab.core.layout import tables_in
from modellab.core.metric import undescribed
from modellab.evaluation.metrics import families

pytestmark = pytest.mark.workflow
#: columns of the leaderboard that are no metric
IDENTITY = (
    *("rank", "model", "retriever", "provider", "size_b", "local", "n_questions", "repeats"),
    *("not_distinguishable_from", "control", "measured_alone"),
)


def test_every_metric_in_a_table_is_described(finished):
    found = [
        row[column]
        for name in tables_in(finished.path("results/quiz"))
        for row in finished.table(name)
        for column in ("metric", "component")
        if column in row
    ]
    columns = [name for name in finished.table("leaderboard")[0] if name not in IDENTITY]
    assert undescribed([*found, *columns], families()) == []


def test_retrievers_are_judged_deeper_than_models_are_shown(finished):
    rows = {
        (row["retriever"], row["level"], row["metric"]): row for row in finished.table("retrieval")
    }
    assert {retriever for retriever, _, _ in rows} == {"bm25", "dense", "hybrid", "oracle"}
    # two passages are shown, yet all that lies deeper is known
    assert rows["bm25", "document", "recall@10"]["value"] == "1.0"
    assert rows["oracle", "document", "ndcg@5"]["value"] == "1.0"
    assert rows["bm25", "document", "mrr"]["n_unjudged"] == "1"
    assert rows["bm25", "chunk", "retrieval_consistency"]["value"] == "1.0"


def test_the_split_of_losses(finished):
    rows = {
        (row["model"], row["retriever"], row["component"]): row
        for row in finished.table("error_attribution")
    }
    row = rows["rare", "bm25", "overall"]
    assert row["reason"] == ""
    assert float(row["reading_loss"]) == pytest.approx(1 - float(row["oracle"]))
    # without q6, which no document answers; each question twice
    assert (row["n_questions"], row["oracle_n_scored"]) == ("5", "10")
    assert float(row["retrieved_low"]) <= float(row["retrieved"]) <= float(row["retrieved_high"])
    assert rows["published", "external", "overall"]["reason"] == "no oracle; no shuffled; no none"
    assert "no retrieved" in rows["tiny", "", "overall"]["reason"]


def test_times_of_each_model(finished):
    rows = {
        (row["model"], row["retriever"], row["metric"]): row for row in finished.table("efficiency")
    }
    assert rows["tiny", "(all)", "success_rate"]["n_scored"] == "6"
    assert float(rows["tiny", "oracle", "output_tokens_per_second"]["value"]) > 0
    assert rows["published", "(all)", "mean_wall_seconds"]["value"] == ""


def test_repeats_are_compared(finished):
    rows = {
        (row["model"], row["retriever"], row["metric"]): row
        for row in finished.table("consistency")
    }
    for metric in ("exact_agreement", "semantic_agreement", "passage_agreement"):
        assert float(rows["rare", "bm25", metric]["value"]) == 1.0
        assert rows["rare", "bm25", metric]["repeats"] == "2"
        assert rows["plain", "bm25", metric]["value"] == ""
    assert rows["rare", "bm25", "overall_repeat_sd"]["value"] == "0.0"
    noise = {row["model"]: row["overall_score_repeat_sd"] for row in finished.table("leaderboard")}
    assert noise["rare"] == "0.0"
    assert noise["plain"] == ""
