"""`modellab gpus`: the table and the JSON."""

import json

import pytest
from typer.testing import CliRunner

from modellab.models.gpu import lease
from modellab.workflow.cli.app import app


def run(*args):
    result = CliRunner().invoke(app, ["gpus", *args])
    assert result.exit_code == 0, result.output
    return result


def cells(line):
    return line.split()


def test_free_slots(machine):
    header, *rows = run().stdout.splitlines()
    assert cells(header) == ["device", "name", "memory", "part", "state", "pid", "since", "job"]
    assert [cells(row)[:5] for row in rows] == [
        ["fake0", "-", "-", "1", "free"],
        ["fake1", "-", "-", "1", "free"],
    ]


def test_holders_free_parts_and_waiting_claims(machine):
    holder = machine.start(1, "predictions a", slots_per_gpu=2)
    holder.gpus()
    waiter = machine.start(2, "evil\njob")
    machine.wait_for_queue("evil\njob")
    lines = run().stdout.splitlines()
    assert cells(lines[1])[3:6] == ["1/2", "held", str(holder.process.pid)]
    assert lines[1].endswith("predictions a")
    assert cells(lines[2])[3:5] == ["1/2", "free"]
    assert lines[4].startswith(f"waiting: 'evil\\njob' (pid {waiter.process.pid}, since 20")
    assert lines[4].endswith("for 2 of fake0, fake1")
    assert len(lines) == 5


def test_json(machine):
    holder = machine.start(1, "predictions a")
    holder.gpus()
    waiter = machine.start(2, "b")
    machine.wait_for_queue("b")
    found = json.loads(run("--json").stdout)
    assert found["pool"] == {"gpus": ["fake0", "fake1"], "source": "MODELLAB_GPUS"}
    held, free = found["slots"]
    assert (held["device"], held["state"], held["part"]) == ("fake0", "held", 1.0)
    assert (held["pid"], held["job"]) == (holder.process.pid, "predictions a")
    assert (free["state"], free["job"], free["since"]) == ("free", None, None)
    [claim] = found["waiting"]
    assert (claim["job"], claim["pid"], claim["n"]) == ("b", waiter.process.pid, 2)


def test_gpus_in_use_outside_of_the_pool_are_shown(machine):
    with lease(1, job="other", pool=["fake9"]):
        assert "fake9" in run().stdout
    assert "fake9" not in run().stdout


def test_no_gpu_and_slurm_are_reported(machine, monkeypatch):
    monkeypatch.setenv("MODELLAB_GPUS", "")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    result = run()
    assert result.stdout == "no GPU: the pool has none (MODELLAB_GPUS)\n"
    assert "the scheduler chooses" in result.stderr


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_bad_folder_is_one_line(machine, monkeypatch, tmp_path, options):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "file"))
    result = CliRunner().invoke(app, ["gpus", *options])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: GPU lock folder ")
    assert result.stderr.count("\n") == 1
