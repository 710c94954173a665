"""The judges judged, on numbers worked out by hand."""

import math

import pandas as pd
import pytest
from judgement_rows import judged

from modellab.core.errors import InputError
from modellab.core.records import Metric, ModelScores, Summary
from modellab.judging.meta_evaluation import agreement, consensus, reliability, scores
from modellab.judging.meta_evaluation.judgements import Measure, judged_answers, judgement_frame
from modellab.judging.records import ONE_TO_FIVE

CORRECT = Measure("rubric", "correctness", ONE_TO_FIVE)


def units_of(rows):
    return judged_answers(judgement_frame(rows))


def rows_of(table):
    return table.to_dict("records")


def given(judge, values, model="m", **keys):
    return [
        judged(judge, model, f"q{n}", value, reason=None if value is not None else "parse", **keys)
        for n, value in enumerate(values)
    ]


class TestReliability:
    def test_repeats_within_half_a_point_are_consistent(self):
        rows = [
            judged("j", "m", q, v, judge_repeat=n)
            for q, values in {"q1": (4.0, 4.0), "q2": (4.0, 5.0), "q3": (3.0, 3.5)}.items()
            for n, v in enumerate(values, start=1)
        ]
        rows += [
            judged("j", "m", "q4", 1.0),
            judged("j", "m", "q4", None, judge_repeat=2, reason="parse"),
        ]
        [row] = rows_of(reliability.consistency_table(units_of(rows)))
        assert (row["value"], row["exact"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
        assert (row["pairs"], row["n_scored"], row["n_failed"]) == (3, 3, 1)

    def test_on_a_scale_of_one_an_eighth_is_close(self):
        rows = [
            judged("j", "m", "q1", v, kind="ragas", metric="faithfulness", judge_repeat=n)
            for n, v in ((1, 0.5), (2, 0.625), (3, 0.7))
        ]
        [row] = rows_of(reliability.consistency_table(units_of(rows)))
        assert row["value"] == pytest.approx(2 / 3)

    def test_one_repeat_says_nothing(self):
        assert reliability.consistency_table(units_of(given("j", [1.0, 2.0]))).empty

    def test_effort_and_errors(self):
        rows = [
            *given("j", [5.0, 4.0, None], seconds=2.0, cost=0.5),
            judged("j", "m", "q9", None, reason="no_answer"),
        ]
        lost = judged("j", "m", "q8", None, reason="timeout", seconds=600.0)
        [late] = rows_of(reliability.usage_table(judgement_frame([*rows, lost])))
        assert (late["n_failed"], late["avg_latency_seconds"]) == (2, pytest.approx(2.0))
        [row] = rows_of(reliability.usage_table(judgement_frame(rows)))
        assert (row["n_judgements"], row["n_failed"], row["parse"]) == (3, 1, 1)
        assert row["error_rate"] == pytest.approx(1 / 3)
        assert row["avg_latency_seconds"] == pytest.approx(2.0)
        assert (row["cost_usd"], row["cost_per_judgement_usd"], row["calls"]) == (1.5, 0.5, 3)


class TestAgreement:
    def test_two_judges(self):
        units = units_of(
            [*given("a", [1.0, 2.0, 4.0, 5.0, None]), *given("b", [1.0, 3.0, 4.0, 5.0, 2.0])]
        )
        [row] = rows_of(agreement.pair_table(units))
        # weights (i-j)^2: 1 over 4 answers observed; 76 over 16 pairs of the margins expected
        assert row["kappa"] == pytest.approx(1 - (1 / 4) / (76 / 16))
        assert row["spearman"] == pytest.approx(1.0)
        assert (row["exact"], row["mean_difference"]) == (0.75, -0.25)
        assert (row["n_scored"], row["n_failed"]) == (4, 1)

    def test_chance_and_constants(self):
        assert agreement.kappa(CORRECT, [1, 1, 5, 5], [1, 5, 1, 5]) == pytest.approx(0.0)
        assert math.isnan(agreement.kappa(CORRECT, [3, 3], [3, 3]))
        assert math.isnan(agreement.spearman([1, 2, 3], [2, 2, 2]))
        assert math.isnan(agreement.spearman([1, 2], [1, 2]))

    def test_scales_of_different_kinds_are_not_compared(self):
        units = units_of([*given("a", [1.0]), *given("b", [1.0], kind="ragas")])
        assert agreement.pair_table(units).empty

    def test_alpha_of_equal_scores_is_one_and_takes_missing_ones(self):
        units = units_of([*given("a", [1.0, 3.0, 5.0, None]), *given("b", [1.0, 3.0, 5.0, 2.0])])
        [row] = rows_of(agreement.alpha_table(units))
        assert (row["value"], row["level"]) == (pytest.approx(1.0), "ordinal")
        assert (row["n_scored"], row["n_failed"]) == (3, 1)

    def test_alpha_of_opposites_by_hand(self):
        # binary on two units: D_o = 1; D_e = 2*2*2 / (4*3): alpha = 1 - 1 / (2/3)
        units = units_of(
            [
                *given("a", [0.0, 1.0], kind="ragas", metric="faithfulness"),
                *given("b", [1.0, 0.0], kind="ragas", metric="faithfulness"),
            ]
        )
        [row] = rows_of(agreement.alpha_table(units))
        assert row["value"] == pytest.approx(-0.5)


class TestHumans:
    def labels(self, tmp_path, text, units):
        path = tmp_path / "labels.csv"
        path.write_text("question_id,model,metric,value\n" + text)
        return agreement.read_labels(path, units)

    def test_agreement_beside_the_base_rate(self, tmp_path):
        units = units_of(given("j", [5.0, 5.0, 1.0, None]))
        labels = self.labels(
            tmp_path,
            "".join(f"q{n},m,correctness,{v}\n" for n, v in enumerate((5, 5, 5, 1, ""))),
            units,
        )
        [row] = rows_of(agreement.human_table(units, labels))
        assert (row["accuracy"], row["base_rate"]) == (pytest.approx(2 / 3), 1.0)
        assert row["kappa"] == pytest.approx(0.0)
        assert (row["mean_error"], row["n_scored"], row["n_failed"]) == (
            pytest.approx(-4 / 3),
            3,
            1,
        )
        confusion = {
            (r["human"], r["judged"]): r["n"]
            for r in rows_of(agreement.confusion_table(units, labels))
        }
        assert (confusion[5, 5], confusion[5, 1], confusion[1, 1]) == (2, 1, 0)
        assert sum(confusion.values()) == 3

    def test_several_people_become_their_mean(self, tmp_path):
        units = units_of(given("j", [4.0]))
        labels = self.labels(tmp_path, "q0,m,correctness,3\nq0,m,correctness,5\n", units)
        assert labels["label"].tolist() == [4.0]

    def test_a_retriever_is_wanted_where_there_are_several(self, tmp_path):
        units = units_of([*given("j", [4.0]), *given("j", [4.0], retriever="dense")])
        with pytest.raises(InputError, match=r"labels.csv:2: the retriever is missing, and m has"):
            self.labels(tmp_path, "q0,m,correctness,3\n", units)

    def test_a_label_is_of_one_kind_of_judge(self, tmp_path):
        """1 is the worst on the scale of the one, and the best on that of the other."""
        units = units_of(
            [
                *given("j", [1.0], metric="faithfulness"),
                *given("r", [1.0], kind="ragas", metric="faithfulness"),
            ]
        )
        with pytest.raises(
            InputError, match=r"labels.csv:2: the kind is missing, and faithfulness"
        ):
            self.labels(tmp_path, "q0,m,faithfulness,1\n", units)
        path = tmp_path / "labels.csv"
        path.write_text("question_id,model,metric,value,kind\nq0,m,faithfulness,1,rubric\n")
        [row] = rows_of(agreement.human_table(units, agreement.read_labels(path, units)))
        assert (row["judge"], row["kind"], row["accuracy"]) == ("j", "rubric", 1.0)

    @pytest.mark.parametrize("value", ["0", "5.1", "-1"])
    def test_a_label_off_the_scale_names_its_line(self, tmp_path, value):
        with pytest.raises(InputError, match=r"labels.csv:2: .* scale of correctness, 1 to 5"):
            self.labels(tmp_path, f"q0,m,correctness,{value}\n", units_of(given("j", [4.0])))

    def test_labels_of_no_judged_answer_are_reported(self, tmp_path, caplog):
        text = "q0,m,correctness,4\nq0,mm,correctness,4\nq9,m,correctness,4\nq0,m,other,1\n"
        self.labels(tmp_path, text, units_of(given("j", [4.0])))
        assert "3 of 4 labels are for answers that were not judged" in caplog.text
        assert "labels.csv:3" in caplog.text

    @pytest.mark.parametrize("value", ["good", "nan"])
    def test_a_label_that_is_no_number_names_its_line(self, tmp_path, value):
        with pytest.raises(InputError, match=r"labels.csv:2: .* is not a number"):
            self.labels(tmp_path, f"q0,m,correctness,{value}\n", units_of(given("j", [4.0])))


class TestBiases:
    def test_position(self):
        def pair(question, first, second):
            return [
                judged(
                    "j",
                    "m",
                    question,
                    value,
                    metric="pairwise",
                    other="o",
                    shown=shown,
                    reason=None if value is not None else "parse",
                )
                for shown, value in (("first", first), ("second", second))
            ]

        rows = [
            *pair("q1", 1.0, 1.0),
            *pair("q2", 1.0, 0.0),
            *pair("q3", 1.0, 0.5),
            *pair("q4", 0.0, 1.0),
            *pair("q5", 1.0, None),
        ]
        [row] = rows_of(reliability.position_table(judgement_frame(rows)))
        assert (row["consistent"], row["first_favoured"], row["second_favoured"]) == (
            0.25,
            0.5,
            0.25,
        )
        assert (row["position_bias"], row["n_scored"], row["n_failed"]) == (0.25, 4, 1)

    def test_length_is_taken_within_questions(self):
        rows = [
            judged("j", model, f"q{n}", value, words=words + 10 * n)
            for n in range(3)
            for model, value, words in (("a", 2.0, 1), ("b", 4.0, 6))
        ]
        [row] = rows_of(reliability.length_table(units_of(rows)))
        assert (row["value"], row["n_scored"]) == (pytest.approx(1.0), 6)

    def test_self_preference_is_beyond_what_others_give(self):
        rows = [
            judged("mine", "own", "q1", 5.0, family="f"),
            judged("mine", "rival", "q1", 3.0, family="f"),
            judged("other", "own", "q1", 3.0),
            judged("other", "rival", "q1", 2.0),
        ]
        [row] = rows_of(reliability.preference_table(units_of(rows), {"own": "f", "rival": None}))
        assert (row["value"], row["n_own"], row["n_other"]) == ((5 - 3) - (3 - 2), 1, 1)


class TestConsensus:
    ROWS = (*given("a", [5.0, 1.0]), *given("b", [3.0, 1.0]), *given("c", [1.0, None]))

    def value(self, method, weights=None):
        [row] = rows_of(consensus.consensus_table(units_of(self.ROWS), method, weights or {}))
        return row

    def test_mean_and_median(self):
        assert self.value("mean")["value"] == pytest.approx((3 + 1) / 2)
        row = self.value("median")
        assert row["value"] == pytest.approx((3 + 1) / 2)
        assert (row["n_scored"], row["n_complete"], row["n_failed"]) == (2, 1, 0)

    def test_weights_by_agreement_with_people(self):
        found = consensus.weights_of(
            pd.DataFrame(
                {
                    "kind": "rubric",
                    "metric": "correctness",
                    "judge": ["a", "b", "c"],
                    "kappa": [0.9, 0.3, -0.5],
                }
            )
        )
        row = self.value("mean", found)
        assert row["value"] == pytest.approx(((5 * 0.75 + 3 * 0.25) + 1) / 2)
        assert row["weights"] == "a=0.75 b=0.25 c=0"
        assert self.value("median", found)["value"] == pytest.approx((5 + 1) / 2)

    def test_the_ranking_without_each_judge(self):
        rows = [
            judged(j, model, "q1", value)
            for j, values in {"a": {"x": 5.0, "y": 1.0}, "b": {"x": 2.0, "y": 3.0}}.items()
            for model, value in values.items()
        ]
        found = {
            (r["dropped"], r["model"]): r for r in rows_of(consensus.ranking_table(units_of(rows)))
        }
        assert (found["", "x"]["rank"], found["", "y"]["rank"]) == (1, 2)
        assert (found["a", "x"]["rank"], found["a", "x"]["rank_change"]) == (2, 1)
        assert (found["a", "x"]["kendall_tau"], found["b", "x"]["kendall_tau"]) == (-1.0, 1.0)

    def test_a_control_has_no_rank(self):
        rows = [
            judged(judge, model, "q1", value)
            for judge in "ab"
            for model, value in {"x": 5.0, "y": 1.0, "z": 3.0}.items()
        ]
        units = units_of(rows)
        found = rows_of(consensus.ranking_table(units, {("x", "bm25")}))
        assert {(r["model"], r["rank"]) for r in found} == {("z", 1), ("y", 2)}


def test_production_judges_are_sorted_by_f1():
    def model(name, f1, control=False):
        metric = Metric(f1, 10, 2)
        summary = Summary(
            "none",
            12,
            1,
            1.0,
            {},
            dict.fromkeys(("accuracy", "precision", "recall", "f1"), metric),
            {},
            Metric(None, 0),
            Metric(None, 0),
            0.25,
            None,
            None,
            None,
            None,
            None,
            None,
            0,
            control=control,
        )
        return ModelScores(
            name, "d", "label", "s", "incorrect", "p", f"id-{name}", True, None, (summary,)
        )

    models = [model("bad", 0.1), model("none", None), model("all", 0.95, True), model("good", 0.9)]
    rows = rows_of(scores.production_table(models))
    assert [row["model"] for row in rows] == ["good", "bad", "none", "all"]
    assert [row["control"] for row in rows] == [False, False, False, True]
    assert (rows[0]["accuracy"], rows[0]["n_scored"], rows[0]["n_failed"]) == (0.9, 10, 2)
