"""The targets for labels: words that stand in a text, words that two texts share."""

import json

import pytest
from cases import each
from pydantic import ValidationError

from modellab.core.records import Question, Request
from modellab.models.registry import parse_model


def answer(options, text="", **given):
    request = Request("k", Question("q", text, given, {}, ()), "none", 1, (), ())
    entry = parse_model(options)
    with entry.open(0, {}) as model:
        [response] = model.answer([request])
    assert response.key == "k"
    return json.loads(response.text)


WORDS = {
    "provider": "keywords",
    "labels": {"bad": [r"\bfool", r"\d{3}"], "odd": ["odd"]},
    "otherwise": "good",
    "tags": {"rude": ["fool"], "private": [r"\d{3}", "@"]},
}


@each(
    ("text", "label", "tags"),
    [
        ("You FOOL", "bad", ["rude"]),
        ("Ring 555, fool", "bad", ["rude", "private"]),
        ("An odd fool", "bad", ["rude"]),
        ("Odd", "odd", []),
        ("Nothing", "good", []),
    ],
)
def test_the_first_label_with_a_match(text, label, tags):
    found = answer(WORDS, text)
    assert (found["label"], found["tags"]) == (label, tags)


def test_what_is_shown_beside_the_text_counts_too():
    assert answer(WORDS, "fine", note="a fool")["label"] == "bad"


def test_a_broken_pattern_is_an_error():
    with pytest.raises(ValidationError, match=r"not a regular expression: '\('"):
        parse_model({**WORDS, "labels": {"bad": ["("]}})


@each(
    ("said", "context", "label"),
    [
        ("Open on Saturday", "We are open every Saturday", "show"),
        ("Open on Sunday", "We are open every Saturday", "hide"),
        ("", "We are open", "hide"),
        ("no", "no", "hide"),
        ("Открыто в субботу", "Открыто только в субботу", "show"),
    ],
)
def test_an_answer_is_shown_when_its_words_are_in_the_context(said, context, label):
    assert answer({"provider": "overlap"}, "When?", answer=said, context=context)["label"] == label


def test_texts_without_spaces_share_pairs_of_characters():
    def label(context):
        said = "桥于1931年建成"
        return answer({"provider": "overlap"}, "?", answer=said, context=context)["label"]

    assert label("这座桥于1931年3月建成") == "show"
    assert label("灯塔高41米") == "hide"


def test_a_sentence_is_the_answer_where_no_value_is_asked_for():
    from modellab.core.records import Passage
    from modellab.models.generators.extractive import ExtractiveOptions
    from modellab.tasks import parse_task

    passage = Passage("d#1", "d", 1, 1.0, "It rained. Training Meena needed 232 MWh.", "Notes")
    entry = ExtractiveOptions(provider="extractive")
    request = Request(
        "k",
        Question("q", "How much did training Meena need?", {}, {}, ()),
        "bm25",
        1,
        (passage,),
        (),
    )
    task = parse_task("open_qa")
    with entry.open(0, task.answer_schema) as model:
        [response] = model.answer([request])
        [silent] = model.answer([Request("k", request.question, "none", 1, (), ())])
    assert task.parse(response.text).answer["answer"] == "Training Meena needed 232 MWh."
    assert task.parse(silent.text).status == "abstained"
