"""Free text up to the page, and labels without a corpus, through the real command."""

import json

import pytest

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

    [row] = project.table("leaderboard", "talk")
    assert (row["retriever"], row["exact_match"]) == ("oracle", "1.0")
    assert row["rougeL"] == row["overall"] == "1.0"
    page = project.path("results/talk/report/index.html").read_text()
    assert "sentence@oracle" in page
    [cells] = project.table("matrix", "talk")
    assert cells["GT_answer"] == cells["sentence@oracle_answer"] == "Training Meena needed 232 MWh."

    wide = project.table("wide", "sorted")
    assert [cells["ai_digits_flag"] for cells in wide] == ["bad", "good", ""]
    assert {
        answer["retriever"] for answer in project.rows("results/sorted/predictions/digits.jsonl")
    } == {""}
    labels = project.table("labels", "sorted")
    assert [cells["recall"] for cells in labels if cells["kind"] == "all"] == ["1.0", "0.0"]
