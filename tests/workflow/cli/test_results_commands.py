"""`init`, `show`, `open` and `why`: what they print, and what they say where nothing is."""

import pytest
from typer.testing import CliRunner

from modellab.config.loading import load_config
from modellab.core.layout import SUMMARY
from modellab.workflow.cli import why
from modellab.workflow.cli.app import app

DRY_RUN = """\
rule contexts:
    input: a
    output: results/quiz/contexts/bm25.jsonl
    jobid: 3
    reason: Params have changed since last execution: Union of: before: {'top_k': 2} now: {'top_k': 1}
    wildcards: dataset=quiz, retriever=bm25

localrule leaderboard:
    output: results/quiz/leaderboard.csv
    reason: Input files updated by another job: results/quiz/contexts/bm25.jsonl
    wildcards: dataset=quiz

"""


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["init"]).exit_code == 0
    return tmp_path


def test_init_says_what_to_do_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init", "bench"])
    assert "bench/config.yaml" in done.output
    assert done.output.endswith("Next: modellab run bench\n")


def test_without_results_show_and_open_say_how_to_make_them(bench):
    for command in ("show", "open"):
        done = CliRunner().invoke(app, [command])
        assert done.exit_code == 1
        assert "modellab run" in done.output


def test_open_prints_the_page_and_opens_it(bench, monkeypatch):
    opened = []
    monkeypatch.setattr("typer.launch", opened.append)
    page = bench / "results" / "questions" / "report" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("")
    done = CliRunner().invoke(app, ["open"])
    assert done.output == "Page: results/questions/report/index.html\n"
    assert opened == [page.as_uri()]


def test_models_of_other_configs_are_not_shown(bench, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "modellab.workflow.run_summary.print_leaderboards", lambda _, models: shown.append(models)
    )
    known = next(iter(load_config("config.yaml").models))
    for model in (known, "of-another"):
        path = bench / "results" / "questions" / SUMMARY.format(model=model)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    CliRunner().invoke(app, ["show"])
    assert shown == [{"questions": [known]}]


def test_an_unknown_dataset_is_named_with_those_that_there_are(bench):
    done = CliRunner().invoke(app, ["show", "--dataset", "other"])
    assert "--dataset other: unknown; choose from: questions" in done.output


def test_a_word_that_is_no_config_is_not_called_a_target(bench):
    for command in ("plan", "preflight", "show", "open", "bundle", "export"):
        done = CliRunner().invoke(app, [command, "nofile"])
        assert "nofile: neither a config file (.yaml) nor a folder" in done.output, command


def test_commands_take_a_config_and_keys_as_a_run_does(bench, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for command in ("show", "open", "bundle", "export"):
        done = CliRunner().invoke(app, [command, str(bench), "results=other"])
        assert "other" in done.output and "modellab run" in done.output, done.output


def test_why_names_causes_and_not_what_follows_from_them():
    head, cause = why.causes("results/quiz/leaderboard.csv", DRY_RUN)
    assert "by 2 jobs" in head
    assert "contexts dataset=quiz, retriever=bm25: its settings or its code changed" in cause
    assert "before {'top_k': 2}, now {'top_k': 1}" in cause


def test_why_names_what_differs_from_the_record_of_a_job():
    stale = "Stale: results/quiz/contexts/bm25.jsonl: options changed\n"
    _, cause = why.causes("results/quiz/leaderboard.csv", stale + DRY_RUN)
    assert cause == "  contexts dataset=quiz, retriever=bm25: options changed"


def test_why_of_a_file_that_is_up_to_date():
    assert "up to date" in why.causes("a.csv", "Nothing to be done (all requested files ...).\n")[0]
