import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.records import Metric
from modellab.evaluation.compare.ranking import (
    PAIR_COLUMNS,
    RankingFiles,
    pairs_of,
    ranked,
    write_ranking,
)
from modellab.evaluation.compare.ranking_options import RAGAS_WEIGHTS, RankingOptions
from modellab.workflow.cli.app import app

WEIGHTS = {"right": 3.0, "cited": 1.0}


def pair(model, right, cited, retriever="bm25", control=False):
    about = (retriever, model, control)
    return [(*about, "right", right, 4, 1), (*about, "cited", cited, 4, 0)]


def frame(*pairs):
    return pd.DataFrame([row for one in pairs for row in one], columns=list(PAIR_COLUMNS))


def judged(*rows):
    columns = ["judge", "value", "value_strict"]
    about = {"model": "qwen", "retriever": "bm25", "metric": "faithfulness"}
    return pd.DataFrame(rows, columns=columns).assign(**about, n_scored=3, n_failed=1)


def places(found):
    rank = found.pairs["rank"].astype(object)
    return list(zip(rank.where(rank.notna(), None), found.pairs["model"], strict=True))


def options(**changes):
    return RankingOptions(**{"weights": WEIGHTS, **changes})


def read(path):
    return read_csv(path).rows


def test_weights_are_divided_by_their_sum():
    assert options().shares() == {"right": 0.75, "cited": 0.25}
    assert ranked(frame(pair("a", 0.5, 1.0)), options()).pairs["aggregate"][0] == 0.625


def test_weights_that_sum_up_to_one_stay_as_written():
    assert RankingOptions(weights=RAGAS_WEIGHTS).shares() == RAGAS_WEIGHTS


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(1e-3, 1e3), min_size=1))
def test_an_aggregate_is_between_the_least_and_the_greatest_metric(weights):
    known = [ord(name) / 200 for name in weights]
    rows = [("r", "m", False, name, ord(name) / 200, None, None) for name in weights]
    found = ranked(frame(rows), RankingOptions(weights=weights))
    value = found.pairs["aggregate"][0]
    assert min(known) - 1e-9 <= value <= max(known) + 1e-9


def test_the_best_comes_first_and_equals_share_a_rank():
    pairs = frame(pair("c", 0.1, 0.1), pair("b", 0.8, 0.4), pair("a", 0.8, 0.4))
    assert places(ranked(pairs, options())) == [(1, "a"), (1, "b"), (3, "c")]


def test_a_missing_metric_gives_no_aggregate_and_is_named():
    found = ranked(frame(pair("lame", None, 1.0), pair("whole", 0.1, 0.1)), options())
    assert places(found) == [(1, "whole"), (None, "lame")]
    assert found.pairs["missing"].tolist() == ["", "right"]
    assert pd.isna(found.pairs["aggregate"][1])


def test_a_missing_metric_counts_zero_where_the_config_says_so():
    found = ranked(frame(pair("lame", None, 1.0)), options(missing="zero")).pairs.iloc[0]
    assert (found["rank"], found["aggregate"], found["missing"]) == (1, 0.25, "right")


def test_all_that_share_the_best_value_are_best():
    pairs = frame(
        pair("a", 0.50, 0.9), pair("b", 0.50, 0.8), pair("c", 0.491, 0.7), pair("d", 0.48, None)
    )
    found = ranked(pairs, options(missing="zero"))
    assert found.marks["right"].tolist() == ["best", "best", "near", ""]
    assert found.marks["cited"].tolist() == ["best", "", "", ""]


def test_metrics_of_judges_are_beside_the_components(build):
    model = build.scores("qwen", build.summary("bm25", 0.6))
    found = pairs_of([model], judged(("strict", 0.8, 0.6), ("mild", 0.9, 0.9)))
    cells = found.set_index("metric")[["value", "n_scored", "n_failed"]]
    assert cells.loc["strict/faithfulness"].tolist() == [0.6, 3, 1]
    assert cells.loc["overall"].tolist() == [0.6, 3, 1]
    left_out = options(unanswered="left_out")
    found = pairs_of([model], judged(("strict", 0.8, 0.6)), left_out)
    assert found.set_index("metric")["value"]["strict/faithfulness"] == 0.8
    # one judge has it, so its name may be left out
    best = ranked(found, RankingOptions(weights={"faithfulness": 1})).pairs
    assert best["aggregate"].tolist() == [0.8]


@pytest.mark.parametrize(
    ("weight", "judges", "message"),
    [
        ("faithfulness", ("one", "two"), "several judges have this metric; write one of: one/f"),
        ("fluency", ("one",), "no model has this metric; choose from: one/faithfulness, value"),
    ],
)
def test_a_weight_that_names_no_one_metric(build, weight, judges, message):
    model = build.scores("qwen", build.summary("bm25", 0.6))
    found = pairs_of([model], judged(*((name, 1.0, 1.0) for name in judges)))
    with pytest.raises(InputError, match=f"ranking.weights.{weight}: {message}"):
        ranked(found, RankingOptions(weights={weight: 1.0}))


def test_a_mean_that_is_not_a_number_is_missing(build):
    model = build.scores("qwen", build.summary("bm25", None, metrics={"f1": Metric(None, 0, 3)}))
    found = ranked(pairs_of([model]), RankingOptions(weights={"f1": 1.0}))
    assert found.pairs["missing"].tolist() == ["f1"]


def test_the_files(tmp_path):
    pairs = frame(pair("<b>x</b>|y", 1.0, 0.5), pair("=1+1", None, 0.5, retriever="-2+3"))
    write_ranking(RankingFiles.below(tmp_path), "quiz", pairs, options(), absent=["late"])
    first, second = read(tmp_path / "overall_ranking.csv")
    assert (first["pair_id"], first["aggregate"]) == ("bm25__<b>x</b>|y", "0.875")
    assert (first["right_n_scored"], first["right_n_failed"]) == ("4", "1")
    assert (second["llm"], second["retriever"]) == ("'=1+1", "'-2+3")
    assert (second["aggregate"], second["missing"]) == ("", "right")
    summary = read(tmp_path / "rank_summary.csv")
    assert [row["rank"] for row in summary] == ["1", ""]
    assert summary[0]["right_mark"] == "best"
    assert summary[0]["models_missing"] == "late"
    text = (tmp_path / "rank_summary.md").read_text(encoding="utf-8")
    assert r"| 1 | bm25 | \<b\>x\</b\>\|y | 1.000 ✅ | 0.500 ✅ | 0.875 |" in text
    assert r"means no aggregate and no rank: -2+3\_\_=1+1 lacks right." in text
    assert "Partial: without late." in text


def test_the_command_ranks_a_summary_made_elsewhere(tmp_path):
    metrics = dict(zip(RAGAS_WEIGHTS, (0.5, 0.6, 0.7, 0.8), strict=True))
    summary = tmp_path / "summary.json"
    lame = {**metrics, "faithfulness": "error: timeout"}
    summary.write_text(json.dumps({"bge__lame": lame, "bge__hf.co_m:Q4": metrics}))
    done = CliRunner().invoke(app, ["ranking", str(summary), "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    best, other = read(tmp_path / "out" / "overall_ranking.csv")
    assert best["pair_id"] == "bge__hf.co_m:Q4"
    assert float(best["aggregate"]) == pytest.approx(0.2 + 0.18 + 0.14 + 0.08)
    assert (other["aggregate"], other["missing"]) == ("", "faithfulness")


@pytest.mark.parametrize(
    "arguments", [["--weight", "f1"], ["--weight", "f1=-1"], ["--missing", "x"]]
)
def test_a_wrong_option_of_the_command_is_one_line(tmp_path, arguments):
    (tmp_path / "s.json").write_text('{"a__b": {}}')
    done = CliRunner().invoke(
        app, ["ranking", str(tmp_path / "s.json"), "--output", str(tmp_path / "o"), *arguments]
    )
    assert done.exit_code == 1
    assert done.output.startswith(f"error: {arguments[0]}")


def test_controls_are_ranked_last_without_a_rank_or_a_mark(tmp_path):
    pairs = frame(
        pair("a", 0.9, 0.9, retriever="oracle", control=True),
        pair("a", 0.5, 0.2),
        pair("b", 0.6, 0.1),
    )
    found = ranked(pairs, options())
    assert places(found) == [(1, "b"), (2, "a"), (None, "a")]
    assert found.pairs["retriever"].tolist() == ["bm25", "bm25", "oracle"]
    assert found.marks["right"].tolist() == ["best", "", ""]
    files = RankingFiles.below(tmp_path)
    write_ranking(files, "quiz", pairs, options())
    assert [row["control"] for row in read(files.table)] == ["False", "False", "True"]
    assert [row["rank"] for row in read(files.summary)] == ["1", "2", ""]
    above, controls = files.markdown.read_text().split("Controls (reference points, not ranked)")
    assert "oracle" not in above
    assert "oracle" in controls
