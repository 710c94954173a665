import json
from pathlib import Path

import pytest
from cases import each
from pydantic import ValidationError

from modellab.core.records import Question, Status
from modellab.models.prompts import load_prompt
from modellab.tasks import parse_task
from modellab.tasks.label.task import LabelOptions

OPTIONS = LabelOptions(
    kind="label",
    labels=["bad", "good"],
    spellings={"bad": ["1", "yes"], "good": ["0"]},
    tags=["rude", "private"],
    positive="bad",
)
TASK = OPTIONS
PROMPTS = Path(__file__).parents[3] / "resources" / "prompts"


@each(
    ("text", "label"),
    [
        ('{"label": "bad"}', "bad"),
        ('{"quality": "Good"}', "good"),
        ('{"flag": "BAD ", "reasoning": "x"}', "bad"),
        ('{"label": 1}', "bad"),
        ('{"label": true}', "bad"),
        ('Here: ```json\n{"label": "good"}\n``` done', "good"),
        ('<think>{"label": "bad"}</think>{"label": "good"}', "good"),
        ("{'label': 'good',}", "good"),
        ("good", "good"),
        ("Yes", "bad"),
    ],
)
def test_a_label_is_read(text, label):
    parsed = TASK.parse(text)
    assert (parsed.status, parsed.answer["label"]) == (Status.ANSWERED, label)


@each(
    ("labels", "text", "label"),
    [
        (["true", "false"], '{"label": true}', "true"),
        (["yes", "no"], '{"label": false}', "no"),
        (["Yes", "No"], "True", "Yes"),
        (["1", "0"], '{"label": true}', "1"),
        (["true", "yes"], "yes", "yes"),
    ],
)
def test_truth_values_are_labels(labels, text, label):
    parsed = LabelOptions(kind="label", labels=labels).parse(text)
    assert (parsed.status, parsed.answer["label"]) == (Status.ANSWERED, label)


@each(
    "text",
    [
        "",
        "This is not bad, yes?",
        "yesterday",
        '{"label": "ugly"}',
        '{"score": 3}',
        '{"label": ["bad"]}',
        "[1]",
    ],
)
def test_no_label_is_guessed(text):
    assert TASK.parse(text).status == Status.UNPARSED


CHOICE = LabelOptions(kind="label", labels=["A", "B", "C"])


@each(
    "text",
    [
        *(
            "B",
            "b",
            "B.",
            "(B)",
            "B)",
            "**B**",
            '"B"',
            "`B`",
            "B) Paris",
            "(B) Paris",
            "B. Paris",
            "B: Paris",
        ),
        *(
            "Answer: B",
            "**Answer:** B",
            "The answer is B.",
            "The correct answer is (B).",
            "Option B",
        ),
        *(
            "Because A has none.\n\nANSWER: B",
            "### Answer\nB",
            "B\n\nExplanation: A is wrong.",
            "Step 1 ...\nB",
        ),
        *(
            "\\boxed{B}",
            "so $\\boxed{B}$",
            "Antwort: B",
            "\u7b54\u6848\uff1aB",
            "Answer: A\nFinal answer: B",
        ),
        *(
            '{"answer": "B"}',
            '{"label": "(B)"}',
            '{"label": "B) Paris"}',
            "<think>Answer: A</think>Answer: B",
        ),
    ],
)
def test_a_label_that_a_reply_states_in_words(text):
    assert CHOICE.parse(text).answer == {
        **dict.fromkeys(CHOICE.fields, ""),
        "label": "B",
        "tags": "[]",
    }


@each(
    "text",
    [
        *(
            "A or B",
            "Answer: A or B",
            "The answer is not B",
            "The answer is B, not A.",
            "I think B",
            "A cat",
        ),
        *(
            "Answer: A\nAnswer: B",
            "Answer: A\nThe answer is unclear.",
            "A) wrong, B) right",
            "A\nB",
            "A. Or B. Who knows.",
        ),
        *(
            "Answer: D",
            "<think>Answer: B",
            "Answer:",
            "\\boxed{A or B}",
            "Not B",
            '{"answer": "A or B"}',
        ),
    ],
)
def test_a_label_inside_a_sentence_is_not_used(text):
    assert CHOICE.parse(text).status == Status.UNPARSED


@pytest.mark.parametrize(
    "text", ['{"label": null}', '{"label": ""}', "I don't know.", '{"label": "Not sure"}']
)
def test_no_label_on_purpose_is_an_abstention(text):
    assert TASK.parse(text).status == Status.ABSTAINED


@each(
    ("tags", "read"),
    [
        (["Rude", "private", "rude"], '["rude", "private"]'),
        ('["private"]', '["private"]'),
        ([], "[]"),
        (["odd"], '["odd"]'),
        ("rude", ""),
        (3, ""),
        ([1], ""),
    ],
)
def test_tags_are_a_list_or_the_text_of_one(tags, read):
    assert TASK.parse(json.dumps({"label": "bad", "tags": tags})).answer["tags"] == read


def test_the_old_spelling_of_the_recommendation():
    parsed = TASK.parse('{"quality": "bad", "recommendation_email": "Dear all"}')
    assert parsed.answer["recommendation"] == "Dear all"


def test_a_key_of_ones_own():
    task = OPTIONS.model_copy(update={"label_key": "verdict"})
    assert task.parse('{"verdict": "bad", "label": "good"}').answer["label"] == "bad"
    assert list(task.answer_schema["properties"]) == ["reasoning", "verdict", "tags"]


@each(
    ("truth", "problem"),
    [
        ({"label": "meh"}, "the label 'meh' is not one of: bad, good"),
        ({"label": "Bad"}, None),
        ({"label": "yes"}, None),
        ({"label": ""}, None),
        ({}, None),
        ({"tags": '["x"]'}, "the tag 'x' is not one of: rude, private"),
        ({"tags": "rude"}, "the tags are not a list"),
    ],
)
def test_labels_and_tags_outside_the_list_are_reported(truth, problem):
    assert OPTIONS.refuse(Question("q", "t", {}, truth, ())) == problem


@each(
    "changes",
    [
        {"labels": ["a", "A "]},
        {"labels": ["a"]},
        {"positive": "c"},
        {"spellings": {"c": ["d"]}},
        {"tags": ["t", "t"]},
        {"labels": [True, False]},
    ],
)
def test_wrong_options(changes):
    with pytest.raises(ValidationError):
        LabelOptions(**{"kind": "label", "labels": ["a", "b"], **changes})


def test_what_only_scorers_read_does_not_decide_an_answer():
    other = OPTIONS.model_copy(update={"positive": "good", "column": "about_me"})
    assert other.cache_key_fields() == OPTIONS.cache_key_fields()
    assert parse_task(OPTIONS.cache_key_fields()).labels == ("bad", "good")


@pytest.mark.parametrize("name", ["label.jinja", "label_show_answer.jinja"])
def test_the_shipped_prompts_show_the_text_and_no_truth(name):
    given = {"answer": "ANSWER", "context": "CONTEXT"}
    question = Question("q", "TEXT", given, {"label": "bad", "rationale": "SECRET"}, ())
    messages = load_prompt(PROMPTS / name).messages(TASK.variables(question, ()))
    said = "\n".join(message.content for message in messages)
    assert all(part in said for part in ("TEXT", "ANSWER", "CONTEXT", "bad", "good", '"label"'))
    assert "SECRET" not in said


CHOICES = parse_task({"kind": "label", "labels": list("ABCD")})
ASKED = "Passage\nA. Not a choice\n\nWhere?\nA. Rome\nB. Paris\nC. Rome.\n(D) It rains\n\nAnswer:"


@each(
    ("text", "label"),
    [
        ("Paris", "B"),
        (" paris. ", "B"),
        ('{"label": "Paris"}', "B"),
        ("The answer is Paris.", "B"),
        ("Answer: it  rains.", "D"),
        *((text, "B") for text in ("B) Paris", "(B)", "Answer: B", "**B**", "B. Paris")),
        ("**B. Paris**", "B"),
        *((text, None) for text in ("Rome", "B) It rains", "Paris or Rome", "Not a choice")),
    ],
)
def test_the_text_of_a_choice_is_its_label(text, label):
    question = Question("1", ASKED, {}, {}, ())
    assert CHOICES.for_question(question).parse(text).answer.get("label") == label


def test_other_texts_have_no_choices():
    for text in ("A. only one\nWhere?", "B. Paris\nC. Rome", "Is it A or B?"):
        assert CHOICES.for_question(Question("1", text, {}, {}, ())) is CHOICES


def test_labels_of_several_letters_have_no_choices():
    task = parse_task({"kind": "label", "labels": ["good", "bad"]})
    assert task.for_question(Question("1", "Text:\n: a\n) b", {}, {}, ())) is task
