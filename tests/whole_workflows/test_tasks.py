"""Free text up to the page, and labels without a corpus, through the real command."""

import json

import pytest

from modellab.core.io.csv_file import read_csv

pytestmark = pytest.mark.workflow

CONFIG = """\
seed: 1
corpora: {notes: {path: notes}}
retrievers: {oracle: {kind: oracle}}
datasets:
  talk:
    corpus: notes
    questions: talk.json
    format: ragas
    task: open_qa
  sorted:
    questions: texts.csv
    format: {kind: label_csv, label: flag}
    task: {kind: label, labels: [bad, good], positive: bad}
models:
  sentence: {provider: extractive, datasets: [talk], threshold: 0.1}
  digits: {provider: keywords, datasets: [sorted], labels: {bad: ['\\d']}, otherwise: good}
  never: {provider: keywords, datasets: [sorted], labels: {bad: ['(?!)']}, otherwise: good}
plots: [overall_ranking]
"""
TALK = [
    {
        "user_input": "How much electricity did training Meena need?",
        "reference": "Training Meena needed 232 MWh.",
        "reference_contexts": ["Training Meena needed 232 MWh."],
    }
]
TEXTS = 'text,flag\n"Ring 5",bad\nHello,good\n,good\n'
TARGETS = ("results/talk/report", "results/talk/matrix.csv")
TARGETS = (*TARGETS, "results/sorted/tables/wide.csv")


@pytest.mark.smoke
def test_free_text_and_labels(project):
    project.path("config.yaml").write_text(CONFIG)
    project.path("talk.json").write_text(json.dumps(TALK))
    project.path("texts.csv").write_text(TEXTS)
    run = project.run(*TARGETS)
    assert run.code == 0, run.text

    [row] = read_csv(project.path("results/talk/leaderboard.csv")).rows
    assert (row["retriever"], row["exact_match"]) == ("oracle", "1.0")
    assert row["rougeL"] == row["overall"] == "1.0"
    page = project.path("results/talk/report/index.html").read_text()
    assert "sentence@oracle" in page
    [cells] = read_csv(project.path("results/talk/matrix.csv")).rows
    assert cells["GT_answer"] == cells["sentence@oracle_answer"] == "Training Meena needed 232 MWh."

    wide = read_csv(project.path("results/sorted/tables/wide.csv")).rows
    assert [cells["ai_digits_flag"] for cells in wide] == ["bad", "good", ""]
    assert {
        answer["retriever"] for answer in project.rows("results/sorted/predictions/digits.jsonl")
    } == {"none"}
    labels = read_csv(project.path("results/sorted/tables/labels.csv")).rows
    assert [cells["recall"] for cells in labels if cells["kind"] == "all"] == ["1.0", "0.0"]
