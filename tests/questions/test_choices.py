"""Multiple choice as public data sets have it."""

import pytest
from cases import each
from questions.public_rows import read

from modellab.core.errors import InputError

MEDMCQA = {"question": "Q?", "opa": "a1", "opb": "b1", "opc": "c1", "opd": "d1"}
#: by data set: rows, and the letters of the right choices
CHOICES = {
    "numbers that are also choices (MMLU on the hub)": (
        [{"question": "Q?", "choices": ["3", "2", "1", "0"], "answer": 3}], "D"),
    "texts that are also numbers of choices": (
        [{"question": "Q?", "choices": ["3", "2", "1"], "answer": "1"},
         {"question": "R?", "choices": ["7", "8", "9"], "answer": "9"}], "CC"),
    "MedMCQA, from 0 on the hub": ([{**MEDMCQA, "cop": 0}, {**MEDMCQA, "cop": 2}], "AC"),
    "MedMCQA, from 1 as published": ([{**MEDMCQA, "cop": 2}, {**MEDMCQA, "cop": 4}], "BD"),
    "PIQA": ([{"goal": "Q?", "sol1": "a", "sol2": "b", "label": 1}], "B"),
    "COPA": ([{"premise": "P.", "question": "cause", "choice1": "a", "choice2": "b", "label": 0}], "A"),
    "WinoGrande": ([{"sentence": "Q _?", "option1": "a", "option2": "b", "answer": "1"}], "A"),
    "SWAG": ([{"startphrase": "Q", "ending0": "a", "ending1": "b", "ending2": "c", "label": 2}], "C"),
    "CosmosQA": ([{"context": "C", "question": "Q?", "answer0": "a", "answer1": "b", "label": 1}], "B"),
    "SocialIQA": ([{"context": "C", "question": "Q?", "answerA": "a", "answerB": "b", "label": "1"}], "A"),
    "BBQ": ([{"context": "C", "question": "Q?", "ans0": "a", "ans1": "b", "ans2": "c", "label": 2}], "C"),
    "RACE on the hub": ([{"example_id": "high1.txt", "article": "P", "question": q, "options": ["a", "b"], "answer": "B"} for q in "QR"], "BB"),
    "Kahoot": ([{"Question": "Q?", "Answer 1": "a", "Answer 2": "b", "Answer 3": "c", "Time limit": 20, "Correct answer(s)": "2"}], "B"),
    "LogiQA": ([{"context": "C", "query": "Q?", "options": ["a", "b"], "correct_option": 1}], "B"),
    "AQuA": ([{"question": "Q?", "options": ["A)21", "B)22"], "correct": "B"}], "B"),
    "short names": ([{"question": "Q?", "opt1": "a", "opt2": "b", "ans": "b"}], "B"),
    "inspect": ([{"input": "Q?", "choices": ["x", "y"], "target": "B"}], "B"),
    "objects with an id": ([{"question": "Q?", "choices": [{"id": "A", "text": "x"}, {"id": "B", "text": "y"}], "answer": "B"}], "B"),
}  # fmt: skip


@each(("rows", "right"), CHOICES.values())
def test_the_right_choice(tmp_path, rows, right):
    kind, found = read(tmp_path, rows)
    assert kind == "label"
    assert "".join(q.reference["label"] for q in found) == right
    for question in found:
        line = f"{question.reference['label']}. {question.reference['answer']}"
        assert line in question.text.splitlines()


@each(
    "wrong",
    [
        {"Incorrect Answer 1": "a", "Incorrect Answer 2": "b", "Incorrect Answer 3": "c"},  # GPQA
        {"distractor1": "a", "distractor2": "b", "distractor3": "c", "support": "S."},  # SciQ
        {"type": "multiple", "incorrect_answers": ["a", "b", "c"]},  # Open Trivia
    ],
)
def test_a_right_answer_and_wrong_ones_are_choices_in_any_order(tmp_path, wrong):
    name = "Correct Answer" if "Incorrect Answer 1" in wrong else "correct_answer"
    kind, found = read(tmp_path, [{"question": f"Q{n}?", name: "x", **wrong} for n in range(30)])
    assert kind == "label"
    assert {question.reference["label"] for question in found} == {*"ABCD"}
    for question in found:
        assert f"{question.reference['label']}. x" in question.text.splitlines()
        assert sorted(line[3:] for line in question.text.splitlines()[-4:]) == ["a", "b", "c", "x"]


def test_choices_without_a_header_as_mmlu_is_published(tmp_path):
    text = '"Which one, really?",0,4,2,6,B\nThe third?,x,y,z,w,D\n'
    _, found = read(tmp_path, text, "abstract_algebra_test.csv")
    assert [(q.reference["label"], q.reference["answer"]) for q in found] == [
        ("B", "4"),
        ("D", "w"),
    ]


@each("options", ["['x' 'y']", "['x', 'y']", "A) x B) y", "(A) x; (B) y", "x|y", "x\ny", "x; y"])
def test_choices_in_a_cell(tmp_path, options):
    text = f'question,options,answer\nQ?,"{options}",B\n'
    _, (found,) = read(tmp_path, text, "q.csv")
    assert found.text == "Q?\nA. x\nB. y"
    assert found.reference == {"label": "B", "answer": "y"}


def test_some_rows_with_choices(tmp_path):
    rows = [
        {"input": "Q?", "target": "Paris"},
        {"input": "R?", "target": "B", "choices": ["x", "y"]},
    ]
    with pytest.raises(InputError, match=r"q\.jsonl:1: no choices, unlike other rows"):
        read(tmp_path, rows)
