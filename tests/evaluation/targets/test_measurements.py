"""The metrics of a dataset's tables that may have a target."""

from math import nan

import pytest
from reporting.registry.conftest import write_scores

from modellab.core.io.csv_file import read_csv, write_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.targets.measurements import read_measurements
from modellab.evaluation.targets.options import TargetsOptions
from modellab.evaluation.targets.rating import COLUMNS, StatusFiles, _subject, write_status

TABLES = {
    "retrieval": "retriever,level,metric,value,n_scored,n_failed,n_unjudged\nbm25,chunk,mrr,0.5,3,1,0\nbm25,document,mrr,,0,0,4\n",
    "embedding_space": "embedder,texts,metric,value,n_scored,n_failed,n_texts\nlsa,chunks,avg_nn_distance,0.4,9,0,9\n",
    "error_attribution": "model,component,oracle,retriever,retrieved,retrieval_loss,reading_loss,retrieval_gain,wrong_text_harm,n_questions\n"
    "one,value_accuracy,1,bm25,1,0.9,0.9,0.9,0.9,4\none,overall,1,bm25,0.75,0.25,0.0,,,4\n",
    "efficiency": "model,retriever,metric,value,n_scored,n_failed\none,(all),success_rate,0.9,8,0\none,(all),run_wall_seconds,3.5,1,0\none,bm25,success_rate,0.8,4,1\n",
    "judge_scores": "judge,kind,judge_model,model,retriever,metric,value,value_strict,n_scored,n_failed,n_not_applicable,coverage\n"
    "strict,rubric,m,one,bm25,correctness,4.5,4.0,3,1,0,0.75\n",
    "self_consistency": "judge,kind,metric,value,exact,pairs,n_scored,n_failed\nstrict,rubric,correctness,0.8,0.7,4,4,1\n",
    "resource_usage": "judge,kind,judge_model,n_judgements,n_failed,error_rate\nstrict,rubric,m,8,2,0.25\n",
}


@pytest.fixture
def measured(tmp_path):
    write_scores(tmp_path, "one", bm25=0.25, oracle=1.0)
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    tables = {name: tmp_path / f"{name}.csv" for name in TABLES}
    return read_measurements([tmp_path / "scores" / "one.json"], tables)


def test_every_table_is_read_with_its_counts(measured):
    assert measured.systems == [("one", "bm25"), ("one", "oracle")]
    assert measured.controls == {("one", "oracle")}
    rows = measured.rows.assign(subject=[_subject(row) for row in measured.rows.to_dict("records")])
    found = rows.set_index(["table", "metric", "subject"])[["value", "n_scored", "coverage"]]
    expected = {
        # 3 of 4 rows have a text: one failed
        ("scores", "overall", "one@bm25"): (0.25, 4, 0.75),
        ("scores", "coverage", "one@bm25"): (1.0, 4, 1.0),
        ("scores", "p95_latency_seconds", "one@oracle"): (0.1, 4, 0.75),
        ("retrieval", "mrr", "bm25 (chunk)"): (0.5, 3, 0.75),
        ("retrieval", "mrr", "bm25 (document)"): (nan, 0, 0.0),
        ("embedding_space", "avg_nn_distance", "lsa (chunks)"): (0.4, 9, 1.0),
        ("error_attribution", "retrieval_loss", "one@bm25"): (0.25, 4, 1.0),
        ("error_attribution", "retrieval_gain", "one@bm25"): (nan, 4, 1.0),
        ("efficiency", "success_rate", "one@bm25"): (0.8, 4, 0.8),
        ("efficiency", "run_wall_seconds", "one"): (3.5, 1, 1.0),
        ("judge_scores", "correctness", "strict: one@bm25"): (4.5, 3, 0.75),
        ("judges", "self_consistency", "strict (correctness)"): (0.8, 4, 0.8),
        ("judges", "error_rate", "strict"): (0.25, 8, 1.0),
    }
    for key, cells in expected.items():
        assert tuple(found.loc[key]) == pytest.approx(cells, nan_ok=True), key
    assert ("efficiency", "success_rate", "one") not in found.index


def test_a_status_is_written_as_a_table_and_a_record(tmp_path):
    write_scores(tmp_path, "one", bm25=0.25, oracle=1.0)
    write_csv(tmp_path / "empty.csv", COLUMNS, [])
    options = TargetsOptions(
        metrics=[{"metric": "overall", "good": 0.2}, {"metric": "mrr", "good": 0.5}],
        min_coverage=0.5,
    )
    out = StatusFiles(tmp_path / "status.csv", tmp_path / "status.json")
    scores = [tmp_path / "scores" / "one.json"]
    write_status("quiz", scores, {}, options, out, missing=["two"])
    one, two = read_csv(out.table).rows
    assert (one["subject"], one["value"], one["status"], one["models_missing"]) == (
        *("one@bm25", "0.25", "good", "two"),
    )
    assert (two["metric"], two["status"], two["reason"]) == (
        *("mrr", "insufficient data", "no table of this dataset has it"),
    )
    record = read_json(out.record)
    assert (record["status"], record["best_system"]) == ("insufficient data", "one@bm25")
    assert record["counts"]["good"] == 1
