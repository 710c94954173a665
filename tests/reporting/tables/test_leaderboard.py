from __future__ import annotations

import pytest

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.records import Metric, RepeatNoise
from modellab.evaluation.compare.verdict import read_certainty
from modellab.reporting.tables.leaderboard import leaderboard_frame, write_leaderboard


def leaderboard_rows(models, sure=None):
    return leaderboard_frame(models, sure).to_dict("records")


def test_the_file_by_hand(qwen, submission, build, tmp_path):
    third = 1 / 3
    measured = build.summary(
        "none",
        third,
        avg_latency_seconds=0.1 + 0.2,
        input_tokens=12,
        output_tokens=3,
        estimated_cost_usd=0.0,
        control=True,
        repeat_noise={"overall": RepeatNoise(0.25, 0.5, 2)},
    )
    models = [qwen.scores, submission.scores, build.scores("api", measured, local=False)]
    write_leaderboard(tmp_path / "leaderboard.csv", models)
    table = read_csv(tmp_path / "leaderboard.csv")
    assert table.columns == (
        *("rank", "model", "retriever", "control", "provider", "size_b", "local", "n_questions"),
        *("repeats", "coverage", "value", "value_n", "value_failed", "overall", "overall_n"),
        *(
            "overall_failed",
            "overall_score_repeat_sd",
            "overall_low",
            "overall_high",
            "may_be_best",
            "not_distinguishable_from",
        ),
        *("right", "wrong", "declined", "hallucinated"),
        *("abstention_precision", "abstention_precision_n"),
        *("abstention_recall", "abstention_recall_n"),
        *("answered", "abstained", "unparsed", "failed", "missing"),
        *("avg_latency_seconds", "p95_latency_seconds", "latency_n", "mean_concurrency"),
        *("seconds_per_answer", "items_per_second", "output_tokens_per_second", "measured_alone"),
        *("generation_seconds", "retrieval_seconds", "total_time_seconds"),
        *("input_tokens", "output_tokens"),
        *("generation_cost_usd", "retrieval_cost_usd", "cost_usd"),
    )
    lines = [",".join(row.values()) for row in table.rows]
    assert lines == [
        "1,qwen,oracle,False,transformers,7.0,True,3,1,1.0,0.5,2,1,0.6,3,1,,,,,,1,1,0,0,,0,0.0,1,2,0,0,1,0,,,0,,,,,,,,,,,,,",
        "1,team-v2-test,external,False,submission,,False,3,1,0.3333333333333333,"
        "0.5,2,1,0.6,3,1,,,,,,1,1,0,0,,0,0.0,1,2,0,0,1,0,,,0,,,,,,,,,,,,,",
        "3,qwen,bm25,False,transformers,7.0,True,3,1,1.0,0.5,2,1,0.4,3,1,,,,,,1,1,0,0,,0,0.0,1,2,0,0,1,0,,,0,,,,,,,,,,,,,",
        ",api,none,True,transformers,7.0,False,3,1,1.0,0.5,2,1,0.3333333333333333,3,1,0.25,"
        ",,,,1,1,0,0,,0,0.0,1,2,0,0,1,0,0.30000000000000004,,0,,,,,,,,,12,3,,,0.0",
    ]


def test_how_sure_a_row_is(tmp_path, qwen, submission):
    (tmp_path / "statistics.csv").write_text(
        "system,component,low,high\nqwen@bm25,overall,0.3,0.5\nqwen@bm25,value,0.1,0.2\n"
        "team-v2-test,overall,,\n"
    )
    (tmp_path / "ranks.csv").write_text(
        "system,component,may_be_best,not_distinguishable_from\n"
        "qwen@bm25,overall,True,qwen@oracle;team-v2-test\n"
    )
    sure = read_certainty(tmp_path / "statistics.csv", tmp_path / "ranks.csv", "overall")
    rows = leaderboard_rows([qwen.scores, submission.scores], sure)
    found = {
        (row["model"], row["retriever"]): (
            row["overall_low"],
            row["overall_high"],
            row["not_distinguishable_from"],
        )
        for row in rows
    }
    assert found == {
        ("qwen", "bm25"): (0.3, 0.5, "qwen@oracle;team-v2-test"),
        ("qwen", "oracle"): (None, None, ""),
        ("team-v2-test", "external"): (None, None, ""),
    }


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_a_model_without_a_score_comes_last_and_has_no_rank(unknown, build):
    models = [
        build.scores("a", build.summary("bm25", unknown)),
        build.scores("b", build.summary("bm25", 0.0)),
    ]
    rows = leaderboard_rows(models)
    found = [(row["rank"], row["model"], row["overall"]) for row in rows]
    assert found == [(1, "b", 0.0), (None, "a", None)]


def test_equal_scores_share_a_rank_in_the_order_of_names(build):
    overall = {"d": 0.5, "c": 0.9, "b": 0.5, "a": 0.1}
    models = [build.scores(name, build.summary("bm25", v)) for name, v in overall.items()]
    found = [(row["rank"], row["model"]) for row in leaderboard_rows(models)]
    assert found == [(1, "c"), (2, "b"), (2, "d"), (4, "a")]


def test_controls_have_no_rank_and_are_last(build):
    models = [
        build.scores(
            "a",
            build.summary("oracle", 0.9, control=True),
            build.summary("bm25", 0.4),
            build.summary("none", 0.5, control=True),
        ),
        build.scores("b", build.summary("bm25", 0.6)),
    ]
    found = [
        (row["rank"], row["model"], row["retriever"], row["control"])
        for row in leaderboard_rows(models)
    ]
    assert found == [
        (1, "b", "bm25", False),
        (2, "a", "bm25", False),
        (None, "a", "oracle", True),
        (None, "a", "none", True),
    ]


@pytest.mark.parametrize("what", ["dataset", "task", "scorer", "missing"])
def test_models_scored_by_other_rules_are_never_mixed(what, build):
    one = build.scores("a", build.summary("bm25", 0.5))
    other = build.scores("b", build.summary("bm25", 0.5), **{what: "other"})
    with pytest.raises(InputError, match=f"b has '?other'?|has {what}"):
        leaderboard_rows([one, other])


def test_models_with_other_components_are_never_mixed(build):
    one = build.scores("a", build.summary("bm25", 0.5))
    other = build.scores("b", build.summary("bm25", 0.5, metrics={"overall": Metric(0.5, 3)}))
    with pytest.raises(InputError, match="different components"):
        leaderboard_rows([one, other])


def test_nothing_to_rank_is_an_error():
    with pytest.raises(InputError, match="no scored model"):
        leaderboard_rows([])


def test_a_component_may_not_hide_a_column(build):
    clash = {"coverage": Metric(0.5, 3), "overall": Metric(0.5, 3)}
    with pytest.raises(ValueError, match="'coverage'"):
        leaderboard_rows([build.scores("a", build.summary("bm25", 0.5, metrics=clash))])
