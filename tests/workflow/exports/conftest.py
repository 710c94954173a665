"""Finished results of one dataset, with an answer of each status."""

import json
from dataclasses import asdict

import pytest

from modellab.config.loading import load_config
from modellab.core.io.jsonl import read_rows, write_rows
from modellab.core.layout import QUESTIONS
from modellab.core.records import Chunk, Context, Passage, Prediction, Question, Status
from modellab.evaluation.score import ScoreJob, score_model
from modellab.tasks import parse_scorer, parse_task
from modellab.workflow.exports import EXPORTS
from modellab.workflow.exports.protocol import Exported

CHUNKS = [
    Chunk(f"{document}#{n}", document, n, f"text {n} of {document}", document)
    for document in ("a", "b")
    for n in (1, 2)
]
ANSWERS = {
    "open_qa": ({"answer": 'It is "5", {MWh}.'}, {"answer": ""}),
    "wattbot": (
        {
            "answer": "It is 5.",
            "answer_value": "5",
            "answer_unit": "MWh",
            "ref_id": '["a"]',
            "explanation": "says a",
        },
        dict.fromkeys(
            ("answer", "answer_value", "answer_unit", "ref_id", "explanation"), "is_blank"
        ),
    ),
}
SCORERS = {"open_qa": "texts", "wattbot": "v4"}


def passages(*ids):
    chunks = {chunk.id: chunk for chunk in CHUNKS}
    return tuple(
        Passage(name, chunks[name].document_id, rank, 1.0 / rank, chunks[name].text, "")
        for rank, name in enumerate(ids, start=1)
    )


def predictions(task):
    answered, blank = ANSWERS[task]
    made = [
        ("q1", Status.ANSWERED, answered, json.dumps(answered)),
        ("q2", Status.ABSTAINED, blank, json.dumps(blank)),
        ("q3", Status.FAILED, {}, None),
        ("q4", Status.UNPARSED, {}, "{"),
    ]
    return [
        Prediction(name, "bm25", repeat, status, answer, raw, "k", run="r", passages=("a#1",))
        for name, status, answer, raw in made
        for repeat in (1, 2)
    ]


def write_results(folder, task):
    value = {"answer_value": "5", "answer_unit": "MWh", "ref_id": "['a']"}
    true = {"answer": "5", **(value if task == "wattbot" else {})}
    questions = [
        Question(f"q{n}", f"How much is {n}?", {}, true, ("a",), tags=("t",)) for n in range(1, 5)
    ]
    for name in ("predictions", "runs", "scores", "contexts"):
        (folder / name).mkdir(parents=True)
    write_rows(folder / QUESTIONS, questions)
    write_rows(folder / "predictions" / "ann.jsonl", predictions(task))
    run = {"timestamp": "2026-01-02T03:04:05Z", "wall_seconds": 1.5, "fingerprint": {}, "seed": 1}
    (folder / "runs" / "ann.json").write_text(json.dumps({**run, "prompt": None, "runs": [run]}))
    found = [Context(one.id, "bm25", passages("b#2", "a#1", "a#2"), 2) for one in questions[:3]]
    write_rows(folder / "contexts" / "bm25.jsonl", found)
    job = ScoreJob(
        model="ann",
        dataset="quiz",
        task=parse_task(task),
        scorer=parse_scorer(SCORERS[task]),
        missing="incorrect",
        provider="extractive",
        model_id="extractive/ann",
        local=True,
        size_b=None,
    )
    places = [folder / "scores" / f"ann.{ending}" for ending in ("csv", "json")]
    inputs = (QUESTIONS, "predictions/ann.jsonl", "runs/ann.json")
    score_model(job, *(folder / name for name in inputs), *places)


CONFIG = """\
corpora: {docs: {path: docs}}
datasets: {quiz: {corpus: docs, questions: quiz.csv, task: TASK}}
retrievers: {bm25: {kind: bm25}}
models: {ann: {provider: extractive}}
"""


@pytest.fixture
def exported(request, tmp_path, monkeypatch):
    """What an export is given; the test's parameter is the task."""
    task = getattr(request, "param", "open_qa")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("a")
    (tmp_path / "quiz.csv").write_text("id,question,answer\nq1,How much is 1?,5\n")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("TASK", task))
    write_results(tmp_path / "results" / "quiz", task)
    files = [tmp_path / "config.yaml"]
    return Exported(load_config(files, {}), files, {}, "quiz", ["ann"])


@pytest.fixture
def written(exported, tmp_path):
    """Writes a format; returns its folder and messages."""

    def write(name):
        folder = tmp_path / name
        folder.mkdir()
        return folder, list(EXPORTS.load(name)(exported, folder))

    return write


@pytest.fixture
def originals(exported):
    """The answers of the first repeat by question."""
    rows = read_rows(exported.folder / "predictions" / "ann.jsonl", Prediction)
    return {row.question_id: asdict(row) for row in rows if row.repeat == 1}
