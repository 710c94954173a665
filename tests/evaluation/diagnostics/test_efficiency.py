from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Metric, Prediction, ResourceUsage, Status
from modellab.evaluation.diagnostics import efficiency as module
from modellab.evaluation.diagnostics.efficiency import (
    COLUMNS,
    EVERY,
    efficiency_rows,
    run_metrics,
)
from modellab.evaluation.prediction_frame import read_prediction_frame

NUMBERS = count()


def frame(rows):
    """The rows, written and read again."""
    fields = dict.fromkeys(name for row in rows for name in row.answer)
    with TemporaryDirectory() as folder:
        write_rows(Path(folder) / "p.jsonl", rows)
        return read_prediction_frame(Path(folder) / "p.jsonl", list(fields))


def answer_metrics(rows):
    return module.answer_metrics(module.measures(frame(rows)))


def stages(rows, retrieval):
    return module.stages(module.measures(frame(rows)), retrieval)


def efficiency(rows, run, retrieval):
    return module.efficiency(frame(rows), run, retrieval)


def answer(seconds=1.0, status=Status.ANSWERED, **more):
    """One after the other, unless `seconds_per_answer` shows that they overlapped."""
    given = {
        "retriever": "bm25",
        "answer": {"a": "1", "b": ""},
        "raw": "x",
        "latency_seconds": seconds,
        "seconds_per_answer": seconds,
        "key": f"k{next(NUMBERS)}",
        **more,
    }
    return Prediction("q", repeat=1, status=status, **given)


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
    records = [
        answer(1.0, answer={"record": "{}", "entries": "3", "fields": "3"}),
        answer(3.0, answer={"record": "{}", "entries": "5", "fields": "5"}),
    ]
    unparsed = answer(4.0, Status.UNPARSED, answer={})
    gone = answer(None, Status.FAILED, answer={})
    found = answer_metrics([*records, unparsed, gone])
    assert found["mean_entries"] == Metric(4.0, 2, 2)
    # 8 objects in the 1 + 3 + 4 seconds of all texts
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
    # but the time that they took is time
    assert found["items_per_second"] == Metric(1 / 601, 1, 1)


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


def test_speed_is_by_the_wall_clock():
    """Ten at a time, one second each: ten answers a second, each after one second."""
    found = answer_metrics([answer(1.0, seconds_per_answer=0.1, completion_tokens=3)] * 20)
    assert found["mean_generation_seconds"].value == 1.0
    assert found["seconds_per_answer"] == Metric(pytest.approx(0.1), 20)
    assert found["items_per_second"] == Metric(pytest.approx(10.0), 20)
    assert found["output_tokens_per_second"] == Metric(pytest.approx(30.0), 20)
    assert found["mean_concurrency"] == Metric(pytest.approx(10.0), 20)


def test_the_values_of_a_record():
    record = {"record": '{"tests": [{"value": 1}, {"value": 0}]}', "entries": "2", "fields": "2"}
    rows = [answer(4.0, answer=record), answer(4.0, Status.UNPARSED, answer={})]
    assert answer_metrics(rows)["fields_per_second"] == Metric(0.25, 2)


def test_runs():
    work = {"watched_seconds": 10.0, "cpu_seconds": 5.0, "cores": 0.5, "gpu_processes": None}
    first = {"wall_seconds": 4.0, "other_work": work}
    later = {"wall_seconds": 1.5, "other_work": {**work, "cpu_seconds": 0.0}}
    assert run_metrics({"runs": [first, later, {"ended": False}]}) == {
        "run_wall_seconds": Metric(5.5, 2, 1),
        "other_work_cores": Metric(0.25, 2, 1),
    }
    assert set(run_metrics({"runs": []}).values()) == {Metric(None, 0)}


def test_generation_retrieval_and_both_apart():
    rows = [answer(3.0, prompt_tokens=10, completion_tokens=1, cost_usd=0.5)] * 2
    found = stages(rows, ResourceUsage(1.0, 100, 7, None))
    assert found["generation_seconds"] == Metric(6.0, 2)
    assert found["retrieval_seconds"] == Metric(1.0, 2)
    assert found["total_seconds"] == Metric(7.0, 2)
    assert found["total_input_tokens"] == Metric(120, 2)
    assert found["generation_cost_usd"] == Metric(1.0, 2)
    assert found["retrieval_cost_usd"] == found["total_cost_usd"] == Metric(None, 0)
    without = stages(rows, None)
    assert "retrieval_seconds" not in without
    assert without["total_seconds"] == Metric(6.0, 2)


def test_equal_requests_count_once_for_all_retrievers_together():
    once = answer(2.0)
    parts = dict(efficiency([once, replace(once, retriever="none")], {}, {}))
    assert parts[EVERY]["generation_seconds"] == Metric(2.0, 1)
    assert parts["none"]["generation_seconds"] == Metric(2.0, 1)


def test_all_retrievers_together_and_each(tmp_path):
    rows = [answer(1.0), replace(answer(3.0), retriever="none")]
    run = {"runs": [{"wall_seconds": 5.0}]}
    parts = dict(efficiency(rows, run, {}))
    assert list(parts) == [EVERY, "bm25", "none"]
    assert parts[EVERY]["mean_generation_seconds"].value == 2.0
    assert parts["none"]["mean_generation_seconds"].value == 3.0
    found = efficiency_rows("m", frame(rows), run, {"bm25": ResourceUsage(0.5, 0, 0, 0.0)})
    write_frame(tmp_path / "t.csv", frame_of(found, COLUMNS))
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[1] == "m,(all),success_rate,1.0,2,0"
    assert "m,bm25,total_seconds,1.5,1,0" in lines
    assert "m,bm25,run_wall_seconds" not in "\n".join(lines)
