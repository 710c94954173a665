"""The file of all runs: whole lines, one writer at a time, nothing lost in silence."""

import json
import multiprocessing
import os
import signal
import time

import pytest
from reporting.registry.conftest import record

from modellab.core.errors import InputError
from modellab.reporting.registry.log import RUNS, TORN, find_run, open_registry, read_registry


def append(folder, *records):
    with open_registry(folder) as registry:
        return [registry.add(one) for one in records]


def states(folder):
    return [one.state for one in read_registry(folder).records]


def test_a_record_comes_back_as_it_went_in(tmp_path):
    append(tmp_path, record())
    assert read_registry(tmp_path).records == [record()]
    assert read_registry(tmp_path / "none").records == []


def test_the_same_results_are_recorded_once_and_others_each_time(tmp_path):
    again = record(timestamp="2026-11-22T00:00:00Z", run="later")
    assert append(tmp_path, record(), again)[1] == record()
    append(tmp_path, record("b"), record("a"), record("a", dataset="other"), record("a"))
    assert states(tmp_path) == ["a", "b", "a", "a"]
    assert [one.state for one in read_registry(tmp_path).of("quiz")] == ["a", "b", "a"]


def test_a_torn_last_line_is_reported_and_kept(tmp_path, caplog):
    append(tmp_path, record())
    with (tmp_path / RUNS).open("ab") as handle:
        handle.write(b'{"run": "half')
    before = read_registry(tmp_path)
    assert before.records == [record()]
    assert "has no end" in before.troubles[0]

    append(tmp_path, record("b"))
    assert "moved a torn last line (13 bytes)" in caplog.text
    assert (tmp_path / TORN).read_bytes() == b'{"run": "half\n'
    assert states(tmp_path) == ["a", "b"]
    assert read_registry(tmp_path).troubles == []


def test_a_line_that_is_no_run_is_reported_and_stays(tmp_path, caplog):
    append(tmp_path, record())
    with (tmp_path / RUNS).open("ab") as handle:
        handle.write(b"not JSON\n[1]\n")
    found = read_registry(tmp_path)
    assert [trouble.split(": ")[0] for trouble in found.troubles] == [
        f"{tmp_path / RUNS}:2",
        f"{tmp_path / RUNS}:3",
    ]
    append(tmp_path, record("b"))
    assert caplog.text.count("not a run") == 2
    assert b"not JSON\n[1]\n" in (tmp_path / RUNS).read_bytes()
    assert states(tmp_path) == ["a", "b"]


def test_a_newer_record_is_reported_and_newer_keys_are_left_aside(tmp_path):
    append(tmp_path, record())
    line = json.loads((tmp_path / RUNS).read_text())
    newer = {**line, "schema_version": 2}
    richer = {**line, "state": "b", "weather": "fine"}
    (tmp_path / RUNS).write_text("".join(json.dumps(one) + "\n" for one in (newer, richer)))
    found = read_registry(tmp_path)
    assert [one.state for one in found.records] == ["b"]
    assert "schema version 2, but this Model Lab knows 1" in found.troubles[0]


def write_many(folder, name, number):
    for place in range(number):
        append(folder, record(f"{name}-{place}", author="x" * 5000))


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(tmp_path, name, 25)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    found = states(tmp_path)
    assert sorted(found) == sorted(f"{name}-{place}" for name in "abcd" for place in range(25))
    assert [one for one in found if one[0] == "c"] == [f"c-{place}" for place in range(25)]
    assert read_registry(tmp_path).troubles == []


def test_a_killed_writer_costs_at_most_its_own_line_and_no_lock(tmp_path):
    context = multiprocessing.get_context("fork")
    for round_ in range(6):
        writer = context.Process(target=write_many, args=(tmp_path, f"k{round_}", 10**6))
        writer.start()
        deadline = time.monotonic() + 20
        while f"k{round_}-0" not in states(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    append(tmp_path, record("last"))
    found = states(tmp_path)
    assert found[-1] == "last"
    assert read_registry(tmp_path).troubles == []
    for round_ in range(6):
        own = [int(one.split("-")[1]) for one in found if one.startswith(f"k{round_}-")]
        assert own == list(range(len(own)))
        assert own


def test_a_full_disk_is_an_error_and_the_rest_is_moved_away(tmp_path, monkeypatch):
    append(tmp_path, record())
    with open_registry(tmp_path) as registry:
        whole = registry._handle

        class Full:
            def write(self, data):
                return whole.write(data[:20])

        registry._handle = Full()
        with pytest.raises(InputError, match="is the disk full"):
            registry.add(record("b"))
    append(tmp_path, record("b"))
    assert states(tmp_path) == ["a", "b"]
    assert (tmp_path / TORN).stat().st_size == 21


def test_runs_are_found_by_the_start_of_their_name(tmp_path):
    append(tmp_path, record("a"), record("b"))
    registry = read_registry(tmp_path)
    assert find_run(registry, "20261121-080000-quiz-b").state == "b"
    assert find_run(registry, "latest").state == "b"
    with pytest.raises(InputError, match="2 runs have this prefix"):
        find_run(registry, "2026")
    with pytest.raises(InputError, match="no such run"):
        find_run(registry, "2027")
