"""The registry to be read, and two runs side by side."""

from dataclasses import replace

from reporting.registry.conftest import record

from modellab.reporting.registry.pages import index_page, run_page
from modellab.reporting.registry.records import (
    Project,
    RecordedJudge,
    RecordedMetric,
    RecordedRating,
    compare_runs,
)


def test_a_page_describes_the_run(tmp_path):
    judged = record(judges={"strict": RecordedJudge("rubric", "openai/m", 6, None)}, missing=("b",))
    rated = RecordedRating("mrr", "bm25 (chunk)", 0.75, 4, 0, "attention")
    page = run_page(replace(judged, status="attention", ratings=(rated,)))
    assert "| status | attention |" in page
    assert "| mrr | bm25 (chunk) | 0.7500 (n=4) | attention |" in page
    assert "| commit | 0123456789abcdef+changes |" in page
    assert "| plain@bm25 | 0.5000 (n=6, 1 failed) | 0.5000 (n=6, 1 failed) |" in page
    assert "| system | strict: correctness |" in page
    assert "| strict | rubric | openai/m | 6 | unknown |" in page
    assert "| without the models | b |" in page
    # names from outside end no cell and become no HTML
    assert r"words \| \<b\>" in page


def test_a_page_has_the_verdict_and_keeps_controls_apart():
    metrics = [RecordedMetric(s, "overall", v, 6, 0) for s, v in (("a@x", 0.5), ("a@gold", 0.9))]
    found = record(metrics=tuple(metrics), controls=("a@gold",), verdict="a@x is the only system.")
    assert found.best.system == "a@x"
    ranked, controls = run_page(found).split("## Controls (reference points, not ranked)")
    assert "| verdict | a@x is the only system. |" in ranked
    assert "a@gold" not in ranked
    assert "| a@gold | 0.9000 (n=6) |" in controls


def test_the_index_begins_with_the_newest_and_says_what_is_unknown():
    unknown = record("b", project=Project(), author=None, metrics=())
    lines = index_page([record("a"), unknown]).splitlines()
    runs = [line.split("|")[1].strip() for line in lines[4:]]
    assert runs == [f"[{name}](<{name}.md>)" for name in (record("b").run, record("a").run)]
    assert lines[4].endswith("| - | - | - | - | - | - |")
    assert lines[5].endswith("| plain@bm25 | 0.5000 | 0123456789+changes | somebody | - |")


def test_two_runs_are_compared_metric_by_metric():
    before = record(score=0.5)
    metrics = (
        RecordedMetric("plain@bm25", "overall", 0.75, 8, 0),
        RecordedMetric("new@bm25", "overall", 0.1, 8, 0),
        RecordedMetric("plain@bm25", "correctness", None, 0, 6, judge="strict"),
    )
    changes = compare_runs(before, replace(before, metrics=metrics))
    found = [(c.system, c.metric, c.difference, c.other_rows) for c in changes]
    assert found == [
        ("plain@bm25", "overall", 0.25, True),
        ("new@bm25", "overall", None, False),
        ("plain@bm25", "strict: correctness", None, True),
        ("plain@bm25", "value_accuracy", None, False),
    ]
    assert changes[3].after is None
