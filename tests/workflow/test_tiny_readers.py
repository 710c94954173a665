"""A model that answers, through the whole workflow."""

import csv
import json
import shutil

import pytest
from workflow.conftest import ROOT, write_project

pytestmark = pytest.mark.workflow

CONFIG = """\
seed: 1
limit: 24
corpora:
  world: {path: resources/tiny-world/corpus.jsonl}
datasets:
  world:
    corpus: world
    questions: resources/tiny-world/questions.csv
    format: {kind: wattbot, tag_columns: [phrasing]}
    prompt: resources/prompts/tiny_reader.jinja
retrievers:
  bm25: {kind: bm25, top_k: 5}
  shuffled: {kind: shuffled, of: bm25}
models:
  reader:
    provider: transformers
    model: resources/models/tiny-reader-0.4m
    dtype: float32
    max_new_tokens: 32
    device: cpu
plots: [overall_ranking]
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    project = write_project(tmp_path_factory.mktemp("reader") / "project")
    for part in ("tiny-world", "models/tiny-reader-0.4m"):
        shutil.copytree(ROOT / "resources" / part, project.path(f"resources/{part}"))
    project.path("config.yaml").write_text(CONFIG)
    run = project.run()
    assert run.code == 0, run.text
    return project


def leaderboard(project):
    with open(project.path("results/world/leaderboard.csv"), encoding="utf-8") as handle:
        return {row["retriever"]: row for row in csv.DictReader(handle)}


def test_what_is_found_decides_what_is_answered(read):
    rows = leaderboard(read)
    assert float(rows["bm25"]["value_accuracy"]) > 0.6
    assert float(rows["bm25"]["value_accuracy"]) > float(rows["shuffled"]["value_accuracy"]) + 0.2


def test_answers_are_json_that_names_documents_that_were_read(read):
    rows = read.rows("results/world/predictions/reader.jsonl")
    assert len(rows) == 48
    found = [row for row in rows if row["retriever"] == "bm25"]
    assert sum(row["finish_reason"] == "stop" for row in found) >= len(found) - 1
    answered = [
        row for row in found if row["finish_reason"] == "stop" and row["status"] == "answered"
    ]
    assert len(answered) > 12
    named = [(json.loads(row["raw"])["ref_id"][0], row["passages"]) for row in answered]
    shown = [any(chunk.startswith(f"{name}#") for chunk in passages) for name, passages in named]
    assert sum(shown) > 0.8 * len(shown)


def test_no_run_of_a_benchmark_trains(read):
    assert "tiny_reader" not in read.run("--forceall", "-n").jobs()
