"""The display of a run: finished jobs, models at work, failures, and each warning once."""

import io
import logging
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from modellab.core.job_log import job_log
from modellab.core.progress import (
    FOLDER,
    RowProgress,
    duration,
    rows_of,
    seconds_left,
    warnings_of,
    with_progress,
)
from modellab.workflow.display import (
    RunDisplay,
    display_run,
    is_shown,
    locked_message,
    warning_lines,
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "progress"
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def event(name, **fields):
    record = logging.makeLogRecord({"msg": name, "levelno": logging.INFO, **fields})
    record.event = SimpleNamespace(name=name)
    return record


def job_info(number, rule, log, **wildcards):
    facts = {"rule_name": rule, "wildcards": wildcards, "log": [log]}
    return event("JOB_INFO", jobid=number, **facts)


def test_a_job_writes_its_news_for_the_run_and_not_to_the_terminal(folder, tmp_path, capsys):
    log = tmp_path / "predictions.log"
    with job_log(log):
        list(with_progress("abc", 3, "answers of a"))
        logging.getLogger("modellab.questions").warning("document 'x' is not there")
    rows = rows_of(folder, str(log))
    assert (rows.what, rows.done, rows.total) == ("answers of a", 3, 3)
    (warned,) = warnings_of(folder)
    assert warned.message == "document 'x' is not there"
    assert capsys.readouterr().err == ""
    assert "answers of a: 3/3 rows" in log.read_text()


def test_without_a_run_that_listens_a_warning_is_called_one(tmp_path, capsys):
    with job_log(tmp_path / "a.log"):
        logging.getLogger("modellab.questions").warning("document 'x' is not there")
    assert capsys.readouterr().err == "WARNING: document 'x' is not there\n"


def test_warnings_of_one_kind_are_one_line(folder, tmp_path):
    with job_log(tmp_path / "a.log"):
        for name in ("x", "y", "y", "z"):
            logging.getLogger("modellab.a").warning("document '%s' is not there", name)
        logging.getLogger("modellab.a").warning("no price")
        for model, rows in (("words", 2), ("numbers", 3)):
            logging.getLogger("modellab.a").warning("answers of %s on a: %d rows", model, rows)
    first, documents, price, rows = warning_lines(folder)
    assert first == "6 warnings:"
    assert "document 'x' is not there (and 2 like it)" in documents
    assert "no price" in price
    assert "answers of words on a: 2 rows (and 1 like it)" in rows


def test_a_log_has_a_line_per_model_and_none_per_job(folder, tmp_path, capsys):
    display = RunDisplay(folder, on_idle=lambda: None, live=False)
    log = tmp_path / "words.log"
    display.emit(event("RUN_INFO", stats={"chunks": 1, "predictions_local": 1, "total": 2}))
    for number, (rule, path) in enumerate([("chunks", "c.log"), ("predictions_local", str(log))]):
        display.emit(job_info(number, rule, path, dataset="quiz", model="words"))
    with job_log(log):
        list(with_progress("abc", 3, "answers"))
    assert "predictions quiz words: 3/3 rows" in display.state()
    for number in (0, 1):
        display.emit(event("JOB_FINISHED", job_id=number))
    display.stop()
    first, last = capsys.readouterr().err.splitlines()
    assert first == "2 jobs, 1 asking a model"
    assert last.startswith("done: predictions quiz words, 3 rows asked")


def test_a_terminal_shows_a_bar_and_each_model_on_a_line(folder, tmp_path):
    from rich.console import Console

    display = RunDisplay(folder, on_idle=lambda: None, live=True)
    log = tmp_path / "words.log"
    display._total, display._done = 4, 1
    display.emit(job_info(0, "chunks", "c.log", corpus="notes"))
    display.emit(job_info(1, "predictions_local", str(log), dataset="quiz", model="words"))
    with job_log(log):
        list(with_progress("abc", 3, "answers"))
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(display._render())
    first, second = console.export_text().splitlines()
    assert re.match(r"━+ +1 of 4 jobs done, 0 s; now chunks notes", first)
    assert second.strip().startswith("predictions quiz words: 3/3 rows")


def test_a_failure_is_reported_at_once_with_its_reason(folder, tmp_path, capsys):
    display = RunDisplay(folder, on_idle=lambda: None, live=False)
    log = tmp_path / "a.log"
    log.write_text("x failed: no key\n")
    display.emit(job_info(7, "predictions_server", str(log), dataset="quiz", model="gpt"))
    display.emit(event("JOB_ERROR", jobid=7))
    assert "FAILED: predictions quiz gpt: no key" in capsys.readouterr().err


def test_a_run_with_nothing_to_do_ends_as_any_other(folder, capsys):
    calls = []
    display = RunDisplay(folder, on_idle=lambda: calls.append("page"), live=False)
    record = logging.makeLogRecord({"msg": "Nothing to be done (all requested files are present"})
    display.emit(record)
    assert calls == ["page"]
    assert "up to date" in capsys.readouterr().err


def test_time_left_is_not_guessed_from_the_first_rows():
    assert seconds_left(RowProgress("a", 1, 445, 41.0)) is None
    assert seconds_left(RowProgress("a", 100, 400, 50.0)) == 150
    assert seconds_left(RowProgress("a", 400, 400, 50.0)) is None
    assert [duration(s) for s in (41, 180, 18298)] == ["41 s", "3 min", "5.1 h"]


@pytest.mark.parametrize("dry", [True, False])
def test_a_dry_run_keeps_the_lines_of_snakemake(monkeypatch, capsys, dry):
    monkeypatch.setenv(FOLDER, "")
    logger, handler = logging.Logger("snakemake"), logging.StreamHandler(io.StringIO())
    handler.name = "DefaultStreamHandler"
    logger.addHandler(handler)
    workflow = SimpleNamespace(
        output_settings=SimpleNamespace(
            quiet=[SimpleNamespace(name="REASON"), SimpleNamespace(name="HOST")],
            verbose=False,
            dryrun=dry,
        ),
        logger_manager=SimpleNamespace(logger=logger),
    )
    display_run(workflow, on_idle=lambda: None)
    logger.handle(event("RUN_INFO", stats={"chunks": 1, "total": 1}))
    assert handler.stream.getvalue() == ("RUN_INFO\n" if dry else "")
    assert capsys.readouterr().err == ("" if dry else "1 job, 0 asking a model\n")


def test_what_snakemake_says_of_failed_jobs_is_left_to_their_own_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no run is at work there
    for text in (
        'RuleException:\nCalledProcessError in file "/lab/rules/generation.smk", line 90:\n...',
        "Exiting because a job execution failed. Look above for error messages",
        "At least one job did not complete successfully.",
    ):
        assert not is_shown(logging.makeLogRecord({"msg": text, "levelno": logging.ERROR}))
    assert is_shown(logging.makeLogRecord({"msg": OSError("x"), "levelno": logging.ERROR}))
    locked = logging.makeLogRecord({"msg": "LockException:\nError: a\nb", "levelno": logging.ERROR})
    locked.exception = "LockException"
    assert is_shown(locked)
    assert "\n" not in locked.msg and "--unlock" in locked.msg


def test_a_lock_is_of_a_run_at_work_or_of_one_that_was_killed(tmp_path):
    assert "add --unlock to this command" in locked_message(tmp_path)
    script = tmp_path / ".snakemake" / "scripts" / "tmp1.predictions.py"
    script.parent.mkdir(parents=True)
    script.write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    job = subprocess.Popen([sys.executable, script], cwd=tmp_path, stdout=subprocess.PIPE)
    try:
        job.stdout.readline()
        assert f"at work in {tmp_path} (process {job.pid})" in locked_message(tmp_path)
    finally:
        job.kill()
        job.wait()
