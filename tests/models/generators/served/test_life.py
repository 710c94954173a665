"""A server's life: started, ready, asked, and ended with everything that it started."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from api_samples import requests
from served_models import entry, options

from modellab.core.errors import InputError
from modellab.core.job_log import job_log
from modellab.generation.asking_job import deadline
from modellab.models.generators.served import server as servers
from modellab.models.gpu import lease

#: seconds within which nothing of a server may be left
SOON = 5


def gone(pids):
    """Whether all processes end soon."""
    until = time.monotonic() + SOON
    while any(running(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def numbers(path):
    """The processes that a server has written down, once it has."""
    until = time.monotonic() + 30
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.05)
    return [int(number) for number in path.read_text().split()]


def answered(given, asked):
    with given.open(0, {}) as model:
        rows = sorted(model.answer(asked), key=lambda row: row.key)
    return rows, model


def test_a_server_is_started_asked_and_ended(weights, tmp_path):
    pids = tmp_path / "pids"
    rows, model = answered(options(weights, "--pids", str(pids)), requests(5))
    assert [row.text for row in rows] == ["0", "1", "2", "3", "4"]
    assert not any(map(running, numbers(pids)))
    assert model.stopped() is None
    # its name is random: no finding of the audit
    assert {row.answered_as for row in rows} == {None}
    record = model.report()["server"]
    assert record["model"]["root"] == "weights"
    assert record["start_seconds"] > 0
    assert record["engine"] == "command"


def test_503_while_it_loads_is_no_failure(weights):
    rows, model = answered(options(weights, "--load-seconds", "1"), requests(1))
    assert rows[0].text == "0"
    assert rows[0].retries == 0
    assert model.report()["server"]["start_seconds"] >= 1


def test_an_error_in_the_block_ends_the_server(weights, tmp_path):
    pids = tmp_path / "pids"
    with pytest.raises(ZeroDivisionError), options(weights, "--pids", str(pids)).open(0, {}):
        raise ZeroDivisionError
    assert not any(map(running, numbers(pids)))


def test_a_server_that_ends_at_once_fails_with_its_last_lines(weights, tmp_path):
    with pytest.raises(InputError, match=r"exit code 2.*unrecognized arguments: --no-such"):
        answered(options(weights, "--no-such-flag"), requests(1))


def test_a_program_that_is_not_there(weights):
    given = entry(weights, command=["/no/such/program", "{port}"])
    with pytest.raises(InputError, match="/no/such/program"):
        answered(options(weights, command=given["command"]), requests(1))


def test_a_server_that_never_gets_ready_is_ended(weights, tmp_path):
    pids = tmp_path / "pids"
    given = options(weights, "--load-seconds", "600", "--pids", str(pids), start_timeout_seconds=2)
    with pytest.raises(InputError, match=r"start_timeout_seconds of 2; last lines of .*serving"):
        answered(given, requests(1))
    assert not any(map(running, numbers(pids)))


def test_another_server_at_the_port_is_not_taken_for_ours(weights, monkeypatch, httpserver):
    httpserver.expect_request("/health").respond_with_data("ok")
    ports = iter([httpserver.port, servers.free_port()])
    monkeypatch.setattr(servers, "free_port", lambda: next(ports))
    rows, _ = answered(options(weights), requests(1))
    assert rows[0].text == "0"
    assert next(ports, None) is None


def test_a_server_that_dies_stops_the_model_for_good(weights, tmp_path):
    given = options(weights, "--die-after", "3", max_concurrent=1)
    with job_log(tmp_path / "predictions.log"):
        rows, model = answered(given, requests(8))
    assert [row.text for row in rows if row.text] == ["0", "1", "2"]
    assert {row.error_class for row in rows[3:]} == {"connection"}
    stopped = model.stopped()
    assert stopped.for_good
    assert "SIGKILL" in stopped.text
    assert "GPU's memory does not suffice" in stopped.text
    assert "CUDA out of memory" in (tmp_path / "predictions.server.log").read_text()


JOB = """
    import json, sys
    from api_samples import requests
    from modellab.models.registry import parse_model
    with parse_model(json.loads(sys.argv[1])).open(0, {}) as model:
        print("open", flush=True)
        list(model.answer(requests(5)))
"""


@contextmanager
def job(data):
    """A process that asks a served model, once its server is ready."""
    paths = [str(Path(__file__).parents[4]), str(Path(__file__).parents[3])]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(JOB), json.dumps(data)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("manners", [[], pytest.param(["--stubborn"], marks=pytest.mark.slow)])
def test_nothing_is_left_of_a_job_that_is_killed(weights, tmp_path, by, manners):
    pids = tmp_path / "pids"
    data = entry(weights, "--slow", "600", "--pids", str(pids), *manners)
    with job(data) as process:
        below = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        assert set(numbers(pids)) < set(below)
        process.send_signal(by)
        process.wait()
        assert gone(below)


def test_a_guard_that_is_killed_takes_the_server_with_it(weights, tmp_path):
    pids = tmp_path / "pids"
    with job(entry(weights, "--slow", "600", "--pids", str(pids))) as process:
        [guard] = psutil.Process(process.pid).children()
        guard.kill()
        assert gone(numbers(pids)[:1])
        os.kill(numbers(pids)[1], signal.SIGKILL)


def test_the_gpu_is_free_when_the_last_process_has_ended(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELLAB_GPUS", "fake0")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    before = psutil.Process().children()
    with lease(1, job="first") as held, options(weights, gpus=1).open(0, {}):
        [guard] = set(psutil.Process().children()) - {*before}
        paths = {file.path for file in guard.open_files()}
        assert any("fake0" in path for path in paths)
        assert held.devices == ("fake0",)
    with lease(1, job="second") as held:
        assert held.devices == ("fake0",)


def test_the_time_limit_of_a_job_ends_its_server(weights, tmp_path):
    pids = tmp_path / "pids"
    given = options(weights, "--slow", "600", "--pids", str(pids))
    with pytest.raises(InputError, match="time is up"), deadline(5, "time is up"):
        answered(given, requests(1))
    assert not any(map(running, numbers(pids)))
