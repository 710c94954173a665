"""What a job of predictions records: its runs, their clocks, the machine, its batches."""

import json
import time
from dataclasses import replace
from itertools import islice

import pytest
from batch_server import serving_batches
from scripted_model import ScriptedModel, ScriptedOptions, run, with_options

from modellab.models.asking.options import OpenAIOptions


def test_the_record_has_the_resource_usage(job, tmp_path):
    _, record = run(job, tmp_path)
    assert record["model_report"] == {"closed": True}
    assert record["generated_tokens"] == 6
    assert record["answers_per_second"] > 0
    assert record["wall_seconds"] >= record["generate_seconds"]
    assert record["energy"] == {"watt_hours": None, "method": None}


def test_answers_keep_the_run_that_made_them(job, tmp_path):
    some = {key: text for key, text in job.options.script.items() if key[0] != "q1"}
    rows, first = run(with_options(job, script=some), tmp_path)
    rows, second = run(job, tmp_path)
    assert [made["rows"] for made in second["runs"]] == [2, 1]
    assert second["runs"][0]["run"] == first["runs"][0]["run"] == rows[1]["run"]
    assert second["runs"][0]["versions"] == first["versions"]
    assert all(made["ended"] for made in second["runs"])
    rows, third = run(job, tmp_path)
    assert third["runs"] == second["runs"]


def killed(job, tmp_path, monkeypatch, answers=1):
    """A run that ends with an error after this number of answers, which take 0.2 seconds."""
    whole = ScriptedModel.answer

    def dies(self, requests):
        time.sleep(0.2)
        yield from islice(whole(self, requests), answers)
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedModel, "answer", dies)
        with pytest.raises(RuntimeError, match="killed"):
            run(job, tmp_path)


def test_answers_of_a_killed_run_know_their_machine_and_their_share_of_its_clock(
    job, tmp_path, monkeypatch
):
    killed(job, tmp_path, monkeypatch)
    rows, record = run(job, tmp_path)
    assert sorted((made["rows"], made["ended"]) for made in record["runs"]) == [
        (1, False),
        (2, True),
    ]
    assert all(made["machine"]["cores"] >= 1 for made in record["runs"])
    kept = [row for row in rows if row["run"] != record["runs"][-1]["run"]]
    assert len(kept) == 1
    # the model reports half a second, more than the clock: all of the time is the model's
    assert kept[0]["seconds_per_answer"] >= 0.2
    rest = sum(row["seconds_per_answer"] for row in rows if row not in kept)
    assert rest == pytest.approx(record["generate_seconds"])


def test_a_run_killed_after_its_last_answer_keeps_who_answered(job, tmp_path, monkeypatch):
    killed(job, tmp_path, monkeypatch, answers=3)
    rows, record = run(job, tmp_path)
    assert record["generated"] == 0
    assert [row["answered_as"] for row in rows] == ["one"] * 3
    assert [made["model_report"] for made in record["runs"]] == [{"closed": False}]


def test_a_journal_that_was_copied_alone_is_enough(job, tmp_path):
    _, first = run(job, tmp_path)
    job.journal.with_suffix(".runs.json").unlink()
    _, record = run(job, tmp_path)
    assert record["generated"] == 0
    assert record["runs"] == [{"run": first["runs"][0]["run"], "rows": 3, "ended": False}]


def test_warming_up_is_not_on_the_clock(job, tmp_path, monkeypatch):
    whole = ScriptedModel.answer

    def slowly(self, requests):
        self.warm_up_seconds = 0.0
        time.sleep(0.3)
        self.warm_up_seconds = 0.3
        yield from whole(self, requests)

    monkeypatch.setattr(ScriptedModel, "answer", slowly)
    monkeypatch.setattr(ScriptedModel, "warm_up_seconds", 0.0, raising=False)
    rows, record = run(job, tmp_path)
    assert record["warm_up_seconds"] == pytest.approx(0.3)
    assert record["wall_seconds"] >= 0.3
    assert record["generate_seconds"] == pytest.approx(
        sum(row["seconds_per_answer"] for row in rows)
    )
    assert record["generate_seconds"] < record["wall_seconds"] - 0.29


def test_the_record_has_other_work_on_the_machine(job, tmp_path, monkeypatch):
    _, record = run(job, tmp_path)
    assert record["other_work"]["watched_seconds"] > 0
    assert record["other_work"]["cores"] >= 0
    # too short to tell
    assert record["measured_alone"] is record["runs"][0]["measured_alone"] is None


@pytest.mark.parametrize(
    ("in_process", "local", "alone"),
    [(True, True, False), (False, False, False), (False, True, None)],
)
def test_a_server_on_this_machine_is_not_the_work_of_others(
    job, tmp_path, monkeypatch, in_process, local, alone
):
    from modellab.models.metering import OtherWork

    monkeypatch.setattr(OtherWork, "alone", property(lambda self: False))
    monkeypatch.setattr(ScriptedOptions, "in_process", in_process)
    _, record = run(with_options(job, local=local), tmp_path)
    assert record["measured_alone"] is alone


def test_a_batch_is_noted_beside_the_journal_before_its_answers(job, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_KEY", "k")
    with serving_batches(["in_progress", "completed"]) as server:
        options = OpenAIOptions(
            provider="openai",
            model="m",
            base_url=server.url,
            api_key_env="TEST_KEY",
            wait_seconds=0.1,
            batch=True,
            batch_pause_seconds=0.01,
        )
        noted = tmp_path / "journal.under_way.json"

        def kill(_):
            assert json.loads(noted.read_text())[0]["id"] == "batch_1"
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("modellab.models.asking.batches.time.sleep", kill)
            with pytest.raises(KeyboardInterrupt):
                run(replace(job, options=options), tmp_path)
        rows, record = run(replace(job, options=options), tmp_path)
    assert list(server.batches) == ["batch_1"]
    assert len(server.chats) == 1
    assert [row["method"] for row in rows] == [None, "batch", "batch"]
    assert [one["id"] for one in record["model_report"]["batches"]] == ["batch_1"]
