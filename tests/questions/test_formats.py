import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.questions import parse_format


def read(path, text, question_format):
    path.write_text(text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))
    return parse_format(question_format).read(path)


def test_a_ragas_test_set(tmp_path):
    row = {
        "user_input": "Why?",
        "reference": "Because.",
        "reference_contexts": ["One.", "Two."],
        "synthesizer_name": "single",
    }
    [first, second] = read(tmp_path / "set.json", [row, row], "ragas")
    assert (first.text, first.reference, first.tags) == (
        "Why?",
        {"answer": "Because."},
        ("single",),
    )
    assert first.relevance.contexts == ("One.", "Two.")
    assert (first.id, second.id) == ("1", "2")
    assert second.source.endswith("set.json: row 2")


def test_a_synthetic_set(tmp_path):
    row = {
        "chunk_id": 52,
        "chunk_text": "Справка.",
        "question": "Где справка?",
        "ground_truth_answer": "В деканате. " * 100,
        "confluence_url": "https://x/1",
        "relevant_urls": ["https://x/1", "https://x/2"],
        "relevant_chunk_ids": [52, "53"],
        "user_score": 5,
    }
    [question] = read(tmp_path / "set.json", [row], "model_lab")
    assert question.reference["answer"] == "В деканате. " * 100
    assert question.relevance.ids == ("52", "53")
    assert question.relevance.urls == ("https://x/1", "https://x/2")
    assert question.relevance.contexts == ("Справка.",)
    assert read(tmp_path / "set.json", [row], "model_lab")[0].id == question.id


def test_items_for_a_production_judge(tmp_path):
    row = {
        "question": "Q",
        "answer": "A",
        "context": "C",
        "ground_truth_show": False,
        "rationale": "R",
    }
    question_format = {"kind": "model_lab_judge", "show": "yes"}
    [item] = read(tmp_path / "set.json", [row], question_format)
    assert item.inputs == {"answer": "A", "context": "C"}
    assert item.reference == {"label": "hide", "rationale": "R"}


def test_json_lines_of_any_task(tmp_path):
    lines = [
        {
            "id": 7,
            "question": "Q",
            "answer": "A",
            "given": {"unit": "kg"},
            "references": ["d"],
            "groups": ["easy"],
        },
        {
            "question": "P",
            "record": {"total": 1.5},
            "images": ["a.png"],
            "relevant_chunks": ["d#1"],
        },
    ]
    first, second = read(tmp_path / "q.jsonl", "\n".join(map(json.dumps, lines)), "jsonl")
    assert (first.id, first.reference, first.inputs, first.tags) == (
        "7",
        {"answer": "A"},
        {"unit": "kg"},
        ("easy",),
    )
    assert second.reference == {"record": '{"total": 1.5}'}
    assert second.images == (str(tmp_path / "a.png"),)
    assert (first.relevance.ids, second.relevance.ids) == (("d",), ("d#1",))
    assert second.source.endswith("q.jsonl:2")


def test_labels_in_a_csv_file(tmp_path):
    text = 'key,about,flag,marks,extra\nk1,NA,good,,x\nk2,,bad,rude; private,y\nk3,nan,,"[""rude""]",z\n'
    question_format = {
        "kind": "label_csv",
        "text": "about",
        "id": "key",
        "label": "flag",
        "tags": "marks",
        "inputs": ["extra"],
    }
    found = read(tmp_path / "t.csv", text, question_format)
    assert [question.text for question in found] == ["NA", "", "nan"]
    assert [question.reference["label"] for question in found] == ["good", "bad", ""]
    assert [question.reference["tags"] for question in found] == [
        "[]",
        '["rude", "private"]',
        '["rude"]',
    ]
    assert found[0].inputs == {"extra": "x"}


def test_rows_without_ids_are_counted(tmp_path):
    found = read(tmp_path / "t.csv", "text\none\ntwo\n", "label_csv")
    assert [question.id for question in found] == ["1", "2"]


BAD = [
    ("ragas", [{"reference": "x"}], "set: no column for the question (found: reference)"),
    ("ragas", [{"user_input": "q", "reference": "a", "reference_contexts": {"a": 1}}], "row 1: reference_contexts: "),
    ("model_lab", [{"question": "q", "ground_truth_answer": {"a": 1}}], "row 1: answer: a map with a; say which is the answer: `columns: {answer: answer.a}`"),
    ("model_lab_judge", [{"question": "q", "answer": "a", "ground_truth_show": "maybe"}], "row 1: ground_truth_show is 'maybe'"),
    ("jsonl", '{"question": "q"}\n{"questoin": "q"}', "set:2: the question is empty"),
    ("jsonl", '{"question": "q", "references": [{}]}', "set:1: references: must be text"),
    ("jsonl", "{", "set:1: not valid JSON"),
    ("jsonl", "", "set: no questions"),
    ("jsonl", "[]", "set: no questions"),
    ("jsonl", "[1]", "set: row 1: must be an object"),
    ("jsonl", '{"id": "a", "question": "q"}\n{"id": "a", "question": "r"}', "set:2: duplicate id 'a' (first in"),
    ("label_csv", "texts\nx\n", "set:1: column 'text' is missing"),
    ("label_csv", "text\n", "set: no texts"),
]  # fmt: skip


@each(("question_format", "text", "message"), BAD)
def test_what_is_wrong_is_one_line_with_the_row(tmp_path, question_format, text, message):
    with pytest.raises(InputError) as error:
        read(tmp_path / "set", text, question_format)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


# several right answers of a question, in every format that has them.

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


@each(("question_format", "row"), ROWS)
def test_the_first_is_the_reference_and_the_others_are_alternatives(tmp_path, question_format, row):
    (found,) = read(tmp_path / "q.json", [row], question_format)
    assert (found.reference, found.other_answers) == ({"answer": "March 1931"}, ("1931",))
    assert not found.unanswerable


@each(
    ("question_format", "row", "answer", "others"),
    [
        ("jsonl", {"question": "Q?", "answer": [80, 90.5]}, "[80, 90.5]", ()),
        ("table", {"question": "Q?", "answer": [80, 90.5]}, "[80, 90.5]", ()),
        ("ragas", {"user_input": "Q?", "reference": [80, 90.0]}, "[80, 90]", ()),
        ("model_lab", {"question": "Q?", "ground_truth_answer": [80, 90]}, "[80, 90]", ()),
        ("jsonl", {"question": "Q?", "answers": [80, 90]}, "80", ("90",)),
        ("jsonl", {"question": "Q?", "answer": [80]}, "80", ()),
        ("jsonl", {"question": "Q?", "answer": True}, "true", ("yes",)),
    ],
)
def test_a_list_of_numbers_is_one_answer(tmp_path, question_format, row, answer, others):
    (found,) = read(tmp_path / "q.json", [row], question_format)
    assert (found.reference, found.other_answers) == ({"answer": answer}, others)


def test_null_is_no_true_answer(tmp_path):
    row = {"question": "When?", "truth": {"answer": None, "answer_value": None}}
    (found,) = read(tmp_path / "q.json", [row], "jsonl")
    assert found.reference == {}


def test_values_of_the_wattbot_task(tmp_path):
    row = {"question": "When?", "truth": {"answer_value": [1, 2]}, "other_answers": ["[1, 3]"]}
    (found,) = read(tmp_path / "q.json", [row], "jsonl")
    # a list is one value there, and not several
    assert (found.reference, found.other_answers) == ({"answer_value": "[1, 2]"}, ("[1, 3]",))


@pytest.mark.parametrize(
    ("question_format", "row"),
    [
        ("jsonl", {"question": "When?", "answer": []}),
        ("jsonl", {"question": "When?", "answers": []}),
        ("jsonl", {"question": "When?", "answers": {"text": [], "answer_start": []}}),
        ("ragas", {"user_input": "When?", "reference": []}),
        ("model_lab", {"question": "When?", "ground_truth_answer": []}),
    ],
)
def test_an_empty_list_says_that_there_is_no_answer(tmp_path, question_format, row):
    (found,) = read(tmp_path / "q.json", [row], question_format)
    assert (found.reference, found.unanswerable) == ({}, True)


def test_a_row_that_says_nothing_of_answers_is_not_unanswerable(tmp_path):
    (found,) = read(tmp_path / "q.json", [{"question": "When?"}], "jsonl")
    assert (found.reference, found.unanswerable) == ({}, False)


HEADER = "id,question,answer,answer_value,answer_unit,ref_id,other_answers"


@each(
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
    assert (found.reference["answer"], found.other_answers) == (first, rest)


BAD_ANSWERS = [
    ("jsonl", [{"question": "q", "answer": ["a", " "]}], "row 1: one of the right answers is empty"),
    ("jsonl", [{"question": "q", "answer": [{}]}], "row 1: answer: must be text or a number, not a map"),
    ("jsonl", [{"question": "q", "label": ["a", "b"]}, {"question": "r", "label": ["a", "b"]}], "row 1: label: 2 labels; settle which one is right"),
    ("wattbot", f'{HEADER}\nq,When?,a,1,u,d,"[1, null]"\n', ":2: other_answers: write a JSON list of texts"),
    ("wattbot", f"{HEADER}\nq,When?,a,1,u,d,['b']\n", ":2: other_answers: write a JSON list of texts"),
]  # fmt: skip


@pytest.mark.parametrize(("question_format", "text", "message"), BAD_ANSWERS)
def test_a_wrong_answer(tmp_path, question_format, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path / "q", text, question_format)
