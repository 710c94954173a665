import json

import pytest
from cases import each

from modellab.core.records import Question, Status
from modellab.tasks import parse_task
from modellab.tasks.open_qa.task import right_answers

OPTIONS = parse_task("open_qa")
TASK = OPTIONS


@each(
    ("text", "answer"),
    [
        ("It opens at ten.", "It opens at ten."),
        ("<think>Hm, nine?</think>\nAt ten.", "At ten."),
        ('{"answer": "At ten."}', "At ten."),
        ('```json\n{"answer": "At ten."}\n```', "At ten."),
        ('{"answer": false}', "no"),
        ("Answer: At ten.", "At ten."),
        ("**Final answer:** At ten.", "At ten."),
        ("Answer:", "Answer:"),
        ("In {curly} braces", "In {curly} braces"),
        ("  Справка — в деканате. ", "Справка — в деканате."),
    ],
)
def test_the_text_is_the_answer(text, answer):
    parsed = TASK.parse(text)
    assert (parsed.status, parsed.answer) == (Status.ANSWERED, {"answer": answer})


@each(
    "text",
    [
        *("n/a.", "Sorry, I don\u2019t know", "**The documents do not say.**"),
        *("The documents do not say.", "the documents do not say", "is_blank", "CANNOTANSWER"),
        *(
            "I cannot answer this question",
            "I can\u2019t answer.",
            "I'm not sure",
            "Je ne sais pas",
            "\u4e0d\u77e5\u9053",
            "\u62b1\u6b49\uff0c\u6211\u4e0d\u77e5\u9053\u3002",
            "\u5206\u304b\u308a\u307e\u305b\u3093",
            "\ubaa8\ub974\uaca0\uc2b5\ub2c8\ub2e4.",
            "Die Frage kann nicht beantwortet werden.",
            "\u041d\u0435 \u0437\u043d\u0430\u044e",
        ),
    ],
)
def test_the_agreed_words_are_an_abstention(text):
    assert TASK.parse(text).status == Status.ABSTAINED


@each("text", ["", "  \n", '{"id": 3}', "<think>I never came to an end", "<think>x</think> "])
def test_nothing_said_is_unparsed(text):
    assert TASK.parse(text).status == Status.UNPARSED


@each("text", ["No.", "None", "Unknown", "Unbekannt", "0", "The documents do not say. It is 5."])
def test_what_may_be_an_answer_is_one(text):
    assert TASK.parse(text).status == Status.ANSWERED


def test_a_long_answer_is_not_cut():
    text = "word " * 2000
    assert TASK.parse(text).answer["answer"] == text.strip()


@pytest.mark.parametrize(
    "text", ['{"answer": ""}', '{"id": "u1", "answer": " "}', '{"answer": null}']
)
def test_an_object_with_an_empty_answer_is_an_abstention(text):
    assert TASK.parse(text).status == Status.ABSTAINED


@pytest.mark.parametrize("truth", [{}, {"answer": " \n"}, {"answer": "?!"}])
def test_a_question_needs_a_reference(truth):
    problem = OPTIONS.refuse(Question("q", "Why?", {}, truth, ()))
    assert "there is no answer to compare with" in problem
    assert "`unanswerable: true`" in problem
    assert OPTIONS.refuse(Question("q", "Why?", {}, {"answer": "Да."}, ())) is None


@pytest.mark.parametrize(
    ("truth", "others", "right", "unanswerable"),
    [
        ("N/A", ("1931", "in 1931"), ("1931", "in 1931"), False),
        ("1931", ("Unanswerable.", "in 1931"), ("1931", "in 1931"), False),
        ("N/A", ("I don't know",), ("N/A", "I don't know"), True),
    ],
)
def test_one_annotator_of_several_who_found_no_answer(truth, others, right, unanswerable):
    question = Question("q", "When?", {}, {"answer": truth}, (), other_answers=others)
    found = OPTIONS.prepared(question)
    assert (right_answers(found), found.unanswerable) == (right, unanswerable)


def test_a_prompt_sees_no_truth():
    question = Question("q", "Why?", {"hint": "h"}, {"answer": "SECRET"}, ())
    assert "SECRET" not in json.dumps(TASK.variables(question, ()))
