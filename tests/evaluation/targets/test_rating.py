"""From values to statuses: thresholds both ways, who counts, and one word for the whole."""

import pandas as pd
import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modellab.evaluation.targets.measurements import COLUMNS, Measurements
from modellab.evaluation.targets.options import Target, TargetsOptions
from modellab.evaluation.targets.rating import (
    TargetStatus,
    overall,
    rate,
    status_line,
    status_record,
)
from modellab.evaluation.targets.sources import about_answers

SYSTEMS = (("a", "oracle"), ("a", "bm25"), ("b", "bm25"), ("a", "none"))
CONTROLS = frozenset({("a", "oracle"), ("a", "none")})


def measure(table, metric, value, scored=5, failed=0, coverage=1.0, **of):
    cells = (table, metric, value, scored, failed, coverage)
    return {**dict.fromkeys(COLUMNS, ""), **dict(zip(COLUMNS, cells, strict=False)), **of}


def measurements(rows, systems=SYSTEMS, controls=CONTROLS):
    return Measurements(pd.DataFrame(rows).astype({"value": float}), systems, controls)


def score(value, model="a", retriever="bm25", metric="overall", coverage=1.0):
    of = {"model": model, "retriever": retriever}
    return measure("scores", metric, value, 10, coverage=coverage, **of)


def retrieved(level, value, retriever="bm25", scored=5):
    return measure("retrieval", "mrr", value, scored, retriever=retriever, level=level)


def judged(judge, model, value, kind="rubric", scored=5, failed=0):
    of = {"model": model, "retriever": "bm25", "judge": judge, "kind": kind}
    return measure("judge_scores", "faithfulness", value, scored, failed, **of)


def rated(rows, *targets, dataset="quiz", **options):
    made = TargetsOptions(metrics=targets or None, **options)
    return made, rate(made, dataset, measurements(rows))


def shown(ratings):
    return list(ratings[["subject", "status", "counts"]].itertuples(index=False, name=None))


@each(
    ("value", "higher", "lower"),
    [
        (0.9, "good", "critical"),
        (0.8, "good", "critical"),
        (0.79, "attention", "critical"),
        (0.6, "attention", "critical"),
        (0.59, "critical", "critical"),
        (0.3, "critical", "attention"),
        (0.2, "critical", "good"),
        (0.0, "critical", "good"),
    ],
)
def test_a_value_is_rated_in_the_direction_of_its_metric(value, higher, lower):
    up = Target(metric="overall", good=0.8, attention=0.6)
    down = Target(metric="p95_latency_seconds", good=0.2, attention=0.3)
    rows = [score(value), score(value, metric="p95_latency_seconds")]
    _, ratings = rated(rows, up, down)
    assert ratings["status"].tolist() == [higher, lower]


def test_without_a_second_threshold_no_metric_is_critical():
    names = ("overall", "value_accuracy", "ref_overlap")
    targets = [Target(metric=name, good=0.8) for name in names]
    rows = [score(0.1, metric=name) for name in names]
    options, ratings = rated(rows, *targets)
    assert set(ratings["status"]) == {TargetStatus.ATTENTION}
    # three short of good are critical together, as in the Model Lab's reports
    assert overall(options, ratings) == TargetStatus.CRITICAL
    assert overall(options, ratings[:2]) == TargetStatus.ATTENTION
    never, _ = rated(rows, *targets, critical_from=None)
    assert overall(never, ratings) == TargetStatus.ATTENTION


def test_the_leader_counts_and_controls_do_not():
    rows = [score(value, *of) for value, of in zip((1.0, 0.9, 0.5, 0.2), SYSTEMS, strict=True)]
    target = Target(metric="overall", good=0.8, attention=0.6)
    options, ratings = rated(rows, target)
    assert shown(ratings) == [("a@bm25", "good", True), ("b@bm25", "critical", False)]
    assert overall(options, ratings) == TargetStatus.GOOD
    options, ratings = rated(rows, target, of="every")
    assert overall(options, ratings) == TargetStatus.CRITICAL
    # a control that is named is rated, and so is a system that is not the best
    named = Target(metric="overall", good=0.95, retrievers=("oracle",))
    assert shown(rated(rows, named)[1]) == [("a@oracle", "good", True)]
    one = Target(metric="overall", good=0.8, models=("b",))
    assert shown(rated(rows, one)[1]) == [("b@bm25", "attention", True)]


def test_controls_are_rated_where_there_is_nothing_else():
    options = TargetsOptions(metrics=[Target(metric="overall", good=0.8)])
    alone = ("a", "oracle")
    only = measurements([score(0.9, retriever="oracle")], [alone], frozenset({alone}))
    assert shown(rate(options, "quiz", only)) == [("a@oracle", "good", True)]


def test_a_control_that_is_a_model_counts_only_where_it_is_named():
    chance = ("chance", "bm25")
    rows = [score(0.9), score(0.1, model="chance")]
    found = measurements(rows, [("a", "bm25"), chance], frozenset({chance}))
    every = TargetsOptions(metrics=[Target(metric="overall", good=0.8)], of="every")
    assert shown(rate(every, "quiz", found)) == [("a@bm25", "good", True)]
    named = TargetsOptions(metrics=[Target(metric="overall", good=0.8, models=("chance",))])
    assert rate(named, "quiz", found)["model"].tolist() == ["chance"]


def test_each_instrument_has_its_own_leader():
    rows = [
        retrieved("chunk", 0.9),
        retrieved("document", 0.7),
        retrieved("chunk", 1.0, "unused"),
        judged("mild", "b", 4.9),
        judged("mild", "a", 4.6),
        judged("strict", "a", 3.0),
        judged("ragas", "a", 0.9, kind="ragas"),
    ]
    targets = [
        Target(metric="mrr", good=0.8),
        Target(metric="faithfulness", judge_kind="rubric", good=4.5),
    ]
    options, ratings = rated(rows, *targets)
    # what is said of answers goes first
    assert shown(ratings) == [
        ("mild: a@bm25", "good", True),
        ("strict: a@bm25", "attention", True),
        ("mild: b@bm25", "good", False),
        ("bm25 (chunk)", "good", True),
        ("bm25 (document)", "attention", True),
        ("unused (chunk)", "good", False),
    ]
    assert overall(options, ratings) == TargetStatus.ATTENTION


def test_what_is_not_there_is_insufficient_where_it_was_asked_for():
    few = score(0.9, coverage=0.5)
    wanted = Target(metric="overall", good=0.8)
    options, ratings = rated([few], wanted)
    assert ratings[["status", "reason"]].to_numpy().tolist() == [
        ["insufficient data", "it covers 50.0% of the rows, less than min_coverage"]
    ]
    assert overall(options, ratings) == TargetStatus.INSUFFICIENT
    assert shown(rated([few], wanted, min_coverage=0.5)[1]) == [("a@bm25", "good", True)]
    assert rated([score(None)], wanted)[1]["reason"].tolist() == ["it has no value"]
    absent = Target(metric="mrr", good=0.8, datasets=("quiz",))
    assert shown(rated([few], absent)[1]) == [("", "insufficient data", True)]
    assert rated([few], absent, dataset="other")[1].empty


def test_a_level_that_no_question_names_is_left_out_unless_it_is_asked_for():
    rows = [retrieved("chunk", None, scored=0), retrieved("document", 0.9)]
    assert shown(rated(rows, Target(metric="mrr", good=0.8))[1]) == [
        ("bm25 (document)", "good", True)
    ]
    assert shown(rated(rows, Target(metric="mrr", good=0.8, level="chunk"))[1]) == [
        ("bm25 (chunk)", "insufficient data", True)
    ]
    neither = [retrieved(level, None, scored=0) for level in ("chunk", "document")]
    assert len(rated(neither, Target(metric="mrr", good=0.8))[1]) == 2


def test_trouble_that_is_known_goes_before_what_is_not_known():
    rows = [score(0.7), score(None, metric="na_recall")]
    targets = [
        Target(metric="overall", good=0.8, attention=0.6),
        Target(metric="na_recall", good=0.8),
    ]
    options, ratings = rated(rows, *targets)
    assert overall(options, ratings) == TargetStatus.ATTENTION
    record = status_record("quiz", "a@bm25", options, ratings)
    assert status_line(record) == "quiz: attention (1 attention, 1 insufficient data)"
    assert [one["metric"] for one in record["metrics"]] == ["overall", "na_recall"]


@given(st.permutations([score(0.1 * n, *of) for n, of in enumerate(SYSTEMS[1:3])] * 3))
def test_the_order_of_rows_changes_no_status(rows):
    target = Target(metric="overall", good=0.05)
    options, ratings = rated([row for n, row in enumerate(rows) if row not in rows[:n]], target)
    assert shown(ratings) == [("a@bm25", "attention", True), ("b@bm25", "good", False)]
    assert overall(options, ratings) == TargetStatus.ATTENTION


@each(
    ("entry", "message"),
    [
        ({"metric": "hit_rte@5"}, "unknown metric 'hit_rte@5'; did you mean 'hit_rate@5'"),
        ({"metric": "overall_n"}, "unknown metric 'overall_n'"),
        ({"metric": "position_bias"}, "neither way is good in itself; say `better: higher`"),
        ({"metric": "overall", "better": "lower"}, "higher is better; leave `better` out"),
        ({"metric": "overall", "attention": 0.9}, "attention (0.9) should be below good (0.5)"),
        ({"metric": "error_rate", "attention": 0.4}, "attention (0.4) should be above good (0.5)"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(entry, message):
    with pytest.raises(ValidationError) as error:
        Target(good=0.5, **entry)
    assert message in str(error.value)


def test_a_metric_without_a_direction_takes_one():
    assert Target(metric="avg_nn_distance", good=0.3, better="lower").reaches(0.2, 0.3)


def test_the_agreement_of_one_field_is_a_metric_too():
    assert Target(metric="answer_value_agreement", good=0.9).direction == "higher"


def test_nothing_is_rated_that_the_config_does_not_name():
    """An overall score of 0.126 beside a perfect retriever has no status, least of all a good one."""
    options, ratings = rated([score(0.126), retrieved("chunk", 1.0)])
    assert ratings.empty
    assert overall(options, ratings) is None
    record = status_record("quiz", "a@bm25", options, ratings)
    assert (record["status"], record["metrics"]) == (None, [])
    assert status_line(record) == "quiz: not rated: the config names no target for it"


def test_good_passages_alone_are_no_good_result():
    options, ratings = rated(
        [score(0.126), retrieved("chunk", 1.0)], Target(metric="mrr", good=0.8)
    )
    assert shown(ratings) == [("bm25 (chunk)", "good", True)]
    assert overall(options, ratings) == TargetStatus.INSUFFICIENT
    line = status_line(status_record("quiz", "a@bm25", options, ratings))
    assert line == "quiz: insufficient data (1 good; no target is about the answers)"
    fast = Target(metric="p95_latency_seconds", good=10.0)
    options, ratings = rated([score(1.0, metric="p95_latency_seconds")], fast)
    assert overall(options, ratings) == TargetStatus.INSUFFICIENT


def test_the_answers_count_first():
    both = [Target(metric="mrr", good=0.8), Target(metric="overall", good=0.8, attention=0.5)]
    options, ratings = rated([retrieved("chunk", 1.0), score(0.126)], *both)
    assert ratings["metric"].tolist() == ["overall", "mrr"]
    assert overall(options, ratings) == TargetStatus.CRITICAL


@each(
    ("metric", "answers"),
    [
        ("overall", True),
        ("value_accuracy", True),
        ("rougeL", True),
        ("f1", True),
        ("faithfulness", True),
        ("context_recall", False),
        ("hit_rate@5", False),
        ("total_time_seconds", False),
        ("success_rate", False),
        ("coverage", False),
        ("retrieval_loss", False),
        ("self_consistency", False),
    ],
)
def test_what_is_about_answers(metric, answers):
    assert about_answers(metric) is answers


def test_a_leader_with_failed_rows_only_is_not_replaced_by_another_system():
    wanted = Target(metric="faithfulness", judge_kind="rubric", good=4.5)
    options, ratings = rated(
        [judged("mild", "b", 4.9), judged("mild", "a", None, scored=0, failed=5)], wanted
    )
    assert shown(ratings) == [
        ("mild: a@bm25", "insufficient data", True),
        ("mild: b@bm25", "good", False),
    ]
    assert overall(options, ratings) == TargetStatus.INSUFFICIENT
