"""From files to a record: its content, and when two runs have the same results."""

import json
import re
from dataclasses import replace

from reporting.registry.conftest import change_json, rating

from modellab.core.io.jsonl import read_json
from modellab.reporting.registry.log import read_registry
from modellab.reporting.registry.making import make_record, record_run
from modellab.reporting.registry.records import RecordedMetric, RecordedRating


def test_a_record_has_the_run_and_its_results(finished, tmp_path):
    record = make_record(finished, tmp_path)
    assert re.fullmatch(r"\d{8}-\d{6}-quiz-[0-9a-f]{6}", record.run)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.timestamp)
    assert (record.task, record.scorer, record.questions) == ("wattbot", "v3", 4)
    assert record.metrics == (
        RecordedMetric("two@bm25", "value_accuracy", 0.5, 4, 1),
        RecordedMetric("two@bm25", "overall", 0.5, 4, 1),
        RecordedMetric("one@bm25", "value_accuracy", 0.25, 4, 1),
        RecordedMetric("one@bm25", "overall", 0.25, 4, 1),
        # a control: listed after all contenders, though it has the highest score
        RecordedMetric("one@oracle", "value_accuracy", 1.0, 4, 1),
        RecordedMetric("one@oracle", "overall", 1.0, 4, 1),
        RecordedMetric("one@bm25", "correctness", 4.5, 3, 1, "strict"),
        RecordedMetric("two@bm25", "correctness", None, 0, 4, "strict"),
    )
    assert record.best.system == "two@bm25"
    assert record.controls == ("one@oracle",)
    assert record.verdict.startswith("Highest overall of 2 systems: two@bm25, 0.500;")
    assert record.models["two"].model_id == "id-two"
    # two runs of 2 and 3.5 s are behind each model's answers; a killed one has no time
    assert record.models["two"].seconds == 5.5
    assert record.durations == {"predictions": 11.0, "judgements": 1.25}
    assert (record.judges["strict"].judgements, record.judges["strict"].seconds) == (8, 1.25)
    assert record.status == "good"
    assert record.ratings == (RecordedRating("mrr", "bm25 (chunk)", 0.9, 4, 0, "good"),)
    assert record.versions["torch"].endswith("1, 2")


def test_times_and_costs_make_no_other_state(finished, tmp_path):
    state = make_record(finished, tmp_path).state
    change_json(finished.runs[0], wall_seconds=9.0, runs=[], timestamp="2027-01-01T00:00:00Z")
    change_json(finished.judged[0], generate_seconds=99.0)
    change_json(finished.status, metrics=[rating(value=0.95)])
    assert make_record(finished, tmp_path).state == state


def test_scores_weights_settings_and_missing_models_make_another_state(finished, tmp_path):
    changed = [
        make_record(replace(finished, config={"seed": 2}), tmp_path).state,
        make_record(replace(finished, missing=["three"]), tmp_path).state,
        make_record(replace(finished, judge_scores=None), tmp_path).state,
        make_record(finished, tmp_path).state,
    ]
    change_json(finished.runs[0], fingerprint={"weights": "newer"})
    changed.append(make_record(finished, tmp_path).state)
    change_json(finished.status, metrics=[rating("attention")])
    changed.append(make_record(finished, tmp_path).state)
    change_json(finished.status, status="critical")
    changed.append(make_record(finished, tmp_path).state)
    change_json(finished.verdict, may_be_best=["two@bm25"])
    changed.append(make_record(finished, tmp_path).state)
    assert len(set(changed)) == len(changed)


def test_a_vote_has_no_earlier_runs_and_the_time_of_the_one(finished, tmp_path):
    vote = {"fingerprint": {"members": ["one"]}, "rows": 4, "wall_seconds": 0.5}
    finished.runs[1].write_text(json.dumps(vote))
    assert make_record(finished, tmp_path).models["two"].seconds == 0.5


def test_recording_twice_leaves_one_line_and_the_same_stamp(finished, tmp_path):
    stamp, registry = tmp_path / "recorded.json", tmp_path / "registry"
    first = record_run(finished, registry, stamp, tmp_path)
    before = stamp.read_bytes()
    assert record_run(finished, registry, stamp, tmp_path) == first
    assert stamp.read_bytes() == before
    assert read_json(stamp) == {
        "dataset": "quiz",
        "state": first.state,
        "config": first.config,
    }
    assert read_registry(registry).records == [first]
    assert sorted(path.name for path in registry.iterdir()) == sorted(
        [f"{first.run}.md", "index.md", "runs.jsonl"]
    )


def test_pages_that_a_kill_left_out_are_written_by_the_next_run(finished, tmp_path):
    registry = tmp_path / "registry"
    record = record_run(finished, registry, tmp_path / "recorded.json", tmp_path)
    (registry / f"{record.run}.md").unlink()
    (registry / "index.md").unlink()
    record_run(finished, registry, tmp_path / "recorded.json", tmp_path)
    assert "one@oracle" in (registry / f"{record.run}.md").read_text()
    assert record.run in (registry / "index.md").read_text()
