"""Several right answers of a question, in every format that has them."""

import json

import pytest

from modellab.core.errors import InputError
from modellab.questions import parse_format


def read(path, text, written_as):
    path.write_text(text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))
    return parse_format(written_as).read(path)


TWO = ["March 1931", "1931"]
ROWS = [
    ("jsonl", {"question": "When?", "answer": TWO}),
    ("jsonl", {"question": "When?", "answers": TWO}),
    ("jsonl", {"question": "When?", "answer": "March 1931", "other_answers": ["1931"]}),
    ("jsonl", {"question": "When?", "answer": "March 1931", "other_answers": 1931}),
    ("jsonl", {"question": "When?", "answer": TWO[0], "answers": TWO}),
    ("jsonl", {"question": "When?", "truth": {"answer": TWO}}),
    ("jsonl", {"question": "When?", "answers": {"text": TWO, "answer_start": [0, 6]}}),
    ("table", {"question": "When?", "answers": {"text": TWO, "answer_start": [0, 6]}}),
    ("table", {"question": "When?", "answers": [{"text": TWO[0]}, {"text": TWO[1]}]}),
    ("ragas", {"user_input": "When?", "reference": TWO}),
    ("model_lab", {"question": "When?", "ground_truth_answer": TWO}),
]


@pytest.mark.parametrize(("written_as", "row"), ROWS)
def test_the_first_is_the_truth_and_the_others_stand_beside(tmp_path, written_as, row):
    (found,) = read(tmp_path / "q.json", [row], written_as)
    assert (found.truth, found.other_answers) == ({"answer": "March 1931"}, ("1931",))
    assert not found.unanswerable


@pytest.mark.parametrize(
    ("written_as", "row", "answer", "others"),
    [
        ("jsonl", {"question": "Q?", "answer": [80, 90.5]}, "[80, 90.5]", ()),
        ("table", {"question": "Q?", "answer": [80, 90.5]}, "[80, 90.5]", ()),
        ("ragas", {"user_input": "Q?", "reference": [80, 90.0]}, "[80, 90]", ()),
        ("model_lab", {"question": "Q?", "ground_truth_answer": [80, 90]}, "[80, 90]", ()),
        ("jsonl", {"question": "Q?", "answers": [80, 90]}, "80", ("90",)),
        ("jsonl", {"question": "Q?", "answer": [80]}, "80", ()),
        ("jsonl", {"question": "Q?", "answer": True}, "true", ()),
    ],
)
def test_a_list_of_numbers_is_one_answer(tmp_path, written_as, row, answer, others):
    (found,) = read(tmp_path / "q.json", [row], written_as)
    assert (found.truth, found.other_answers) == ({"answer": answer}, others)


def test_null_is_no_true_answer(tmp_path):
    row = {"question": "When?", "truth": {"answer": None, "answer_value": None}}
    (found,) = read(tmp_path / "q.json", [row], "jsonl")
    assert found.truth == {}


def test_values_of_the_wattbot_task(tmp_path):
    row = {"question": "When?", "truth": {"answer_value": [1, 2]}, "other_answers": ["[1, 3]"]}
    (found,) = read(tmp_path / "q.json", [row], "jsonl")
    # a list is one value there, and not several
    assert (found.truth, found.other_answers) == ({"answer_value": "[1, 2]"}, ("[1, 3]",))


@pytest.mark.parametrize(
    ("written_as", "row"),
    [
        ("jsonl", {"question": "When?", "answer": []}),
        ("jsonl", {"question": "When?", "answers": []}),
        ("jsonl", {"question": "When?", "answers": {"text": [], "answer_start": []}}),
        ("ragas", {"user_input": "When?", "reference": []}),
        ("model_lab", {"question": "When?", "ground_truth_answer": []}),
    ],
)
def test_an_empty_list_says_that_there_is_no_answer(tmp_path, written_as, row):
    (found,) = read(tmp_path / "q.json", [row], written_as)
    assert (found.truth, found.unanswerable) == ({}, True)


def test_a_row_that_says_nothing_of_answers_is_not_unanswerable(tmp_path):
    (found,) = read(tmp_path / "q.json", [{"question": "When?"}], "jsonl")
    assert (found.truth, found.unanswerable) == ({}, False)


HEADER = "id,question,answer,answer_value,answer_unit,ref_id,other_answers"


@pytest.mark.parametrize(
    ("answer", "others", "first", "rest"),
    [
        ("March 1931", '"[""1931"", ""in 1931""]"', "March 1931", ("1931", "in 1931")),
        ("March 1931", "1931", "March 1931", ("1931",)),
        ("March 1931", '"[1931, 1.50]"', "March 1931", ("1931", "1.50")),
        ('"[""March 1931"", ""1931""]"', "", "March 1931", ("1931",)),
        ('"[80,90]"', "", "[80,90]", ()),
        ("[sic] 1931", "", "[sic] 1931", ()),
        ("March 1931", "", "March 1931", ()),
    ],
)
def test_cells_of_a_csv_file(tmp_path, answer, others, first, rest):
    text = f"{HEADER}\nq,When?,{answer},1931,is_blank,d,{others}\n"
    (found,) = read(tmp_path / "q.csv", text, "wattbot")
    assert (found.truth["answer"], found.other_answers) == (first, rest)


BAD = [
    ("jsonl", [{"question": "q", "answer": ["a", " "]}], "row 1: one of the right answers is empty"),
    ("jsonl", [{"question": "q", "answer": [{}]}], "row 1: answer: must be text or a number, not a map"),
    ("jsonl", [{"question": "q", "label": ["a", "b"]}], "row 1: label: must be text or a number, not a list"),
    ("wattbot", f'{HEADER}\nq,When?,a,1,u,d,"[1, null]"\n', ":2: other_answers: write a JSON list of texts"),
    ("wattbot", f"{HEADER}\nq,When?,a,1,u,d,['b']\n", ":2: other_answers: write a JSON list of texts"),
]  # fmt: skip


@pytest.mark.parametrize(("written_as", "text", "message"), BAD)
def test_a_wrong_row(tmp_path, written_as, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path / "q", text, written_as)
