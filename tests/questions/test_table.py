"""Questions in tables of other people's names and kinds."""

import json

import pytest
from cases import each

from modellab.config.loading import load_config
from modellab.core.errors import InputError
from modellab.questions import parse_format


def read(path, data, **options):
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return parse_format({"kind": "table", **options}).read(path)


def test_a_question_and_an_answer_suffice(tmp_path):
    (tmp_path / "qa.csv").write_text("question,answer,note\nWhen?,1931,x\nWho?,Ada,y\n")
    found = parse_format("table").read_file(tmp_path / "qa.csv")
    one, two = found.questions
    assert (one.id, one.text, one.reference) == ("1", "When?", {"answer": "1931"})
    assert (two.id, two.source) == ("2", f"{tmp_path}/qa.csv:3")
    assert found.notes == (
        "question from 'question', answer from 'answer', ids are row numbers; not used: note",
    )


@each(
    ("row", "answer", "others"),
    [
        ({"query": "When?", "expected": "1931"}, "1931", ()),
        ({"user_input": "When?", "response": "Then.", "reference": "1931"}, "1931", ()),
        ({"input": "When?", "actual_output": "Then.", "expected_output": "1931"}, "1931", ()),
        ({"prompt": "When?", "target": 1931.0}, "1931", ()),
        ({"question": "When?", "answer": "Then.", "ground_truths": ["1931", "in 1931"]}, "1931", ("in 1931",)),
        ({"question": "When?", "answers": {"text": ["1931", "1931"], "answer_start": [0, 9]}}, "1931", ()),
        ({"Question": "When?", "Answer": "1931"}, "1931", ()),
        ({"question": "When?", "answer": "['1931', \"in 1931\"]"}, "1931", ("in 1931",)),
        ({"question": "When?", "answer": "[80,90]"}, "[80,90]", ()),
        ({"question": "When?", "answer": True}, "true", ("yes",)),
        ({"question": "When?", "answer": 1e-05}, "0.00001", ()),
    ],
)  # fmt: skip
def test_names_that_the_field_uses(tmp_path, row, answer, others):
    (found,) = read(tmp_path / "q.jsonl", row)
    assert (found.text, found.reference["answer"], found.other_answers) == ("When?", answer, others)


def test_what_a_system_retrieved_is_no_reference(tmp_path):
    row = {"question": "Q?", "answer": "A.", "contexts": ["text"], "ground_truth": "B."}
    (found,) = read(tmp_path / "q.json", [row])
    assert (found.reference["answer"], found.relevance.contexts) == ("B.", ())
    del row["answer"]
    (found,) = read(tmp_path / "q.json", [row])
    assert found.relevance.contexts == ("text",)


def test_columns_are_reported(tmp_path):
    text = "Frage;Antwort;nr;Thema;Quelle\nWann?;1931;a;Bau;['b1', 'O''Brien']\n"
    columns = {"question": "frage", "answer": "Antwort", "id": "nr", "references": "Quelle"}
    text = text.replace("'O''Brien'", '"O\'Brien"')
    (found,) = read(tmp_path / "t.csv", text, columns=columns, tag_columns=["Thema"])
    assert (found.id, found.text, found.reference, found.tags) == (
        "a",
        "Wann?",
        {"answer": "1931"},
        ("Bau",),
    )
    assert found.relevance.ids == ("b1", "O'Brien")


def test_values_of_the_published_task(tmp_path):
    header = "id,question,answer_value,answer_unit,ref_id"
    one, two = read(
        tmp_path / "t.csv", f"{header}\na,How?,5,kWh,['d']\nb,Why?,is_blank,u,is_blank\n"
    )
    assert one.reference == {"answer_value": "5", "answer_unit": "kWh", "ref_id": "['d']"}
    assert (one.inputs, one.references) == ({"answer_unit": "kWh"}, ("d",))
    assert (two.references, two.unanswerable) == ((), True)


ROW = {"id": 7, "question": "When?", "answer": "1931"}
SHAPES = {
    "a list": json.dumps([ROW]),
    "lines": json.dumps(ROW) + "\n\n",
    "one after the other": json.dumps(ROW, indent=2)
    + "\n"
    + json.dumps({**ROW, "id": 8}, indent=2),
    "a list in an object": json.dumps({"version": "1", "questions": [ROW]}),
    "columns by row": json.dumps({name: {"0": value} for name, value in ROW.items()}),
    "columns": json.dumps({name: [value] for name, value in ROW.items()}),
}


@each("shape", SHAPES)
def test_shapes_of_json(tmp_path, shape):
    found = read(tmp_path / "q.json", SHAPES[shape])[0]
    assert (found.id, found.text, found.reference) == ("7", "When?", {"answer": "1931"})


def test_parquet_and_arrow(tmp_path):
    import pyarrow as pa
    from pyarrow import feather, ipc, parquet

    rows = [
        {
            "qid": 1,
            "query": "When?",
            "generation_gt": ["1931", "in 1931"],
            "retrieval_gt": [["d1"]],
        },
        {"qid": 2, "query": "Who?", "generation_gt": [], "retrieval_gt": []},
    ]
    table = pa.Table.from_pylist(rows)
    parquet.write_table(table, tmp_path / "q.parquet")
    feather.write_feather(table, str(tmp_path / "f.arrow"))
    with ipc.new_stream(str(tmp_path / "s.arrow"), table.schema) as stream:
        stream.write_table(table)
    for name in ("q.parquet", "f.arrow", "s.arrow"):
        one, two = parse_format("table").read(tmp_path / name)
        assert (one.id, one.reference, one.other_answers) == ("1", {"answer": "1931"}, ("in 1931",))
        assert one.relevance.ids == ("d1",)
        assert (two.reference, two.unanswerable) == ({}, True)
    half = (tmp_path / "q.parquet").read_bytes()[:200]
    (tmp_path / "half.parquet").write_bytes(half)
    with pytest.raises(InputError, match=r"half\.parquet: cannot be read as \.parquet"):
        parse_format("table").read(tmp_path / "half.parquet")


def test_unanswerable_questions_as_pandas_writes_them(tmp_path):
    text = "question,answer,is_impossible\nWhen?,1931,0.0\nWho?,,1.0\nWhy?,[],\n"
    found = read(tmp_path / "q.csv", text)
    assert [question.unanswerable for question in found] == [False, True, True]


def test_unanswerable_questions(tmp_path):
    text = "question,answer,unanswerable\nWhen?,1931,no\nWho?,,TRUE\n"
    one, two = read(tmp_path / "t.csv", text)
    assert (one.unanswerable, two.unanswerable, two.reference) == (False, True, {"answer": ""})


BAD = [
    ("t.csv", "wording,answer\na,b\n", r"no column for the question \(found: wording, answer\); say which they are: `columns: {question: \.\.\.}`"),
    ("t.csv", "text,said\na,b\n", "no column for the question and the answer"),
    ("t.csv", "question,answer,reference\na,b,c\n", "'answer' and 'reference' may both be the answer; say which: `columns: {answer: answer}`"),
    ("t.csv", "question,answer\n", "no questions"),
    ("t.csv", "question,answer\n ,b\n", r"t\.csv:2: the question is empty"),
    ("t.csv", "id,question,answer\n,a,b\n", r"t\.csv:2: the id is empty"),
    ("t.csv", "id,question,answer\n1,a,b\n1,c,d\n", r"t\.csv:3: duplicate id '1'"),
    ("t.csv", "question,unanswerable\na,maybe\n", r"t\.csv:2: unanswerable is 'maybe'"),
    ("q.json", '{"data": [{"title": "t", "paragraphs": []}]}', "no questions in its 1 row"),
    ("q.jsonl", '{"question": "a"}\n{"question": }', r"q\.jsonl:2: not valid JSON"),
    ("q.jsonl", '{"question": "a"}\n[1]', r"q\.jsonl:2: must be an object"),
    ("q.json", '{"question": ["a", "b"], "answer": ["c"]}', "write a list of objects"),
    ("q.json", '[{"question": {"a": 1}}]', "row 1: question: a map with a; say which is the question: `columns: {question: question.a}`"),
]  # fmt: skip


@each(("name", "data", "message"), BAD)
def test_what_is_wrong_is_one_line(tmp_path, name, data, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path / name, data)


def test_columns_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"`columns` names 'Frage', which the file does not have"):
        read(tmp_path / "t.csv", "question,answer\na,b\n", columns={"question": "Frage"})
    with pytest.raises(InputError, match="no column 'Thema'"):
        read(tmp_path / "t.csv", "question,answer\na,b\n", tag_columns=["Thema"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("columns: {qeustion: Frage}", "qeustion"),
        ("encoding: cp9999", "unknown encoding 'cp9999'"),
        ("delimiter: ';;'", "delimiter"),
    ],
)
def test_a_wrong_option_never_starts(tmp_path, options, message):
    (tmp_path / "q.csv").write_text("question,answer\na,b\n")
    (tmp_path / "c.yaml").write_text(
        f"datasets:\n  d: {{questions: {tmp_path}/q.csv, task: open_qa, format: {{kind: table, {options}}}}}\n"
        "models:\n  m: {provider: extractive}\n"
    )
    with pytest.raises(InputError, match=message):
        load_config([tmp_path / "c.yaml"])


def test_other_formats_send_tables_here(tmp_path):
    (tmp_path / "qa.csv").write_text("question,answer\nWhen?,1931\n")
    with pytest.raises(InputError, match=r"columns 'id', .* are missing .*`format: table` reads"):
        parse_format("wattbot").read(tmp_path / "qa.csv")
    (found,) = parse_format("jsonl").read(tmp_path / "qa.csv")
    assert found.reference == {"answer": "1931"}
