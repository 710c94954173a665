import json
from dataclasses import replace

import pytest
from retrieval_samples import ask, context_of

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Metric
from modellab.evaluation.diagnostics.retrieval import (
    LevelMetrics,
    mean_intervals,
    retrieval_consistency,
    retrieval_levels,
    write_retrieval,
)
from modellab.retrieval.contexts import Ranking, rankings_of

CONFIDENCE = 0.9
QUESTIONS = [ask("q1", references=["cats"]), ask("q2", references=["dogs"]), ask("q3")]


def ranking(question, *chunks, complete=True):
    return Ranking(
        question, "bm25", chunks, tuple(chunk.split("#")[0] for chunk in chunks), complete
    )


RANKINGS = [
    ranking("q1", "cats#0", "cats#1", "dogs#0"),
    ranking("q2", "cats#0", "cats#1", "dogs#0"),
    ranking("q3", "cats#0"),
]


def test_documents_have_the_rank_of_their_first_chunk():
    level = retrieval_levels(QUESTIONS, RANKINGS)["document"]
    assert level.metrics["mrr"] == Metric((1 + 1 / 2) / 2, 2)
    assert level.metrics["hit_rate@1"] == Metric(0.5, 2)
    assert level.n_unjudged == 1


def test_without_relevant_chunks_there_is_no_value_at_chunk_level():
    level = retrieval_levels(QUESTIONS, RANKINGS)["chunk"]
    assert set(level.metrics.values()) == {Metric(None, 0)}
    assert level.n_unjudged == 3


def test_levels_are_kept_apart():
    """A rank counted in chunks and one counted in documents never meet in one number."""
    question = replace(ask("q2", references=["dogs"]), relevant_chunks=("dogs#0",))
    levels = retrieval_levels([question], RANKINGS)
    assert levels["chunk"].metrics["mrr"].value == pytest.approx(1 / 3)
    assert levels["document"].metrics["mrr"].value == pytest.approx(1 / 2)


def test_a_question_without_ranking():
    with pytest.raises(InputError, match="rankings lack question 'q3'"):
        retrieval_levels(QUESTIONS, RANKINGS[:2])


def test_consistency_is_the_share_of_equal_searches():
    contexts = [context_of("q1", "a", "b"), context_of("q2", "a", "b"), context_of("q3")]
    again = [
        ranking("q1", "a#0", "b#0", "c#0"),
        ranking("q2", "b#0", "a#0", "c#0"),
        ranking("q3", "c#0"),
    ]
    assert retrieval_consistency(again, contexts) == Metric(pytest.approx(2 / 3), 3)
    assert retrieval_consistency([], []) == Metric(None, 0)


@pytest.mark.parametrize(("asked", "complete"), [(None, True), (2, False), (3, True)])
def test_a_ranking_is_complete_unless_it_was_cut(asked, complete):
    [found] = rankings_of([context_of("q", "a", "b")], asked)
    assert found.complete is complete


def level_of(marks):
    by_question = {f"q{n}": {"hit_rate@1": mark} for n, mark in enumerate(marks)}
    return LevelMetrics(by_question, {"hit_rate@1": Metric(sum(marks) / len(marks), len(marks))}, 0)


def test_an_interval_is_near_wilsons_where_marks_are_0_or_1():
    from statsmodels.stats.proportion import proportion_confint

    marks = [1.0] * 30 + [0.0] * 70
    found = mean_intervals(level_of(marks), 0.95)["hit_rate@1"]
    low, high = proportion_confint(30, 100, method="wilson")
    assert found.low == pytest.approx(low, abs=0.002)
    assert found.high == pytest.approx(high, abs=0.002)


def test_a_retriever_that_always_finds_is_still_not_sure_to():
    found = mean_intervals(level_of([1.0] * 10), CONFIDENCE)["hit_rate@1"]
    assert 0.7 < found.low < 0.8 and found.high == 1.0


def test_no_interval_without_a_value():
    cut = LevelMetrics({"q": {"mrr": None}}, {"mrr": Metric(None, 0, 1)}, 0)
    assert mean_intervals(cut, CONFIDENCE) == {}


def test_files_and_table(tmp_path):
    write_rows(tmp_path / "questions.jsonl", QUESTIONS)
    write_rows(tmp_path / "bm25.jsonl", RANKINGS)
    contexts = [context_of(f"q{n}", "cats") for n in (1, 2, 3)]
    write_rows(tmp_path / "contexts.jsonl", contexts)
    write_retrieval(
        tmp_path / "questions.jsonl",
        {"bm25": tmp_path / "bm25.jsonl"},
        {"bm25": tmp_path / "contexts.jsonl"},
        CONFIDENCE,
        tmp_path / "retrieval",
        tmp_path / "retrieval.csv",
    )
    rows = {(r["level"], r["metric"]): r for r in read_csv(tmp_path / "retrieval.csv").rows}
    assert rows["document", "mrr"]["value"] == "0.75"
    assert rows["document", "mrr"]["n_scored"] == "2"
    assert rows["document", "mrr"]["n_unjudged"] == "1"
    # two questions, of 1 and 1/2, say little
    low, high = (float(rows["document", "mrr"][end]) for end in ("low", "high"))
    assert 0.1 < low < 0.4 and 0.9 < high <= 1
    assert (rows["document", "mrr"]["confidence"], rows["document", "mrr"]["method"]) == (
        "0.9",
        "score",
    )
    assert rows["chunk", "mrr"]["value"] == rows["chunk", "mrr"]["low"] == ""
    assert rows["chunk", "retrieval_consistency"]["value"] == "1.0"
    questions = read_csv(tmp_path / "retrieval" / "bm25.csv").rows
    assert [row["document_mrr"] for row in questions] == ["1.0", "0.5", ""]
    summary = json.loads((tmp_path / "retrieval" / "bm25.json").read_text())
    assert summary["levels"]["document"]["metrics"]["mrr"]["value"] == 0.75
    assert summary["levels"]["chunk"]["n_unjudged"] == 3
