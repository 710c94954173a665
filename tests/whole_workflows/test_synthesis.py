"""Questions made by models behind a server on loopback, and a dataset that asks them."""

import json

import pytest
from fault_server import good, serving

from modellab.core.io.csv_file import read_csv

pytestmark = pytest.mark.workflow

SYNTHESIS = """\
seed: 1
corpora:
  notes: {{path: notes}}
retrievers:
  bm25: {{kind: bm25, top_k: 2}}
models:
  reader: {{provider: openai, model: reader, base_url: {url}}}
synthesize:
  made:
    corpus: notes
    model: {{provider: openai, model: writer, base_url: {url}}}
    checkers: [reader]
    min_words: 5
    language: en
datasets:
  quiz:
    corpus: notes
    questions: results/synthesis/made/questions.jsonl
    format: jsonl
    task: open_qa
plots: [overall_ranking]
"""
RANKING = "results/quiz/tables/synthetic_ranking.csv"
WATER = "A data centre in Arizona used between 80 and 90 million litres of water in a year."
QUESTION = "How much water did the data centre in Arizona use?"


def play(body, number):
    """The writer knows one document; the reader reads."""
    text = "\n".join(message["content"] for message in body["messages"])
    if body["model"] == "reader":
        read = QUESTION in text and WATER in text
        return good("80 to 90 million litres" if read else "The documents do not say.")
    if WATER not in text:
        return good("I have no idea.")
    row = {"question": QUESTION, "answer": "between 80 and 90 million litres", "evidence": [WATER]}
    return good(json.dumps({"questions": [row]}))


def test_made_questions_are_asked_and_ranked_as_those_of_people(project):
    text = SYNTHESIS.replace(
        "synthesize:\n",
        "".join(
            f"  plain-{n}: {{{{provider: extractive, threshold: {n / 10}}}}}\n" for n in range(2)
        )
        + "synthesize:\n",
    )
    exam = "datasets:\n  exam: {{corpus: notes, questions: quiz.csv}}\n"
    text = text.replace("datasets:\n", exam)
    with serving(play) as server:
        project.path("config.yaml").write_text(text.format(url=server.url))
        run = project.run(RANKING)
        assert run.code == 0, run.text
    (row,) = project.rows("results/synthesis/made/questions.jsonl")
    assert (row["question"], row["groups"]) == (QUESTION, ["single_hop_specific"])
    assert row["receipts"]["model"]["id"] == "writer"
    assert {r["reason"] for r in project.rows("results/synthesis/made/rejections.jsonl")} == {
        "malformed"
    }
    (asked,) = project.rows("results/quiz/questions.jsonl")
    assert asked["relevant_chunks"] == row["relevant_chunks"]
    scores = project.json("results/quiz/scores/reader.json")
    assert scores["summaries"][0]["num_questions"] == 1
    # only of datasets whose corpus has questions of people too
    (row,) = read_csv(project.path(RANKING)).rows
    assert (row["dataset"], row["systems"]) == ("exam", "3")
    assert not project.path(RANKING.replace("quiz", "exam")).exists()


def test_limits_of_its_models_bound_the_job(project, monkeypatch, tmp_path):
    monkeypatch.setenv("MODELLAB_GPUS", "fake0")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    project.path("config.yaml").write_text(SYNTHESIS.format(url="http://127.0.0.1:1"))
    project.edit(
        "config.yaml",
        "{provider: openai, model: writer, base_url: http://127.0.0.1:1}",
        "{provider: transformers, model: weights, timeout_minutes: 0.003, slots_per_gpu: 3}",
    )
    run = project.run("results/synthesis/made/questions.jsonl")
    assert run.code == 1
    assert run.jobs()["synthesize_gpu"] == 1
    # seconds are whole
    assert "stopped after its timeout_minutes of 0.0166667" in run.text
    [slot] = (tmp_path / "locks").glob("*.slot")
    assert json.loads(slot.read_text())["slots_per_gpu"] == 3
