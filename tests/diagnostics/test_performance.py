import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.diagnostics.performance import (
    EVERY,
    answer_metrics,
    fields_in,
    performance,
    run_metrics,
    write_performance,
)
from modellab.records import Metric, Prediction, Status
from modellab.storage.jsonl import write_json, write_rows


def answer(seconds=1.0, status=Status.ANSWERED, **more):
    given = {"answer": {"a": "1", "b": ""}, "raw": "x", "latency_seconds": seconds, **more}
    return Prediction(
        "q",
        more.pop("retriever", "bm25"),
        1,
        status,
        key="k",
        **{name: value for name, value in given.items() if name != "retriever"},
    )


def test_by_hand():
    found = answer_metrics(
        [answer(1.0, queue_seconds=2.0, completion_tokens=10), answer(3.0, completion_tokens=30)]
    )
    assert found["success_rate"] == Metric(1.0, 2)
    assert found["mean_generation_seconds"] == Metric(2.0, 2)
    assert found["p50_generation_seconds"] == Metric(2.0, 2)
    assert found["p95_generation_seconds"].value == pytest.approx(2.9)
    assert found["mean_wall_seconds"] == Metric(3.0, 2)
    assert found["items_per_second"] == Metric(0.5, 2)
    assert found["fields_per_second"] == Metric(0.5, 2)
    assert found["output_tokens_per_second"] == Metric(10.0, 2)


def test_entries_of_records_by_hand():
    records = [answer(1.0, answer={"entries": "3"}), answer(3.0, answer={"entries": "5"})]
    unparsed = answer(4.0, Status.UNPARSED, answer={})
    gone = answer(None, Status.FAILED, answer={})
    found = answer_metrics([*records, unparsed, gone])
    assert found["mean_entries"] == Metric(4.0, 2, 2)
    assert found["entries_per_second"] == Metric(1.0, 3, 1)
    assert "mean_entries" not in answer_metrics([answer()])


def test_a_percentile_of_two_is_not_above_the_greater():
    """Extrapolating quantiles make 2.85 of 1 and 2."""
    assert answer_metrics([answer(1), answer(2)])["p95_generation_seconds"].value <= 2


@given(st.lists(st.floats(0.001, 1000), min_size=1), st.randoms())
def test_times_stay_within_those_observed(seconds, random):
    found = answer_metrics([answer(value) for value in seconds])
    for name in ("mean", "p50", "p95"):
        value = found[f"{name}_generation_seconds"].value
        assert min(seconds) * (1 - 1e-9) <= value <= max(seconds) * (1 + 1e-9)
    mixed = list(seconds)
    random.shuffle(mixed)
    again = answer_metrics([answer(value) for value in mixed])
    assert again["mean_generation_seconds"] == found["mean_generation_seconds"]
    assert again["p95_generation_seconds"] == found["p95_generation_seconds"]


def test_failed_rows_are_in_no_time():
    failed = answer(600.0, Status.FAILED, raw=None, answer={})
    found = answer_metrics([answer(1.0), failed])
    assert found["mean_generation_seconds"] == Metric(1.0, 1, 1)
    assert found["success_rate"] == Metric(0.5, 2, 1)


def test_an_unparsed_text_took_time_but_is_no_success():
    found = answer_metrics([answer(1.0), answer(3.0, Status.UNPARSED, answer={})])
    assert found["mean_generation_seconds"] == Metric(2.0, 2)
    assert found["success_rate"] == Metric(0.5, 2, 1)
    assert found["fields_per_second"] == Metric(0.25, 2)


def test_a_submission_was_never_timed():
    rows = [answer(None), answer(None, Status.MISSING, raw=None, answer={})]
    found = answer_metrics(rows)
    assert found["success_rate"] == Metric(1.0, 1)
    assert found["mean_wall_seconds"] == found["items_per_second"] == Metric(None, 0)


def test_rows_of_a_batch_share_its_time():
    rows = [answer(4.0, batch_size=4)] * 4
    assert answer_metrics(rows)["items_per_second"].value == 1.0
    assert answer_metrics(rows)["mean_generation_seconds"].value == 4.0


def test_the_values_of_a_record():
    record = {"name": "x", "tests": [{"value": 1, "unit": None}, {"value": 0}]}
    assert fields_in(answer(answer={"record": json.dumps(record), "items": "2"})) == 3
    assert fields_in(answer(status=Status.FAILED, answer={})) == 0


def test_what_a_run_took():
    assert run_metrics({"generated": 10, "wall_seconds": 4.0}) == {
        "run_wall_seconds": Metric(4.0, 1),
        "run_items_per_second": Metric(2.5, 10),
    }
    reused = run_metrics({"generated": 0, "reused": 10, "wall_seconds": 0.1})
    assert set(reused.values()) == {Metric(None, 0)}


def test_all_retrievers_together_and_each(tmp_path):
    rows = [answer(1.0), replace(answer(3.0), retriever="none")]
    parts = dict(performance(rows, {"generated": 2, "wall_seconds": 5.0}))
    assert list(parts) == [EVERY, "bm25", "none"]
    assert parts[EVERY]["mean_generation_seconds"].value == 2.0
    assert parts["none"]["mean_generation_seconds"].value == 3.0
    write_rows(tmp_path / "p.jsonl", rows)
    write_json(tmp_path / "run.json", {"generated": 2, "wall_seconds": 5.0})
    write_performance(tmp_path / "t.csv", {"m": (tmp_path / "p.jsonl", tmp_path / "run.json")})
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[1] == "m,(all),success_rate,1.0,2,0"
    assert "m,bm25,run_wall_seconds" not in "\n".join(lines)
