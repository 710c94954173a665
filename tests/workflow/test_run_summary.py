"""What the terminal says of failed jobs, from Snakemake's own log."""

import re
from types import SimpleNamespace

import pytest

from modellab.core.errors import InputError
from modellab.workflow.preflight.inputs import refuse_spaces_in_python
from modellab.workflow.run_summary import print_end, print_failures, requested

LOG = """\
CalledProcessError in file "/lab/rules/corpus.smk", line 29:
{command}
[Sun Nov 29 21:59:20 2026]
Error in rule chunks:
    message: None
    jobid: 6
    input: notes
    output: {folder}/chunks.jsonl, {folder}/documents.csv
    log: {log} (check log file(s) for error details)
"""


@pytest.fixture(params=["results", "my results", "a, b.log, c", "x (1)"])
def printed(tmp_path, capsys, request):
    folder = tmp_path / request.param

    def printed(command, job_log=""):
        file = folder / "logs" / "chunks.log"
        file.parent.mkdir(parents=True)
        file.write_text(job_log)
        text = LOG.format(command=command, log=file, folder=folder)
        (tmp_path / "run.log").write_text(text)
        print_failures(str(tmp_path / "run.log"), folder)
        return capsys.readouterr().err

    return printed


def test_a_missing_program_was_not_killed(printed):
    line = printed("Command 'py x' returned non-zero exit status 127.")
    assert "/chunks.jsonl: its program was not found (exit code 127)" in line
    assert "memory" not in line


def test_a_kill_is_one(printed):
    assert "out of memory?" in printed("Command 'py x' returned non-zero exit status 137.")


def test_ctrl_c_before_a_job_has_a_log_is_no_kill(printed):
    line = printed("Command 'py x' returned non-zero exit status 130.")
    assert "/chunks.jsonl: stopped by Ctrl-C" in line


def test_the_reason_is_found_in_a_log_with_spaces_in_its_path(printed):
    line = printed("Command 'py x' returned non-zero exit status 1.", "failed: no key\n")
    assert re.fullmatch(r"FAILED .*/chunks\.jsonl: no key \(log: .*/chunks\.log\)\n", line)


def test_a_python_in_a_path_with_a_space_is_refused():
    refuse_spaces_in_python("/home/me/lab/.venv/bin/python")
    with pytest.raises(InputError, match="path with a space"):
        refuse_spaces_in_python("/home/me/My Projects/lab/.venv/bin/python")


def made(results):
    """A config of one dataset, and its systems: none."""
    config = SimpleNamespace(results=results, datasets={"quiz": None})
    return config, SimpleNamespace(models=lambda name: [], missing=lambda name: [])


def test_a_run_ends_with_the_page_that_it_made(tmp_path, capsys):
    page = tmp_path / "quiz" / "report"
    page.mkdir(parents=True)
    print_end(*made(tmp_path), [str(page)], complete=True)
    assert f"Page: {page}/index.html" in capsys.readouterr().err


def test_one_file_that_was_asked_for_is_all_that_is_named(tmp_path, capsys):
    plot = tmp_path / "quiz" / "plots" / "a.png"
    plot.parent.mkdir(parents=True)
    plot.write_text("")
    print_end(*made(tmp_path), [str(plot)], complete=True)
    assert capsys.readouterr().err == f"Made: {plot}\n"


def test_a_target_that_made_no_file_has_said_all_itself(tmp_path, capsys):
    print_end(*made(tmp_path), [], complete=True)
    assert capsys.readouterr().err == ""


def workflow(targets, outputs):
    job = SimpleNamespace(output=outputs, input=[])
    dag = SimpleNamespace(targetjobs=[job])
    return SimpleNamespace(dag=dag, dag_settings=SimpleNamespace(targets=targets))


def test_a_table_is_requested_alone_though_its_job_makes_others():
    outputs = ["results/quiz/leaderboard.csv", "results/quiz/verdict.json"]
    assert requested(workflow({"./results/quiz/leaderboard.csv"}, outputs)) == outputs[:1]
    assert requested(workflow({"tables"}, outputs)) == outputs
