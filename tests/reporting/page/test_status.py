"""The view of targets: the verdict, what counts first, and why it may be empty."""

from reporting.registry.conftest import write_scores

from modellab.core.layout import STATUS, table_file
from modellab.evaluation.targets.options import TargetsOptions
from modellab.evaluation.targets.rating import StatusFiles, write_status
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.checks import targets as build


def rated(folder, **options):
    write_scores(folder, "one", bm25=0.25, dense=0.75)
    out = StatusFiles(folder / table_file("status"), folder / STATUS)
    scores = [folder / "scores" / "one.json"]
    options = TargetsOptions(min_coverage=0.5, **options)
    write_status("quiz", scores, {}, options, out)
    return build(DatasetResults(folder, models=["one"]))


def test_what_was_not_rated_is_not_shown(tmp_path):
    assert build(DatasetResults(tmp_path, models=[])) == []
    assert rated(tmp_path) == []


def test_passages_alone_are_not_the_answers(tmp_path):
    verdict, _ = rated(tmp_path, metrics=[{"metric": "mrr", "good": 0.5}])
    assert verdict.tone == "warn"
    assert "No target is about the answers." in verdict.text


def test_metrics_that_count_are_first(tmp_path):
    metrics = [
        {"metric": "overall", "good": 0.5, "attention": 0.3},
        {"metric": "mrr", "good": 0.5},
    ]
    verdict, table = rated(tmp_path, metrics=metrics)
    assert (verdict.tone, verdict.text.split(".")[0]) == (
        "warn",
        "Status: insufficient data (1 good, 1 insufficient data)",
    )
    rows = [[cell.text for cell in row] for row in table.rows]
    assert [(row[0], row[1], row[2], row[8]) for row in rows] == [
        ("insufficient data", "mrr", "", "yes"),
        ("good", "overall", "one@dense", "yes"),
        ("critical", "overall", "one@bm25", "no"),
    ]
    assert table.rows[1][2].link
    assert [row[0].tone for row in table.rows] == ["warn", "good", "bad"]
    assert table.columns[-1].label == "why there are not enough data"
    assert rows[0][-1]


def test_reasons_have_a_column_only_where_there_are_any(tmp_path):
    _, table = rated(tmp_path, metrics=[{"metric": "overall", "good": 0.5, "attention": 0.3}])
    assert table.columns[-1].label == "counts"
    assert {len(row) for row in table.rows} == {len(table.columns)}
