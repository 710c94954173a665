from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored import ScoredModel, dataset

from modellab.core.intervals.score_method import Differences, difference_interval
from modellab.core.io.csv_file import read_csv
from modellab.core.io.frames import write_frame
from modellab.core.records import Metric, ModelScores, Question, Summary
from modellab.evaluation.diagnostics.error_attribution import (
    COLUMNS,
    PARTS,
    Roles,
    attribution_table,
    error_attribution,
    scored_parts,
)
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.wattbot.rules import wattbot

ROLES = Roles(("bm25",), oracle="oracle", none="none", shuffled={"mixed": "bm25"})
OPTIONS = StatisticsOptions(resamples=200)
#: by retriever the marks of q0 to q3; q3 is unanswerable: its third mark is for abstaining
MARKS = {"oracle": (1, 1, 1, 0), "bm25": (1, 0, 0, 0), "none": (0, 0, 0, 1)}


def summary(retriever, name="overall"):
    resource_usage = dict.fromkeys(
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
        metrics={name: Metric(None, 0)},
        outcomes={},
        abstention_precision=Metric(None, 0),
        abstention_recall=Metric(None, 0),
        total_retries=0,
        **resource_usage,
    )


def model(retrievers, rows=(), task="wattbot", name="overall", missing="incorrect"):
    scores = ModelScores(
        *("m", "quiz", task, "v3", missing, "extractive", "m", True, None),
        summaries=tuple(summary(retriever, name) for retriever in retrievers),
        example_scores=("value_correct", "ref_score", "na_correct", "weighted"),
    )
    return ScoredModel(scores, tuple(rows))


def answered(value, n_scored=4, asked="abcd", name="overall"):
    return {"component": name, "value": value, "n_scored": n_scored, "asked": frozenset(asked)}


FOUR = {
    "oracle": answered(0.8),
    "bm25": answered(0.5),
    "mixed": answered(0.1),
    "none": answered(0.2),
}


def attributed(parts, ends, retrievers=MARKS, **changes):
    table = error_attribution([model(retrievers, **changes).scores], ROLES, parts, ends)
    return table.astype(object).where(table.notna(), None).to_dict("records")


def split(answers, **changes):
    about = {"model": "m", "n_failed": 0, "repeats": 1}
    parts = [
        {**about, "behind": name, "place": place, **one}
        for place, (name, one) in enumerate(answers.items())
    ]
    frame = pd.DataFrame(parts, columns=list(PARTS))
    return attributed(frame, lambda *_: (np.nan, np.nan), answers, **changes)


def test_by_hand():
    [row] = split(FOUR)
    assert (row["oracle"], row["retrieved"], row["shuffled"], row["none"]) == (0.8, 0.5, 0.1, 0.2)
    assert row["retrieval_loss"] == pytest.approx(0.3)
    assert row["reading_loss"] == pytest.approx(0.2)
    assert row["retrieval_gain"] == pytest.approx(0.3)
    assert row["wrong_text_harm"] == pytest.approx(0.1)
    assert row["oracle_n_scored"] == row["n_questions"] == 4
    assert row["reason"] == ""


def test_what_is_missing_is_empty_and_says_why():
    [row] = split({"bm25": answered(0.5), "none": answered(0.2)})
    assert row["reason"] == "no oracle; no shuffled"
    assert row["retrieval_gain"] == pytest.approx(0.3)
    for name in ("oracle", "shuffled", "retrieval_loss", "wrong_text_harm"):
        assert row[name] is None
    assert row["reading_loss"] is None


def test_scores_over_different_questions_are_not_subtracted():
    [row] = split({**FOUR, "bm25": answered(0.5, asked="abc")})
    assert row["retrieval_loss"] is None
    assert row["wrong_text_harm"] == pytest.approx(0.1)
    assert "oracle and retrieved are scored on different rows" in row["reason"]
    [row] = split({**FOUR, "oracle": answered(0.8, n_scored=3)})
    assert row["retrieval_loss"] is None


def test_a_score_without_value_has_no_difference():
    [row] = split({**FOUR, "oracle": answered(None)})
    assert row["retrieval_loss"] is None
    assert row["reading_loss"] is None


def test_a_submission_has_one_column():
    [row] = split({"external": answered(0.7)})
    assert (row["retriever"], row["retrieved"]) == ("external", 0.7)
    assert row["reason"] == "no oracle; no shuffled; no none"


def test_a_model_without_a_retriever_still_has_a_reading_loss():
    [row] = split({"oracle": answered(0.75)})
    assert row["retriever"] is None
    assert row["reading_loss"] == 0.25
    assert "no retrieved" in row["reason"]


def test_each_retriever_has_its_own_shuffled_passages():
    roles = Roles(("bm25", "dense"), "oracle", "none", {"mixed": "bm25", "stirred": "dense"})
    assert roles.of("dense")["shuffled"] == "stirred"
    assert roles.of("other")["shuffled"] == "mixed"
    assert Roles(("bm25",)).of("bm25")["shuffled"] is None


def test_a_component_of_which_less_is_better_has_no_row():
    less = {"oracle": answered(0.3, name="invented_share")}
    assert split(less, task="extract", name="invented_share") == []


@given(*[st.floats(0, 1)] * 4)
def test_losses_add_up(oracle, retrieved, shuffled, none):
    values = {"oracle": oracle, "bm25": retrieved, "mixed": shuffled, "none": none}
    [row] = split({name: answered(value) for name, value in values.items()})
    whole = row["none"] + row["retrieval_gain"] + row["retrieval_loss"] + row["reading_loss"]
    assert whole == pytest.approx(1)
    assert all(-1 <= row[name] <= 1 for name in ("retrieval_loss", "wrong_text_harm"))


def questions():
    truth = {"answer_value": "1", "ref_id": "x"}
    blank = {"answer_value": "is_blank", "ref_id": "is_blank"}
    return [
        Question(f"q{n}", f"? {n}", {}, blank if n == 3 else truth, (), unanswerable=n == 3)
        for n in range(4)
    ]


def marked(status="answered"):
    return [
        {
            "question_id": f"q{n}",
            "retriever": retriever,
            "repeat": "1",
            "status": status,
            "outcome": "",
        }
        | {"value_correct": f"{mark}.0", "ref_score": f"{mark}.0", "na_correct": f"{mark}.0"}
        | {"weighted": f"{mark}.0"}
        for retriever, marks in MARKS.items()
        for n, mark in enumerate(marks)
    ]


def parts_of(*scored, **options):
    settings = OPTIONS.model_copy(update=options)
    return scored_parts(dataset(questions(), scored), wattbot("v3"), settings)


def cell(parts, retriever, component, column):
    own = parts[(parts["behind"] == retriever) & (parts["component"] == component)]
    return own[column].item()


def test_what_no_retriever_could_win_is_no_loss_of_retrieval():
    """Abstaining with the oracle or without it is not a question of passages.

    Over q0 to q2: oracle 3 of 3, bm25 1 of 3; the weight of NA recall (0.1) is 1 for both.
    """
    parts, ends = parts_of(model(MARKS, marked()))
    [row] = attributed(parts, ends)
    assert row["oracle"] == pytest.approx(1.0)
    assert row["retrieved"] == pytest.approx(0.9 / 3 + 0.1)
    assert row["none"] == pytest.approx(0.1)
    assert row["retrieval_loss"] == pytest.approx(0.9 * 2 / 3)
    assert row["reading_loss"] == pytest.approx(0.0)
    assert (row["n_questions"], row["retrieved_n_scored"]) == (3, 3)
    # a component about unanswerable questions alone has nothing to attribute
    assert cell(parts, "bm25", "na_recall", "n_scored") == 0
    assert attributed(parts, ends, name="na_recall") == []


def test_the_intervals_are_those_of_paired_differences():
    [row] = attributed(*parts_of(model(MARKS, marked())))
    # marks of 0 and 1 on the scale of what can be lost, 0.9: two of three questions are lost
    one = Differences(*(np.array([x]) for x in (0.9, 3.0, 2 / 3, 0.0, 2 / 3)))
    low, high = (float(end[0]) for end in difference_interval([one], 0.95))
    assert (row["retrieval_loss_low"], row["retrieval_loss_high"]) == pytest.approx((low, high))
    assert row["retrieval_loss_low"] <= row["retrieval_loss"] <= row["retrieval_loss_high"]
    # three questions read rightly are no certainty
    assert row["reading_loss_low"] == pytest.approx(0.0)
    assert row["reading_loss_high"] > 0.3


def test_the_interval_is_of_the_difference_whatever_the_order_of_the_retrievers():
    """Of two retrievers alone, the second less the first."""
    rows = [row for row in marked() if row["retriever"] != "none"]
    found = []
    for order in (("oracle", "bm25"), ("bm25", "oracle")):
        parts, ends = parts_of(model(order, rows))
        places = [cell(parts, name, "overall", "place") for name in ("oracle", "bm25")]
        found.append(ends("overall", *places))
    assert found[0] == pytest.approx(found[1])
    assert found[0][1] > 0.5


def test_missing_rows_are_left_out_where_they_are_ignored():
    rows = [{**row, "status": "missing"} if row["question_id"] == "q1" else row for row in marked()]
    scored = model(MARKS, rows, missing="ignore")
    parts, _ = parts_of(scored)
    assert cell(parts, "bm25", "overall", "n_scored") == 2
    assert cell(parts, "bm25", "value_accuracy", "value") == 0.5
    parts, _ = parts_of(replace(scored, scores=replace(scored.scores, missing="incorrect")))
    assert [cell(parts, "bm25", "overall", name) for name in ("n_scored", "n_failed")] == [3, 1]


def test_the_file_has_empty_cells_never_zeros(tmp_path):
    scored = model(["bm25"], [row for row in marked() if row["retriever"] == "bm25"])
    scores = dataset(questions(), [scored])
    table = attribution_table(scores, ROLES, parse_task("wattbot"), parse_scorer("v3"), OPTIONS)
    write_frame(tmp_path / "c.csv", table)
    [row] = read_csv(tmp_path / "c.csv").rows
    assert tuple(row) == COLUMNS
    assert row["oracle"] == row["none"] == row["retrieval_loss"] == ""
    assert row["confidence"] == "0.95"
    assert float(row["retrieved_low"]) < float(row["retrieved"]) < float(row["retrieved_high"])
