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
  plain-0: {{provider: extractive, threshold: 0.0}}
  plain-1: {{provider: extractive, threshold: 0.1}}
synthesize:
  made:
    corpus: notes
    model: {{provider: openai, model: writer, base_url: {url}}}
    checkers: [reader]
    min_words: 5
    language: en
datasets:
  exam: {{corpus: notes, questions: quiz.csv}}
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
    with serving(play) as server:
        project.path("config.yaml").write_text(SYNTHESIS.format(url=server.url))
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
    # only of datasets with a corpus that also has questions of people
    (row,) = read_csv(project.path(RANKING)).rows
    assert (row["dataset"], row["systems"]) == ("exam", "3")
    assert not project.path(RANKING.replace("quiz", "exam")).exists()
