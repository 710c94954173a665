"""Tables in shapes and under names that people and tools give them."""

import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.questions import parse_format
from modellab.questions.selection import fitting_task

ROW = {"question": "How many?", "answer": "14"}
JSON = {
    "rows by id": {"q1": ROW},
    "orient index": {"0": ROW},
    "orient split": {"columns": ["question", "answer"], "index": [0], "data": [["How many?", "14"]]},
    "orient table": {"schema": {"fields": []}, "data": [{"index": 0, **ROW}]},
    "rows by id in a split": {"dev": {"q1": ROW}},
    "a header and rows": [["question", "answer"], ["How many?", "14"]],
    "an object around the list": {"dataset": {"name": "x", "items": [ROW]}},
    "an object per row": [{"id": 1, "data": ROW}],
    "inputs and outputs": [{"inputs": {"question": "How many?"}, "outputs": {"answer": "14"}}],
    "a nested answer": [{"question": "How many?", "gold": {"answer": "14", "page": 3}}],
    "an answer with its place": [{"question": "How many?", "answer": {"text": "14", "start": 3}}],
    "spans": [{"question": "How many?", "answers_spans": {"spans": ["14"], "types": ["number"]}}],
    "a value and no unit": [{"question": "How many?", "answer": {"value": 14, "unit": None}}],
    "speakers": [
        {
            "input": [{"speaker": "user", "text": "How many?"}],
            "targets": [{"speaker": "agent", "text": "14"}],
        }
    ],
    "the right answer in other words": [{"question": "How many?", "Answer (expected)": "14"}],
    "a result": [{"Prompt": "How many?", "Expected Result": "14", "Expected by": "Monday"}],
    "words joined": [{"questionText": "How many?", "expectedAnswer": "14"}],
    "GSM8K": [{"question": "How many?", "answer": "7 + 7 = 14\n#### 14"}],
    "MuSiQue": [{**ROW, "paragraphs": [{"title": "A", "paragraph_text": "p", "is_supporting": True}]}],
}  # fmt: skip
DELIMITED = {
    "a title above": "Our questions,\nquestion,answer\nHow many?,14\n",
    "a comment above": "# exported\n\nquestion,answer\nHow many?,14\n",
    "words apart": "Question;Ground Truth;Reference Contexts\nHow many?;14;c\n",
    "numbered answers": "question,Answer 1,Answer 2\nHow many?,14,\n",
    "French": "Question ;Réponse attendue\nHow many?;14\n",
    "Russian": "Вопрос;Правильный ответ\nHow many?;14\n",
    "Korean": "질문,정답\nHow many?,14\n",
    "Polish": "Pytanie;Odpowiedź\nHow many?;14\n",
    "tabs": "question\tanswer, if any\nHow many?\t14\n",
}


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return parse_format("table").read_file(path)


@each("data", JSON.values())
def test_shapes_of_json(tmp_path, data):
    (one,) = read(tmp_path, "q.json", data).questions
    assert (one.text, one.reference, one.inputs) == ("How many?", {"answer": "14"}, {})


def test_of_several_splits_one_is_named(tmp_path):
    data = {"train": [{"question": "Why?", "answer": "1"}], "test": [ROW]}
    with pytest.raises(InputError, match="splits train, test; choose one: `split: train`"):
        read(tmp_path, "q.json", data)
    (one,) = parse_format({"kind": "table", "split": "test"}).read(tmp_path / "q.json")
    assert (one.text, one.tags) == ("How many?", ("test",))
    rows = read(tmp_path, "ids.json", {"test_a": ROW, "test_b": ROW}).questions
    assert [row.id for row in rows] == ["test_a", "test_b"]


def test_a_folder_of_a_split(tmp_path):
    (tmp_path / "0123abc/data").mkdir(parents=True)
    (tmp_path / "0123abc/data/train.jsonl").write_text(json.dumps(ROW))
    for columns in ({}, {"question": "question"}):
        (one,) = parse_format({"kind": "table", "columns": columns}).read(tmp_path / "0123abc")
        assert one.text == "How many?"


def test_a_value_and_its_unit(tmp_path):
    rows = [{"question": "How heavy?", "answer": {"value": 5.0, "unit": "kg"}}]
    assert read(tmp_path, "q.json", rows).questions[0].reference == {"answer": "5 kg"}


@pytest.mark.parametrize("name", [name for name in DELIMITED if name != "tabs"])
def test_delimited_text(tmp_path, name):
    (one,) = read(tmp_path, "q.csv", DELIMITED[name]).questions
    assert (one.text, one.reference) == ("How many?", {"answer": "14"})


def test_commas_before_brackets(tmp_path):
    found = read(tmp_path, "q.json", '[{"question": "a, }", "answer": "1",}, ]')
    assert [q.text for q in found.questions] == ["a, }"]
    assert "commas before closing brackets left out" in found.notes


CHOICES = {
    "MMLU": {"question": "2+2?", "choices": ["3", "4"], "answer": 1, "subject": "maths"},
    "ARC": {"question": "2+2?", "choices": {"text": ["3", "4"], "label": ["1", "2"]}, "answerKey": "2"},
    "ARC, raw": {"question": {"stem": "2+2?", "choices": [{"label": "A", "text": "3"}, {"label": "B", "text": "4"}]}, "answerKey": "B"},
    "MedQA": {"question": "2+2?", "options": {"A": "3", "B": "4"}, "answer": "4", "answer_idx": "B"},
    "HellaSwag": {"ctx": "2+2?", "endings": ["3", "4"], "label": "1"},
    "columns": {"question": "2+2?", "A": "3", "B": "4", "answer": "b"},
    "its text": {"question": "2+2?", "options": ["three", "four"], "answer": "four"},
}  # fmt: skip


@each("row", CHOICES.values())
def test_choices(tmp_path, row):
    path = tmp_path / "q.jsonl"
    found = read(tmp_path, "q.jsonl", row)
    (one,) = found.questions
    assert one.text.splitlines()[0] == "2+2?"
    assert [line[:3] for line in one.text.splitlines()[1:]] == ["A. ", "B. "]
    assert one.reference == {"label": "B", "answer": one.text.rpartition("B. ")[2]}
    task = fitting_task(path, found)
    assert (task.kind, task.labels) == ("label", ("A", "B"))


#: as the README of RACE's archive, and the data card of QuALITY v1.0.1 describe their rows
RACE = {"id": "high1.txt", "article": "Sums.", "questions": ["2+2?", "1+1?"], "options": [["3", "4"], ["2", "3"]], "answers": ["B", "A"]}  # fmt: skip
QUALITY = {"article_id": "52", "article": "Sums.", "questions": [
    {"question": "2+2?", "question_unique_id": "52_1", "options": ["3", "4"], "gold_label": 2, "difficult": 0},
    {"question": "1+1?", "question_unique_id": "52_2", "options": ["2", "3"], "gold_label": 1, "difficult": 1},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "ids"), [(RACE, ["high1.txt-1", "high1.txt-2"]), (QUALITY, ["52_1", "52_2"])]
)
def test_passages_with_several_questions(tmp_path, row, ids):
    found = read(tmp_path, "q.jsonl", row).questions
    assert [one.id for one in found] == ids
    assert [one.text for one in found] == [
        "Sums.\n2+2?\nA. 3\nB. 4",
        "Sums.\n1+1?\nA. 2\nB. 3",
    ]
    assert [one.reference["label"] for one in found] == ["B", "A"]


def test_a_choice_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"q\.jsonl:1: answer is 'E'; write the letter"):
        read(tmp_path, "q.jsonl", {"question": "?", "choices": ["3", "4"], "answer": "E"})


def test_instructions_with_what_they_are_about(tmp_path):
    (one,) = read(
        tmp_path, "q.json", [{"instruction": "Translate.", "input": "zwei", "output": "two"}]
    ).questions
    assert (one.text, one.reference) == ("Translate.\n\nzwei", {"answer": "two"})


def test_judgements_beside_a_file_of_questions(tmp_path):
    (tmp_path / "qrels").mkdir()
    qrels = tmp_path / "qrels/test.tsv"
    qrels.write_text("1\ta\t2\n1\tb\t0\n")
    one = {"id": 1, "question": "How many?", "references": ["a"]}
    (found,) = read(tmp_path, "q.jsonl", one).questions
    assert [(j.name, j.grade) for j in found.relevance.judgements] == [("a", 2), ("b", 0)]
    assert parse_format("table").beside(tmp_path / "q.jsonl") == [qrels]
    # those of other questions say nothing
    (other,) = read(tmp_path, "q.jsonl", {**one, "id": 9}).questions
    assert other.relevance.judgements == ()


@pytest.mark.parametrize(("locale", "value"), [("de", "1450.5"), ("en", "1.450,5"), (None, "1.450,5")])  # fmt: skip
def test_a_locale_says_how_numbers_are_written(tmp_path, locale, value):
    (tmp_path / "q.csv").write_text('question,answer_value,answer_unit\nHow much?,"1.450,5",m\n')
    (one,) = parse_format({"kind": "csv", "locale": locale}).read(tmp_path / "q.csv")
    assert one.reference["answer_value"] == value


def test_an_unknown_locale(tmp_path):
    with pytest.raises(ValueError, match="unknown locale 'klingon'"):
        parse_format({"kind": "csv", "locale": "klingon"})
