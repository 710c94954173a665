from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from label_samples import QUESTIONS, TASK, rows

from modellab.core.intervals.means import jackknife_ends
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.evaluation.label_agreement import agreement_table, cohen_kappa
from modellab.evaluation.labels import (
    UNREAD,
    LabelTables,
    confusion_table,
    majority,
    read_labels,
    score_table,
    side_by_side,
    true_labels,
    wide_table,
    with_truth,
    write_label_tables,
)
from modellab.tasks import parse_scorer
from modellab.tasks.scorer import Material

PREDICTIONS = {
    "a": rows("bad", "good", "?", "bad", "good"),
    "b": rows("bad", "bad", "bad", "bad", "good"),
}


def answers(predictions, ensembles=()):
    with TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.jsonl" for name in predictions}
        for name, path in paths.items():
            write_rows(path, predictions[name])
        return with_truth(SCORER, QUESTIONS, read_labels(paths, ensembles))


SCORER = parse_scorer("labels").make(TASK, Material((), ()))
ANSWERS = answers(PREDICTIONS)


def wide_rows(found):
    return wide_table(TASK, QUESTIONS, found).to_dict("records")


def agreement(found):
    asked = [question for question in QUESTIONS if question.text]
    voting = found.loc[found["votes"], "system"].unique()
    return agreement_table(side_by_side(asked, found, "given"), voting, true_labels(asked))


def test_the_wide_table_has_the_profile_analyzers_columns():
    found = wide_rows(ANSWERS)
    assert list(found[0]) == [
        *("id", "about", "true_label", "true_tags"),
        *("about_processed_a", "ai_a_flag", "ai_a_reasoning", "ai_a_tags"),
        *("ai_a_recommendation", "ai_a_status"),
        *("about_processed_b", "ai_b_flag", "ai_b_reasoning", "ai_b_tags"),
        *("ai_b_recommendation", "ai_b_status", "ai_majority_flag"),
    ]
    assert [row["ai_a_flag"] for row in found] == ["bad", "good", None, "bad", "good", None]
    assert found[2]["about_processed_a"] == "raw ?"
    assert found[2]["ai_a_status"] == "unparsed"


def test_a_missing_text_stays_missing():
    last = wide_rows(ANSWERS)[5]
    assert last["ai_a_status"] == "missing"
    empty = [name for name, cell in last.items() if cell is None]
    assert {"about", "about_processed_a", "ai_a_flag", "ai_a_tags", "ai_majority_flag"} <= set(
        empty
    )


@pytest.mark.parametrize(
    ("votes", "winner"),
    [
        (["good", "bad"], "bad"),
        (["bad", "good"], "bad"),
        (["good", "good", "bad"], "good"),
        ([], None),
    ],
)
def test_the_first_label_of_the_list_wins_a_tie(votes, winner):
    row = pd.DataFrame([votes + [None] * (3 - len(votes))], dtype=object)
    assert majority(TASK, row)[0] == winner


def test_an_ensemble_of_labels_has_no_second_vote():
    more = {**PREDICTIONS, "jury": PREDICTIONS["a"]}
    alone = [row["ai_majority_flag"] for row in wide_rows(ANSWERS)]
    voting = wide_rows(answers(more, ensembles=["jury"]))
    assert [row["ai_majority_flag"] for row in voting] == alone
    counted = wide_rows(answers(more))
    assert [row["ai_majority_flag"] for row in counted] != alone
    given = agreement(answers(more, ensembles=["jury"]))
    of_all = given[given["system_a"] == ""]
    alone = agreement(ANSWERS)
    pd.testing.assert_frame_equal(of_all, alone[alone["system_a"] == ""])


def test_two_retrievers_of_one_model_are_two_systems():
    more = [
        *PREDICTIONS["a"],
        *(row.__class__(**{**vars(row), "retriever": "bm25"}) for row in PREDICTIONS["a"]),
    ]
    assert answers({"a": more})["system"].unique().tolist() == ["a@none", "a@bm25"]


def test_scores_by_label_and_tag():
    found = score_table(SCORER, ANSWERS).to_dict("records")
    assert [(r["model"], r["kind"], r["name"]) for r in found[:5]] == [
        ("a", "all", "bad"),
        ("a", "label", "bad"),
        ("a", "label", "good"),
        ("a", "tag", "rude"),
        ("a", "tag", "private"),
    ]
    assert found[0]["avg_latency_seconds"] == 0.5
    bad = found[1]
    assert {k: bad[k] for k in ("support", "tp", "fp", "fn", "tn", "unread")} == {
        "support": 3,
        "tp": 1,
        "fp": 1,
        "fn": 1,
        "tn": 1,
        "unread": 1,
    }


def test_the_confusion_counts_every_scored_text_once():
    found = [
        row for row in confusion_table(TASK, ANSWERS).to_dict("records") if row["model"] == "a"
    ]
    assert {(r["true"], r["given"]): r["count"] for r in found} == {
        ("bad", "bad"): 1,
        ("bad", "good"): 1,
        ("bad", UNREAD): 1,
        ("good", "bad"): 1,
        ("good", "good"): 1,
        ("good", UNREAD): 0,
    }


def test_agreement_by_hand():
    found = {r["metric"]: r for r in agreement(ANSWERS).to_dict("records")}
    # both gave: bad bad | good bad | bad bad | good good
    assert found["agreement_rate"]["value"] == pytest.approx(3 / 4)
    assert (found["agreement_rate"]["n_scored"], found["agreement_rate"]["n_failed"]) == (4, 1)
    assert found["pairwise_agreement"]["value"] == pytest.approx(3 / 4)
    # chance: 2/4 * 3/4 + 2/4 * 1/4 = 1/2
    assert found["cohen_kappa"]["value"] == pytest.approx((3 / 4 - 1 / 2) / (1 - 1 / 2))
    # with the true labels, b: bad bad bad good good against bad bad bad bad good; chance is
    # 3/5 * 4/5 + 2/5 * 1/5 = 14/25
    assert found["truth_kappa"]["system_a"] == "b"
    assert found["truth_kappa"]["value"] == pytest.approx((4 / 5 - 14 / 25) / (1 - 14 / 25))
    # chance: shares of all labels are 5/8 and 3/8
    chance = (5 / 8) ** 2 + (3 / 8) ** 2
    assert found["fleiss_kappa"]["value"] == pytest.approx((3 / 4 - chance) / (1 - chance))


def test_one_vote_is_no_agreement():
    alone = answers({"a": rows(*["bad"] * 5), "b": rows(*["?"] * 5)})
    found = {r["metric"]: r for r in agreement(alone).to_dict("records")}
    assert pd.isna(found["agreement_rate"]["value"])
    assert (found["agreement_rate"]["n_scored"], found["agreement_rate"]["n_failed"]) == (0, 5)


def test_kappa_where_chance_is_certain():
    assert cohen_kappa(["a", "a"], ["a", "a"]) is None
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["a", "b"], ["a", "b"]) == 1.0
    assert cohen_kappa(["a", "b"], ["b", "a"]) == -1.0
    same = agreement(answers({"a": rows(*["bad"] * 5), "b": rows(*["bad"] * 5)}))
    assert same.set_index("metric").loc[["cohen_kappa", "fleiss_kappa"], "value"].isna().all()


def test_kappas_and_their_jackknife_are_those_of_libraries():
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    rng = np.random.default_rng(4)
    given = pd.DataFrame(rng.choice(["x", "y", "z"], (130, 3)), columns=list("abc"))
    given["b"] = given["b"].where(rng.random(130) < 0.4, given["a"])
    given.loc[::9, "c"] = None
    table = agreement_table(given, list("abc"), given["a"])
    found = table.set_index(["metric", "system_a", "system_b"])
    all_three = given.dropna()

    def cohen(places):
        return cohen_kappa_score(given["a"].iloc[places], given["b"].iloc[places])

    def fleiss(places):
        return fleiss_kappa(aggregate_raters(all_three.iloc[places].to_numpy())[0])

    for key, of, texts in (
        (("cohen_kappa", "a", "b"), cohen, given),
        (("fleiss_kappa", "", ""), fleiss, all_three),
    ):
        row = found.loc[key]
        names = list(map(str, texts.index))
        ends = jackknife_ends(names, of, (-1.0, 1.0), 0.95)
        assert row["value"] == pytest.approx(of(range(len(texts))))
        assert (row["low"], row["high"]) == pytest.approx(ends)


def test_all_tables_are_written_and_harmless(tmp_path):
    write_rows(tmp_path / "q.jsonl", QUESTIONS)
    paths = {name: tmp_path / f"{name}.jsonl" for name in PREDICTIONS}
    for name, path in paths.items():
        write_rows(path, PREDICTIONS[name])
    out = LabelTables(
        **{n: tmp_path / f"{n}.csv" for n in ("wide", "scores", "confusion", "agreement")}
    )
    write_label_tables(TASK, parse_scorer("labels"), tmp_path / "q.jsonl", paths, out)
    wide = read_csv(out.wide)
    assert len(wide.rows) == 6
    assert wide.rows[0]["ai_a_reasoning"] == "'=1+1"
    assert wide.rows[5]["ai_b_flag"] == ""
    assert len(read_csv(out.agreement).rows) == 6
