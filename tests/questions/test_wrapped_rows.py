"""Exports of other programs as questions, in the form in which these programs write them."""

import json
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from modellab.core.errors import InputError
from modellab.questions import parse_format
from modellab.questions.wrapped_rows import wrapping_of


def read(path, kind="table", **options):
    return parse_format({"kind": kind, **options}).read_file(path)


def written(path, rows):
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text(json.dumps(rows))
    return path


def asked(path, **options):
    """By id the text, the reference and other right answers."""
    found = read(path, **options).questions
    return {one.id: (one.text, dict(one.reference), one.other_answers) for one in found}


def record(name, responses, **fields):
    """A record as `Dataset.records.to_json` of Argilla 2 writes it."""
    given = {
        question: [{"value": value, "user_id": str(n)} for n, value in enumerate(values)]
        for question, values in responses.items()
    }
    model = {"answer": {"value": "a model's", "score": 0.5, "agent": "m"}}
    rest = {"metadata": {"topic": "geo"}, "suggestions": model, "vectors": {}, "_server_id": "x"}
    return {"id": name, "fields": fields, "responses": given, **rest}


PARIS = {"a": ("Capital?", {"answer": "Paris"}, ("the city of Paris",))}


def test_records_of_argilla(tmp_path):
    rows = [
        record("a", {"answer": ["Paris", "the city of Paris", "Paris"]}, question="Capital?"),
        record("b", {}, question="Not yet answered?"),
    ]
    path = written(tmp_path / "a.json", rows)
    assert asked(path) == asked(path, kind="argilla") == PARIS
    assert read(path).questions[0].tags == ("geo",)
    note = "1 rows left out: without an answer, or about a question above"
    assert {"read as `format: argilla`", note} <= {*read(path).notes}
    with pytest.raises(InputError, match="row 1: no question with an answer in 1 rows"):
        read(written(path, rows[1:]))


def test_flat_records_of_argilla_and_those_of_its_first_version(tmp_path):
    values = {"answer.responses": ["Paris", "the city of Paris", "Rome"]}
    status = {"answer.responses.status": ["submitted", "submitted", "discarded"]}
    flat = {"id": "a", "question": "Capital?", **values, **status, "answer.suggestion": "Rome"}
    assert asked(written(tmp_path / "flat.json", [flat])) == PARIS
    given = [
        {"user_id": "u", "value": value, "status": state}
        for value, state in zip(*values.values(), *status.values(), strict=True)
    ]
    first = {"question": "Capital?", "external_id": "a", "answer": given, "metadata": "{}"}
    rows = [{**first, "external_id": "b", "answer": []}, first]
    assert asked(written(tmp_path / "first.json", rows)) == PARIS


def test_labels_of_argilla(tmp_path):
    rows = [record("a", {"tone": ["good"]}, text="Fine."), record("b", {"tone": ["bad"]}, text="?")]
    path = written(tmp_path / "a.json", rows)
    named = {"columns": {"question": "text", "label": "tone"}}
    assert asked(path, **named)["b"] == ("?", {"label": "bad"}, ())
    with pytest.raises(InputError, match=r"no column for the question and the answer .*tone"):
        read(path)
    written(path, [*rows, record("c", {"tone": ["good", "bad"]}, text="Hm.")])
    with pytest.raises(InputError, match="row 3: tone: 2 labels; settle which one is right"):
        read(path, **named)


def instance(name, text, references, **more):
    """An instance as `helm-run` writes it to `instances.json`."""
    listed = [
        {"output": {"text": reference}, "tags": ["correct"] if right else []}
        for reference, right in references.items()
    ]
    return {"input": {"text": text}, "references": listed, "split": "test", "id": name, **more}


def test_instances_of_helm(tmp_path):
    choices = {"Rome": False, "Paris": True}
    rows = [
        instance("id1", "Capital?", choices),
        instance("id1", "capital?", choices, perturbation={"name": "lowercase"}),
        instance("id2", "An example", choices, split="train"),
    ]
    path = written(tmp_path / "instances.json", rows)
    right = {"answer": "Paris", "label": "B"}
    assert asked(path) == {"id1": ("Capital?\nA. Rome\nB. Paris", right, ())}
    assert read(path).task == "label"
    free = instance("id3", "Capital?", {"Paris": True, "Paris, France": True})
    state = {"reference_index": None, "result": {"completions": [{"text": "Paris"}]}}
    requests = [{"instance": free, "train_trial_index": n, **state} for n in range(2)]
    path = written(tmp_path / "s.json", {"adapter_spec": {"m": 1}, "request_states": requests})
    assert asked(path, kind="helm") == {
        "id3": ("Capital?", {"answer": "Paris"}, ("Paris, France",))
    }


DETAIL = {
    "example": "Q: Capital?\nA:",
    "full_prompt": "Q: Capital?\nA:",
    "gold": ["Paris"],
    "predictions": ["Paris."],
    "choices": ["Paris", "Paris, France"],
    "gold_index": [0, 1],
    "metrics": {"em": 1.0},
}
DOC = {"query": DETAIL["example"], "choices": DETAIL["choices"], "gold_index": [0, 1], "id": "7"}
NEW = {"doc": DOC, "metric": {"em": 1}, "model_response": {"text": ["Paris."], "logprobs": [0.1]}}


def test_details_of_lighteval(tmp_path):
    right = ("Q: Capital?\nA:", {"answer": "Paris"}, ("Paris, France",))
    for name, row in {"1": DETAIL, "7": NEW}.items():
        texts = {key: str(value) for key, value in row.items()}
        for one in (row, texts):
            assert asked(written(tmp_path / "details.parquet", [one])) == {name: right}
    text = "Capital?\nA. Rome\nB. Paris\nAnswer:"
    mmlu = {**DETAIL, "example": text, "choices": [" A", " B"], "gold": [" B"], "gold_index": [1]}
    (found,) = asked(written(tmp_path / "details.parquet", [mmlu])).values()
    assert found == (text, {"answer": "B", "label": "B"}, ())


def test_samples_of_lm_eval_and_logs_of_inspect(tmp_path):
    row = {"doc_id": 0, "doc": {"question": "2+2?", "answer": "2+2=4\n#### 4"}, "target": "4"}
    rows = [{**row, "filter": name, "filtered_resps": ["5"]} for name in ("strict", "flexible")]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert asked(tmp_path / "s.jsonl") == {"1": ("2+2?", {"answer": "4"}, ())}
    sample = {"id": "s", "input": "Capital?", "target": "B", "choices": ["Rome", "Paris"]}
    samples = [{**sample, "epoch": n, "output": {"completion": "A"}} for n in (1, 2)]
    with zipfile.ZipFile(tmp_path / "log.eval", "w") as archive:
        for one in samples:
            archive.writestr(f"samples/s_epoch_{one['epoch']}.json", json.dumps(one))
    log = written(tmp_path / "log.json", {"version": 2, "eval": {}, "samples": samples})
    right = {"answer": "Paris", "label": "B"}
    for path in (log, tmp_path / "log.eval"):
        assert asked(path) == {"s": ("Capital?\nA. Rome\nB. Paris", right, ())}


def test_another_row_in_a_format_by_name(tmp_path):
    path = written(tmp_path / "a.json", [{"question": "When?", "answer": "1931"}])
    for kind in ("helm", "lighteval"):
        with pytest.raises(InputError, match=f"row 1: not a row of the format '{kind}'"):
            read(path, kind=kind)


@pytest.mark.parametrize(
    "cells",
    [
        {"x.responses": "a text"},
        {"x.responses": ["a"]},
        {"x.responses": "['a']", "x.responses.status": "['submitted']"},
        {"x.responses": ["a"], "x.responses.status": ["submitted", "draft"]},
    ],
)
def test_columns_named_like_responses_are_not_argillas(cells):
    assert wrapping_of([{"question": "Why?", "answer": "so", **cells}]) is None
