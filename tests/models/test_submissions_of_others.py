"""Answers that other programs wrote, as submissions."""

import json
import logging
import zipfile

import pytest
from cases import each
from submission_samples import ANSWER, answers, written

from modellab.core.errors import InputError
from modellab.models.submission_files import read_submission


def test_samples_of_lm_eval(tmp_path):
    row = {"doc_id": 0, "doc": {"question": "When?"}, "target": "1998", "resps": [["In 1998."]]}
    rows = [{**row, "filter": name, "filtered_resps": [text]} for name, text in (("a", "1998"), ("b", "x"))]  # fmt: skip
    assert answers(written(tmp_path / "s.jsonl", *rows), "When?") == {"q1": ["1998"]}
    for likelihood in ([-1.0, True], ["-1.0", "False"]):
        chosen = written(tmp_path / "s.jsonl", {**row, "filtered_resps": [likelihood]})
        with pytest.raises(InputError, match="chosen by likelihood"):
            answers(chosen, "When?")
        # of one of two contexts, as in WinoGrande, or of one of two texts
        for contexts, texts, right in (("ab", ("x", "x"), None), ("aa", (" 1998", " x"), "1998")):
            pairs = list(zip(contexts, texts, strict=True))
            named = {f"gen_args_{n}": {"arg_0": a, "arg_1": b} for n, (a, b) in enumerate(pairs)}
            both = {**row, "filtered_resps": [likelihood, ["-7.5", "False"]]}
            for arguments in (pairs, named):
                chosen = written(tmp_path / "s.jsonl", {**both, "arguments": arguments})
                if right is None:
                    with pytest.raises(InputError, match="chosen by likelihood"):
                        answers(chosen, "When?")
                else:
                    assert answers(chosen, "When?") == {"q1": [right]}


def test_details_of_lighteval(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    old = {
        "example": "When?",
        "full_prompt": "Q: When?",
        "gold": ["1998"],
        "predictions": ["1998."],
    }
    doc = {"query": "When?", "choices": ["1998"], "gold_index": 0, "id": "q1"}
    new = {"doc": doc, "metric": {"em": 1}, "model_response": {"text": ["1998."]}}
    path = tmp_path / "details.parquet"
    for row in (old, new):
        for one in (row, {name: str(value) for name, value in row.items()}):
            parquet.write_table(pa.Table.from_pylist([one]), path)
            assert answers(path, "When?") == {"q1": ["1998."]}
    doc = {**doc, "choices": [" 1998", " x"]}
    for texts in ([], ["1998", "x"]):
        row = {"doc": doc, "model_response": {"text": texts, "logprobs": [-2.5, -1.25]}}
        assert answers(written(tmp_path / "d.jsonl", row), "When?") == {"q1": ["x"]}
    parquet.write_table(pa.Table.from_pylist([{**old, "predictions": [[-1.5]]}]), path)
    with pytest.raises(InputError, match=r"row 1: predictions: .*chosen by likelihood"):
        answers(path, "When?")


def test_requests_of_helm(tmp_path):
    instance = {"input": {"text": "When?"}, "references": [], "id": "id7"}
    row = {
        "instance": instance,
        "request_mode": None,
        "result": {"completions": [{"text": "1998"}]},
    }
    assert answers(written(tmp_path / "h.jsonl", row), "When?") == {"q1": ["1998"]}
    (found,) = read_submission(tmp_path / "h.jsonl", ANSWER).rows
    assert found.id == "id7"
    with pytest.raises(InputError, match="chosen by likelihood"):
        answers(written(tmp_path / "h.jsonl", {**row, "request_mode": "original"}), "When?")


PROMPTFOO = """question,[openai:gpt] {{question}}
When?,[PASS] 1998
Why?,"[FAIL] Expected output ""It"" to equal ""So""
---
It"
How?,[ERROR] timeout
"""
NEWER = """question,[openai:gpt] p,Status,Score,Named Scores,Grader Reason,Comment
When?,1998,PASS,1.00,,All assertions passed,
Why?,It,FAIL,0.00,,no,
How?,timeout,ERROR,0.00,,,
"""


def test_results_of_promptfoo(tmp_path):
    path = tmp_path / "results.csv"
    for text in (PROMPTFOO, NEWER):
        path.write_text(text)
        rows = read_submission(path, ANSWER).rows
        assert [row.cells["answer"] for row in rows] == ["1998", "It", ""]
        assert [row.failure for row in rows] == [None, None, "timeout"]
    beside = "Status,Score,Named Scores"
    path.write_text(
        f"question,[a] p,{beside},[b] p,{beside}\nWhen?,1998,PASS,1,{{}},1999,FAIL,0,{{}}\n"
        "Why?,x,PASS,1,{},timeout,ERROR,0,{}\n"
    )
    for name, given in (("[a] p", ["1998", "x"]), ("[b] p", ["1999", ""])):
        rows = read_submission(path, ANSWER, columns={"answer": name}).rows
        assert [row.cells["answer"] for row in rows] == given
        assert [row.failure for row in rows] == [None, None if given[1] else "timeout"]
    path.write_text("question,[a] p,[b] p\nWhen?,[PASS] 1998,[FAIL] 1999\n")
    assert answers(path, "When?", columns={"answer": "[b] p"}) == {"q1": ["1999"]}
    with pytest.raises(InputError, match=r"'answer' is missing .*\[a\] p, \[b\] p"):
        answers(path, "When?")


SAMPLE = {
    "id": 1,
    "epoch": 1,
    "input": "When?",
    "target": "1998",
    "output": {"model": "m", "choices": [{"message": {"role": "assistant", "content": "1998"}}]},
}


def test_logs_of_inspect(tmp_path):
    samples = [SAMPLE, {**SAMPLE, "epoch": 2}]
    log = {"version": 2, "eval": {"task": "t"}, "results": {}, "samples": samples}
    (tmp_path / "log.json").write_text(json.dumps(log))
    assert answers(tmp_path / "log.json", "When?") == {"q1": ["1998"]}
    with zipfile.ZipFile(tmp_path / "log.eval", "w") as archive:
        archive.writestr("header.json", "{}")
        archive.writestr("samples/1_epoch_1.json", json.dumps(SAMPLE))
    assert answers(tmp_path / "log.eval", "When?") == {"q1": ["1998"]}
    assert answers(tmp_path / "log.json", "When?", where={"epoch": 2}) == {"q1": ["1998"]}


def test_logs_of_inspect_packed_by_zstd(tmp_path):
    import pyarrow

    text = json.dumps(SAMPLE).encode()
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("samples/1_epoch_1.json", pyarrow.compress(text, "zstd", asbytes=True))
    # the number of the compression, in the header of the file and in the directory of the archive
    data = bytearray(path.read_bytes())
    data[8], data[data.index(b"PK\x01\x02") + 10] = 93, 93
    path.write_bytes(data)
    assert answers(path, "When?") == {"q1": ["1998"]}


@each(
    ("left", "why"),
    [
        ({"error": {"message": "HTTP 500", "traceback": "..."}}, "HTTP 500"),
        ({"limit": {"type": "token", "limit": 9.0, "reason": "Token limit"}}, "Token limit"),
    ],
)
def test_samples_of_inspect_that_failed(tmp_path, left, why):
    failed = {**SAMPLE, "id": 2, "output": {"choices": [], "completion": ""}, **left}
    (tmp_path / "log.json").write_text(json.dumps({"samples": [SAMPLE, failed]}))
    assert read_submission(tmp_path / "log.json", ANSWER).rows[1].failure == why


def test_samples_without_an_answer_have_failed(tmp_path, caplog):
    row = {"doc": {"question": "When?"}, "target": "1998", "resps": [["?"]]}
    rows = [
        {**row, "doc_id": 0, "filtered_resps": ["[invalid]"]},
        {**row, "doc_id": 1, "doc": {"question": "Why?"}, "filtered_resps": [""]},
    ]
    with caplog.at_level(logging.INFO):
        path = written(tmp_path / "s.jsonl", *rows)
        assert answers(path, "When?", "Why?") == {"q1": [""], "q2": [""]}
    assert [row.failure for row in read_submission(path, ANSWER).rows] == [
        "no answer in the sample",
        None,
    ]
    assert "1 samples without an answer" in caplog.text
    failed = {**SAMPLE, "output": {"model": "m", "choices": [], "completion": ""}}
    (tmp_path / "log.json").write_text(json.dumps({"samples": [failed]}))
    with pytest.raises(InputError, match="none of 1 samples has an answer"):
        answers(tmp_path / "log.json", "When?")


def test_an_answer_that_is_an_object_gives_its_fields(tmp_path):
    row = {"doc_id": 0, "doc": {"id": "q1"}, "filtered_resps": ['{"label": "good"}']}
    found = read_submission(written(tmp_path / "s.jsonl", row), ("id",))
    assert found.rows[0].cells["label"] == "good"


@pytest.mark.parametrize(
    "data",
    [
        {"q1": "14", "q2": "x"},  # the official script of SQuAD
        {"q1": 14, "q2": "x"},
        {"answer": {"q1": "14", "q2": "x"}, "sp": {"q1": [["A", 0]], "q2": []}},  # HotpotQA's
        [{"Question ID": "q1", "Model Answer": "14"}, {"Question ID": "q2", "Model Answer": "x"}],
    ],
)
def test_predictions_by_id(tmp_path, data):
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps(data))
    rows = read_submission(path, ("id", "answer")).rows
    assert [(row.id, row.cells["answer"]) for row in rows] == [("q1", "14"), ("q2", "x")]


def chat(text):
    return {"role": "assistant", "content": text}


@pytest.mark.parametrize(
    "rows",
    [
        # results of an experiment of LangSmith, exported as JSON Lines, or as CSV with flat names
        [{"id": "u1", "inputs": {"question": "When?"}, "outputs": {"answer": "1998"}},
         {"id": "u2", "inputs": '{"question": "Why?"}', "outputs": '{"answer": "x"}'}],
        [{"id": "u1", "inputs.question": "When?", "outputs.answer": "1998", "error": ""},
         {"id": "u2", "inputs.question": "Why?", "outputs.answer": "x", "error": ""}],
        [{"id": "u1", "inputs": {"messages": [{"role": "user", "content": "When?"}]},
          "outputs": {"messages": [chat("1998")]}},
         {"id": "u2", "inputs": {"messages": [{"role": "user", "content": "Why?"}]},
          "outputs": {"messages": [chat("?"), chat("x")]}}],
        # traces of Langfuse
        [{"id": "t1", "input": {"question": "When?"}, "output": {"answer": "1998"}},
         {"id": "t2", "input": "Why?", "output": "x"}],
        # results of promptfoo
        [{"vars": {"question": "When?"}, "response": {"output": "1998"}, "success": True},
         {"vars": {"question": "Why?"}, "response": {"output": "x"}, "success": False}],
        # batches of OpenAI and Anthropic
        [{"id": "b1", "custom_id": "q1", "response": {"body": {"choices": [{"message": chat("1998")}]}}},
         {"id": "b2", "custom_id": "q2", "response": {"body": {"choices": [{"message": chat("x")}]}}}],
        [{"custom_id": "q1", "result": {"message": {"content": [{"type": "text", "text": "1998"}]}}},
         {"custom_id": "q2", "result": {"message": {"content": [{"type": "text", "text": "x"}]}}}],
        # answers of MT-Bench, states of HELM
        [{"question_id": "q1", "choices": [{"turns": ["1998"]}]},
         {"question_id": "q2", "choices": [{"turns": ["x"]}]}],
        [{"instance": {"input": {"text": "When?"}}, "result": {"completions": [{"text": "1998"}]}},
         {"instance": {"input": {"text": "Why?"}}, "result": {"completions": [{"text": "x"}]}}],
        # a batch of OpenAI's responses, and of Bedrock; thoughts of Anthropic and Gemini
        [{"custom_id": "q1", "response": {"body": {"output": [
            {"type": "reasoning", "summary": []},
            {**chat([{"type": "output_text", "text": "1998"}]), "type": "message"}]}}},
         {"recordId": "q2", "modelOutput": {"content": [{"type": "text", "text": "x"}]}}],
        [{"custom_id": "q1", "result": {"message": {"content": [
            {"type": "thinking", "thinking": "?"}, {"type": "text", "text": "1998"}]}}},
         {"key": "q2", "response": {"candidates": [{"content": {"parts": [
            {"text": "?", "thought": True}, {"text": "x"}]}}]}}],
        # a batch of Vertex, without ids
        [{"request": {"contents": [{"role": "user", "parts": [{"text": question}]}]},
          "response": {"candidates": [{"content": {"parts": [{"text": answer}]}}]}}
         for question, answer in (("When?", "1998"), ("Why?", "x"))],
    ],
)  # fmt: skip
def test_nested_rows(tmp_path, rows):
    path = written(tmp_path / "answers.jsonl", *rows)
    assert answers(path, "When?", "Why?") == {"q1": ["1998"], "q2": ["x"]}


@each(
    ("row", "why"),
    [
        ({"response": {"status_code": 400, "body": {"error": {"message": "m"}}}, "error": None}, "m"),
        ({"response": None, "error": {"code": "batch_expired"}}, "batch_expired"),
        ({"result": {"type": "expired"}}, "expired"),
        ({"response": {"promptFeedback": {"blockReason": "SAFETY"}}}, "SAFETY"),
        ({"response": {"body": {"choices": [{"message": chat(""), "finish_reason": "length"}]}}}, "length"),
    ],
)  # fmt: skip
def test_requests_of_a_batch_that_failed(tmp_path, row, why):
    right = {"custom_id": "q1", "response": {"body": {"choices": [{"message": chat("1998")}]}}}
    path = written(tmp_path / "b.jsonl", right, {"custom_id": "q2", **row})
    assert why in read_submission(path, ANSWER).rows[1].failure


@each(
    ("answer", "text"),
    [
        ({"value": 5, "unit": "kg"}, "5 kg"),
        ([{"value": "0.5", "unit": "%"}], "0.5 %"),
        ({"value": 5, "unit": None}, "5"),
        ({"answer": 14.0}, "14"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_answers_that_are_maps(tmp_path, answer, text):
    path = written(tmp_path / "a.jsonl", {"id": "q1", "answer": answer})
    assert answers(path, "When?") == {"q1": [text]}


def test_messages_of_inspect(tmp_path):
    sample = {**SAMPLE, "input": [{"role": "user", "content": "When?"}]}
    (tmp_path / "log.json").write_text(json.dumps({"samples": [sample]}))
    assert answers(tmp_path / "log.json", "When?") == {"q1": ["1998"]}


def test_predictions_of_this_project(tmp_path):
    one = {"retriever": "bm25", "repeat": 1, "status": "answered"}
    rows = [
        {"question_id": "q1", **one, "answer": {"answer": "1998"}},
        {"question_id": "q2", **one, "status": "failed", "answer": {}, "error": "HTTP 500"},
    ]
    path = written(tmp_path / "p.jsonl", *rows, {**rows[0], "repeat": 2, "answer": {"answer": "x"}})
    assert answers(path, "When?", "Why?") == {"q1": ["1998"], "q2": [""]}
    assert [row.failure for row in read_submission(path, ANSWER).rows] == [None, "HTTP 500"]
    other = {**rows[0], "retriever": "dense", "answer": {"answer": "1999"}}
    path = written(tmp_path / "p.jsonl", *rows, other)
    with pytest.raises(InputError, match=r"by 'retriever' \('bm25', 'dense'\).*`where: {retriever"):
        answers(path, "When?")
    assert answers(path, "When?", where={"retriever": "dense"}) == {"q1": ["1999"]}


def test_answers_of_several_systems(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("model,id,prediction\na,q1,1998\na,q2,x\nb,q1,1999\n")
    with pytest.raises(InputError, match=r"several systems, by 'model' \('a', 'b'\)"):
        answers(path, "When?")
    assert answers(path, "When?", where={"model": "b"}) == {"q1": ["1999"]}
    with pytest.raises(InputError, match=r"no row has 'c' in 'model'; values: 'a', 'b'"):
        answers(path, "When?", where={"model": "c"})
    path.write_text("model,id,prediction\na,q1,1998\nb,q2,x\n")  # a router's
    assert answers(path, "When?") == {"q1": ["1998"]}
    of = {"vars": {"question": "When?"}, "promptIdx": 0}
    rows = [{**of, "provider": {"id": n}, "response": {"output": n}} for n in ("m", "n")]
    path = written(tmp_path / "p.jsonl", *rows)
    with pytest.raises(InputError, match=r"by 'provider\.id' \('m', 'n'\)"):
        answers(path, "When?")
    assert answers(path, "When?", where={"provider.id": "n"}) == {"q1": ["n"]}


def test_the_right_answer_beside_a_models(tmp_path):
    path = tmp_path / "a.csv"
    for name in ("prediction", "model_output", "Generated Text", "actual", "hypothesis"):
        path.write_text(f"question,answer,{name}\nWhen?,1998,1999\n")
        assert answers(path, "When?") == {"q1": ["1999"]}
    path.write_text("question,answer,response\nWhen?,1998,1999\n")
    with pytest.raises(InputError, match="'answer' and 'response' may both be the answer"):
        answers(path, "When?")
    assert answers(path, "When?", columns={"answer": "response"}) == {"q1": ["1999"]}
    path.write_text("id,label,prediction\nq1,A,B\n")
    assert read_submission(path, ("id",)).rows[0].cells["label"] == "B"


def test_answers_in_lists_and_maps(tmp_path):
    reply = {
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "1998"}]
    }
    choices = {"choices": [{"message": {"role": "assistant", "content": "1998"}}]}
    gemini = {"response": {"candidates": [{"content": {"parts": [{"text": "1998"}]}}]}}
    azure = {"inputs.query": "?", "inputs.response": "1998"}
    replies = ({"answer": ["1998"]}, {"response": {"text": "1998"}}, reply, choices, gemini, azure)
    for row in replies:
        assert answers(written(tmp_path / "a.jsonl", {"id": "q1", **row}), "?") == {"q1": ["1998"]}
    for value, message in ((["a", "b"], "a list of 2"), ({"a": 1}, "a map")):
        path = written(tmp_path / "a.jsonl", {"id": "q1", "answer": value})
        with pytest.raises(
            InputError, match=f"a.jsonl:1: answer: {message}; an answer is one text"
        ):
            answers(path, "?")


def test_predictions_of_opencompass(tmp_path):
    rows = {str(n): {"prediction": text, "gold": "1998"} for n, text in enumerate(("1998", "x"))}
    (tmp_path / "p.json").write_text(json.dumps(rows))
    (first, second) = read_submission(tmp_path / "p.json", ANSWER).rows
    assert [(row.id, row.cells["answer"]) for row in (first, second)] == [("0", "1998"), ("1", "x")]


def test_cells_of_any_type(tmp_path):
    from datetime import UTC, date, datetime
    from decimal import Decimal

    import pyarrow as pa
    from pyarrow import parquet

    row = {
        "id": "q1",
        "answer": date(1998, 5, 6),
        "at": [datetime(2026, 1, 1, tzinfo=UTC)],
        "ok": True,
    }
    row |= {"cost": Decimal("0.50"), "raw": b"x"}
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    (found,) = read_submission(tmp_path / "a.parquet", ANSWER).rows
    assert [found.cells[name] for name in ("answer", "ok", "cost")] == [
        "1998-05-06",
        "true",
        "0.50",
    ]
