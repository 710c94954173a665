"""Records from texts and pictures, and the task of an installed package, through the whole workflow.

The package adds a task, a generator, a metric and a plot.
"""

import json
import os

import fault_server
import plugged_in
import pytest
from PIL import Image

from modellab.core.layout import table_file
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
QUESTIONS = [
    {"id": f"q{n}", "question": f"Is {n} even?", "answer": "no" if n % 2 else "yes"}
    for n in range(12)
]
CONFIG = """\
seed: 1
corpora:
  notes: {path: notes}
datasets:
  # not asked: a config has datasets with and without a corpus
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
  numbers:
    questions: numbers.jsonl
    format: jsonl
    task: yes_no
    scorer: {kind: choices, metrics: [brevity]}
retrievers:
  none: {kind: none}
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
  rare: {provider: extractive, datasets: [quiz]}
  fair: {provider: coin, datasets: [numbers]}
  always: {provider: coin, yes_rate: 1, datasets: [numbers]}
  both: {provider: ensemble, members: [fair, always, never], datasets: [numbers]}
  never: {provider: coin, yes_rate: 0, datasets: [numbers]}
targets:
  metrics:
    - {metric: brevity, good: 0.9}
plots: [overall_ranking, above_chance]
"""
RECORDS = ("labs/leaderboard.csv", "labs/matrix.csv")
RECORDS = (*RECORDS, *(f"{name}/{table_file('extract_fields')}" for name in ("labs", "receipts")))
TABLES = (
    *("leaderboard", "statistics", "comparisons", "agreement", "errors", "matrix", "status"),
    "questions_by_difficulty",
)


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
    files = {
        "config.yaml": CONFIG,
        "labs.jsonl": "".join(json.dumps(row) + "\n" for row in DOCUMENTS),
        "numbers.jsonl": "".join(json.dumps(row) + "\n" for row in QUESTIONS),
        "lab.schema.json": json.dumps(SCHEMA),
        "receipt.schema.json": '{"type": "object"}',
        "receipts/r1.json": json.dumps(RECEIPT),
    }
    project.path("receipts").mkdir()
    for name, text in files.items():
        project.path(name).write_text(text)
    Image.new("1", (4, 4)).save(project.path("page.png"))
    site = plugged_in.install(tmp_path_factory.mktemp("site"))
    with pytest.MonkeyPatch.context() as env, fault_server.serving(play) as server:
        env.setenv("PYTHONPATH", f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        env.setenv("NO_PROXY", "127.0.0.1")
        env.setenv("TEST_KEY", "key")
        env.setenv("TEST_URL", server.url)
        run = project.run(
            *(f"results/{name}" for name in RECORDS),
            *(f"results/numbers/{table_file(name)}" for name in TABLES),
            "results/numbers/plots/above_chance.svg",
        )
        assert run.code == 0, run.text
        yield project


def fields(project, dataset, model, level, name):
    wanted = (model, level, name)
    rows = project.table("extract_fields", dataset)
    [found] = [row for row in rows if (row["model"], row["level"], row["name"]) == wanted]
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


def test_the_task_of_an_installed_package_has_all_tables(extracted):
    tables = {name: extracted.table(name, "numbers") for name in TABLES}
    ranked = {row["model"]: row for row in tables["leaderboard"]}
    assert ranked["always"]["overall"] == ranked["never"]["overall"] == "0.5"
    assert ranked["fair"]["brevity"] == "1.0"
    found = {(row["model"], row["component"]) for row in tables["statistics"] if row["low"]}
    assert {("fair", "overall"), ("fair", "brevity")} <= found
    [pair] = [
        row
        for row in tables["agreement"]
        if {row["system_a"], row["system_b"]} == {"always", "never"} and row["kind"] == "answers"
    ]
    assert (pair["agreement"], pair["n"]) == ("0.0", "12")
    wrong = {row["model"]: row["wrong"] for row in tables["errors"]}
    assert wrong["always"] == "6"
    cells = tables["matrix"][0]
    assert cells["GT_answer"] == cells["always_choice"] == "yes"
    assert cells["never_reason"] == "by chance."
    assert {row["metric"] for row in tables["status"]} == {"brevity"}
