"""A model that answers, through the whole workflow."""

import json
import re
import shutil
from collections import Counter

import fault_server
import pytest
from written_project import ROOT, write_project

from modellab.core.io.csv_file import read_csv

pytestmark = pytest.mark.workflow

JUDGED = "results/world/judgements/same-value.jsonl"
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
judges:
  same-value:
    kind: rubric
    model: {provider: openai, model: m, api_key_env: TEST_KEY, base_url_env: TEST_URL}
    metrics: [correctness]
"""


def same_value(body, number):
    """A judge that looks for the answer's number or name among the words of the reference."""
    [asked] = [message["content"] for message in body["messages"] if message["role"] == "user"]
    reference, answer = (
        re.search(rf"<<<\w+ {part}\n(.*?)\n{part} \w+>>>", asked, re.S)[1].replace(",", "")
        for part in ("REFERENCE", "ANSWER")
    )
    if "not hold the answer" in reference:
        right = "cannot answer" in answer
    else:
        right = reference.split()[0] in re.findall(r"[\w.]*\w", answer)
    return fault_server.good(json.dumps({"score": 5 if right else 1}))


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    project = write_project(tmp_path_factory.mktemp("reader") / "project")
    for part in ("tiny-world", "models/tiny-reader-0.4m", "prompts"):
        shutil.copytree(ROOT / "resources" / part, project.path(f"resources/{part}"))
    project.path("config.yaml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as env, fault_server.serving(same_value) as server:
        env.setenv("NO_PROXY", "127.0.0.1")
        env.setenv("TEST_KEY", "sk-of-the-test")
        env.setenv("TEST_URL", server.url)
        run = project.run("results/world/leaderboard.csv", JUDGED)
    assert run.code == 0, run.text
    return project


def test_what_is_found_decides_what_is_answered(read):
    rows = {row["retriever"]: row for row in read.table("leaderboard", "world")}
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


def test_a_judge_of_its_answers_agrees_with_the_scorer(read):
    """The rules and the judge look for the same thing, so they must agree."""
    # the rules count any value as right where there is no answer; `na_correct` does not
    right = {
        (row["question_id"], row["retriever"]): float(row["value_correct"]) == 1.0
        and row["na_correct"] != "0.0"
        for row in read_csv(read.path("results/world/scores/reader.csv")).rows
    }
    judged = read.rows(JUDGED)
    pairs = Counter(
        (right[row["question_id"], row["retriever"]], row["value"] == 5.0) for row in judged
    )
    assert sum(pairs.values()) == 48
    assert pairs[True, True] > 12 and pairs[False, False] > 12
    assert pairs[True, False] + pairs[False, True] == 0
