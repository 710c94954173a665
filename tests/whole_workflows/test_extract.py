"""Records read from texts and pictures, through the whole workflow."""

import csv
import json

import fault_server
import pytest
from PIL import Image

from modellab.core.records import Status

pytestmark = pytest.mark.workflow

SCHEMA = {
    "type": "object",
    "properties": {
        "lab": {"type": "string"},
        "tests": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["lab"],
}
DOCUMENTS = [
    {
        "id": "d1",
        "question": "North Laboratory\nGlucose: <5 mmol/L\nGlucose: 7,5 mmol/L",
        "record": {
            "lab": "North Laboratory",
            "tests": [
                {"name": "Glucose", "value": "7.5", "unit": "mmol/L"},
                {"name": "Glucose", "value": "<5", "unit": "mmol/L"},
            ],
        },
    },
    {
        "id": "d2",
        "question": "North Laboratory",
        "record": {"lab": "North Laboratory", "tests": []},
    },
    {
        "id": "d3",
        "images": ["page.png"],
        "record": {"lab": "South", "tests": [{"name": "Iron", "value": "8"}]},
    },
]
RECEIPT = {
    "gt": {
        "gt_parse": {"menu": {"nm": "TEA", "price": "5,000"}},
        "valid_line": [
            {"words": [{"text": "TEA", "row_id": 1, "quad": {"x1": 1, "y1": 1}}]},
            {"words": [{"text": "5,000", "row_id": 1, "quad": {"x1": 9, "y1": 1}}]},
        ],
    }
}
CONFIG = """\
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
  labs:
    questions: labs.jsonl
    format: jsonl
    task: {kind: extract, record: lab.schema.json}
    scorer: {kind: fields, items: {tests: {name: name, value: value, unit: unit}}}
  receipts:
    questions: receipts
    format: cord
    task: {kind: extract, record: receipt.schema.json}
    scorer: {kind: fields, items: {menu: {name: nm}}, numbers: grouping}
"""
MODELS = """\
models:
  lines:
    provider: patterns
    datasets: [labs, receipts]
    values: {lab: '^(.*Laboratory)$'}
    items:
      tests: {line: '(?P<name>\\w+): (?P<value>\\S+) (?P<unit>\\S+)'}
      menu: {line: '(?P<nm>\\w+)  (?P<price>\\S+)'}
  seeing: {provider: openai, model: m, api_key_env: TEST_KEY, base_url_env: TEST_URL,
           datasets: [labs]}
  rare: {provider: extractive, datasets: [quiz], retrievers: [none]}
"""


def play(body, number):
    """Reads the picture; of the texts, one answer is no JSON and one has a wrong type."""
    content = body["messages"][-1]["content"]
    if not isinstance(content, str) and any(part["type"] == "image_url" for part in content):
        return fault_server.good('{"lab": "South", "tests": [{"name": "Iron", "value": "8"}]}')
    text = content if isinstance(content, str) else content[0]["text"]
    wrong_type = '{"lab": ["North Laboratory"], "tests": []}'
    return fault_server.good("I cannot say." if "Glucose" in text else wrong_type)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory, new_project):
    project = new_project(tmp_path_factory.mktemp("extract") / "project")
    text = project.path("config.yaml").read_text()
    before, rest = text.split("datasets:\n")
    between = rest[rest.index("embedders:") : rest.index("models:")]
    config = before + CONFIG + between + MODELS + "plots: [overall_ranking]\n"
    project.path("config.yaml").write_text(config)
    lines = "".join(json.dumps(row) + "\n" for row in DOCUMENTS)
    project.path("labs.jsonl").write_text(lines)
    project.path("lab.schema.json").write_text(json.dumps(SCHEMA))
    project.path("receipt.schema.json").write_text('{"type": "object"}')
    Image.new("1", (4, 4)).save(project.path("page.png"))
    project.path("receipts").mkdir()
    project.path("receipts/r1.json").write_text(json.dumps(RECEIPT))
    with pytest.MonkeyPatch.context() as env, fault_server.serving(play) as server:
        env.setenv("NO_PROXY", "127.0.0.1")
        env.setenv("TEST_KEY", "key")
        env.setenv("TEST_URL", server.url)
        # not the quiz: it is there so that the config has datasets with and without a corpus
        targets = [f"results/{name}/tables/extract_fields.csv" for name in ("labs", "receipts")]
        run = project.run(*targets, "results/labs/leaderboard.csv", "results/labs/matrix.csv")
        assert run.code == 0, run.text
        yield project


def fields(project, dataset, model, level, name):
    with project.path(f"results/{dataset}/tables/extract_fields.csv").open() as handle:
        rows = [row for row in csv.DictReader(handle) if row["model"] == model]
    [found] = [row for row in rows if (row["level"], row["name"]) == (level, name)]
    return found


def test_a_baseline_reads_equal_names_comparators_and_commas(extracted):
    found = fields(extracted, "labs", "lines", "field", "tests.value")
    assert (found["correct"], found["wanted"], found["n_scored"]) == ("2", "3", "2")
    scores = extracted.json("results/labs/scores/lines.json")["summaries"][0]
    # a record that is asked for in a picture only gets no answer from a reader of texts
    assert scores["statuses"] == {
        **dict.fromkeys(map(str, Status), 0),
        "answered": 2,
        "abstained": 1,
    }
    assert scores["metrics"]["exact_records"] == {"value": 2 / 3, "n_scored": 3, "n_failed": 0}


def test_a_picture_is_sent_and_bad_answers_stay_apart(extracted):
    rows = {
        row["question_id"]: row for row in extracted.rows("results/labs/predictions/seeing.jsonl")
    }
    assert {name: row["status"] for name, row in rows.items()} == {
        "d1": "unparsed",
        "d2": "answered",
        "d3": "answered",
    }
    assert (rows["d3"]["answer"]["entries"], rows["d3"]["answer"]["fields"]) == ("1", "3")
    scores = extracted.json("results/labs/scores/seeing.json")["summaries"][0]
    assert scores["metrics"]["schema_valid"] == {"value": 1 / 3, "n_scored": 3, "n_failed": 1}
    assert fields(extracted, "labs", "seeing", "field", "lab")["wrong_typed"] == "1"


def test_a_folder_of_receipts_is_read(extracted):
    assert fields(extracted, "receipts", "lines", "field", "menu.price")["f1"] == "1.0"
