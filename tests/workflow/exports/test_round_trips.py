"""Exported files are read again by our readers."""

import json

import pytest
from workflow.exports.conftest import ANSWERS, CHUNKS

from modellab.core.io.table_file import read_table
from modellab.core.records import Request
from modellab.models.generators.submission import SubmissionOptions
from modellab.questions import parse_format
from modellab.retrieval import parse_retriever
from modellab.retrieval.protocol import RetrievalInput

PLACES = {
    "parquet": "answers/ann@bm25.parquet",
    "lm-eval": "ann@bm25/samples_quiz_2026-01-02T03-04-05.000000.jsonl",
    "inspect": "ann@bm25.json",
}
both_tasks = pytest.mark.parametrize("exported", list(ANSWERS), indirect=True)


@both_tasks
@pytest.mark.parametrize("name", PLACES)
def test_answers_are_a_submission_again(exported, written, originals, name):
    path = written(name)[0] / PLACES[name]
    task = exported.task
    requests = [Request(one.id, one, "external", 1, (), ()) for one in exported.questions]
    with SubmissionOptions(provider="submission", path=path).open(0, task.answer_schema) as model:
        responses = {one.key: one for one in model.answer(requests)}
    for question in ("q1", "q2"):
        parsed = task.parse(responses[question].text)
        assert parsed.status == originals[question]["status"], (name, question)
        assert dict(parsed.answer) == originals[question]["answer"]


@pytest.mark.parametrize("name", ["lm-eval", "inspect"])
def test_answers_that_failed_stay_without_an_answer(exported, written, name):
    path = written(name)[0] / PLACES[name]
    requests = [Request(one.id, one, "external", 1, (), ()) for one in exported.questions]
    options = SubmissionOptions(provider="submission", path=path)
    with options.open(0, exported.task.answer_schema) as model:
        classes = [response.error_class for response in model.answer(requests)]
    assert classes == [None, None, "failed", "failed"]


def test_runs_are_a_retriever_again(exported, written):
    folder, said = written("trec")
    assert said == []
    for level, ids in (("chunks", ["b#2", "a#1", "a#2"]), ("documents", ["b#1", "b#2", "a#1"])):
        path = folder / level / "bm25.run"
        made = parse_retriever({"kind": "run", "path": str(path), "top_k": 5})
        found = made.retrieve(RetrievalInput("theirs", exported.questions, CHUNKS))
        assert [one.chunk_id for one in found[0].passages][:3] == ids
        assert found[3].passages == ()
    assert (folder / "documents" / "qrels.txt").read_text().startswith("q1 0 a 1\n")
    assert not (folder / "chunks" / "qrels.txt").exists()


def test_scores_that_do_not_fall_are_places(exported, written):
    path = exported.folder / "contexts" / "bm25.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        for passage in row["passages"]:
            passage["score"] = 1.0
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = (written("trec")[0] / "chunks" / "bm25.run").read_text().splitlines()
    assert [line.split()[4] for line in lines[:3]] == ["1.0", "0.5", "0.3333333333333333"]


def test_ids_with_spaces_have_tabs_between(exported, written):
    path = exported.folder / "contexts" / "bm25.jsonl"
    path.write_text(path.read_text().replace('"b#2"', '"b of 1#2"'))
    folder, said = written("trec")
    assert (folder / "chunks" / "bm25.run").read_text().startswith("q1\tQ0\tb of 1#2\t1\t")
    assert said == ["chunks/bm25.run: has tabs between cells, as the id 'b of 1#2' has spaces"]


def test_questions_are_questions_again(exported, written):
    path = written("parquet")[0] / "questions.parquet"
    found = parse_format("table").read(path)
    assert [(one.id, one.text) for one in found] == [(q.id, q.text) for q in exported.questions]
    assert found[0].reference["answer"] == "5"


def test_scores_are_beside_all_answers(written):
    import pandas as pd

    frame = pd.read_parquet(written("parquet")[0] / "answers")
    assert list(frame["status"].unique()) == ["answered", "abstained", "failed", "unparsed"]
    assert (len(frame), set(frame["system"])) == (8, {"ann@bm25"})
    assert frame["score_exact_match"].notna().all()


def test_lm_eval_has_what_it_calls_so(written):
    folder, _ = written("lm-eval")
    rows = read_table(folder / PLACES["lm-eval"]).rows
    assert [row["filtered_resps"] for _, row in rows][2:] == [["[invalid]"]] * 2
    assert [len(row["resps"][0]) for _, row in rows] == [2, 2, 2, 2]
    results = json.loads(next((folder / "ann@bm25").glob("results_*.json")).read_text())
    assert results["results"]["quiz"]["overall_n,take_first"] == 8


def test_an_inspect_log_has_all_repeats_and_errors(written):
    log = json.loads((written("inspect")[0] / PLACES["inspect"]).read_text())
    assert (log["version"], log["status"], log["eval"]["model"]) == (2, "success", "extractive/ann")
    assert [(one["id"], one["epoch"]) for one in log["samples"]][:3] == [
        *(("q1", 1), ("q1", 2), ("q2", 1))
    ]
    failed, unparsed = log["samples"][4], log["samples"][6]
    assert "error" in failed
    assert "error" not in unparsed
    assert failed["output"]["choices"] == unparsed["output"]["choices"] == []
