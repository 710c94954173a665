"""An installed package adds a task, a generator, a metric and a plot, and a benchmark uses them all."""

import json
import os

import plugged_in
import pytest

from modellab.core.io.csv_file import read_csv
from modellab.core.layout import table_file

pytestmark = pytest.mark.workflow

CONFIG = """\
seed: 1
datasets:
  quiz:
    questions: quiz.jsonl
    format: jsonl
    task: yes_no
    scorer: {kind: choices, metrics: [brevity]}
models:
  fair: {provider: coin}
  always: {provider: coin, yes_rate: 1}
  both: {provider: ensemble, members: [fair, always, never]}
  never: {provider: coin, yes_rate: 0}
targets:
  metrics:
    - {metric: brevity, good: 0.9}
plots: [above_chance]
"""
QUESTIONS = [
    {"id": f"q{n}", "question": f"Is {n} even?", "answer": "no" if n % 2 else "yes"}
    for n in range(12)
]
TABLES = (
    *("leaderboard", "statistics", "comparisons", "agreement", "errors", "matrix", "status"),
    "questions_by_difficulty",
)


def test_a_benchmark_of_the_packages_own_task(project, tmp_path_factory, monkeypatch):
    site = plugged_in.install(tmp_path_factory.mktemp("site"))
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    project.path("config.yaml").write_text(CONFIG)
    lines = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    project.path("quiz.jsonl").write_text(lines)
    run = project.run(
        *(f"results/quiz/{table_file(name)}" for name in TABLES),
        "results/quiz/plots/above_chance.svg",
    )
    assert run.code == 0, run.text

    tables = {
        name: read_csv(project.path(f"results/quiz/{table_file(name)}")).rows for name in TABLES
    }
    ranked = {row["model"]: row for row in tables["leaderboard"]}
    assert ranked["always"]["overall"] == ranked["never"]["overall"] == "0.5"
    assert ranked["fair"]["brevity"] == "1.0"
    found = {(row["model"], row["component"]) for row in tables["statistics"] if row["low"]}
    assert {("fair", "overall"), ("fair", "brevity")} <= found
    [pair] = [
        row
        for row in tables["agreement"]
        if {row["system_a"], row["system_b"]} == {"always@none", "never@none"}
        and row["kind"] == "answers"
    ]
    assert (pair["agreement"], pair["n"]) == ("0.0", "12")
    wrong = {row["model"]: row["wrong"] for row in tables["errors"]}
    assert wrong["always@none"] == "6"
    cells = tables["matrix"][0]
    assert cells["GT_answer"] == cells["always@none_choice"] == "yes"
    assert cells["never@none_reason"] == "by chance."
    assert {row["metric"] for row in tables["status"]} == {"brevity"}
