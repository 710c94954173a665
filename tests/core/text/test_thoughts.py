import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Response
from modellab.core.text.thoughts import KNOWN, ThoughtMarks, opening_mark, split_thoughts
from modellab.generation.driver import without_thought

ANSWER = '{"answer_value": "5"}'
DRAFT = 'Maybe {"answer_value": "4"}? No.'


def apart(text, **more):
    found = split_thoughts(text, **more)
    return found.answer, found.thought


@each(("start", "end"), KNOWN)
def test_known_marks_are_cut_in_any_case(start, end):
    for text in (
        f"{start}{DRAFT}{end}{ANSWER}",
        f"\n{start.upper()}\n{DRAFT}\n{end.upper()}\n\n{ANSWER}",
        # the template has opened the thought in the prompt
        f"{DRAFT}\n{end}\n\n{ANSWER}",
    ):
        assert apart(text) == (ANSWER, DRAFT)


@each(("start", "end"), KNOWN)
def test_a_thought_without_an_end_is_no_answer(start, end):
    found = split_thoughts(f"{start}\n{DRAFT}")
    assert (found.answer, found.unfinished) == ("", True)
    assert DRAFT in found.thought


@pytest.mark.parametrize(
    "text",
    [
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{ANSWER}<|return|>",
        f"<|start|>assistant<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
        f"<|channel|>final <|constrain|>json<|message|>{ANSWER}",
        f"analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}",
        f"analysis{DRAFT}assistantfinal{ANSWER}",
    ],
)
def test_channels_of_gpt_oss(text):
    assert apart(text) == (ANSWER, DRAFT)


@pytest.mark.parametrize(
    "text", [f"<|channel|>analysis<|message|>{DRAFT}", f"analysis{DRAFT}", "analysisWe need"]
)
def test_channels_that_come_to_no_answer(text):
    found = split_thoughts(text)
    assert (found.answer, found.unfinished) == ("", True)


@each(
    "text",
    [
        "5",
        "analysis of variance",
        '{"answer": "write </think> behind it"}',
        'Here: {"answer": "between <think> and </think>"}',
        'Here: {"answer": "behind </think> it"}',
        "The mark `</think>` ends a thought.",
        "Less is <5 and [THIN].",
    ],
)
def test_text_that_only_looks_like_a_thought_stays(text):
    assert apart(text) == (text, None)


def test_several_blocks_and_a_block_that_mentions_its_mark():
    assert apart(f"<think>\n\n</think>\n\n<think>{DRAFT}</think>\n{ANSWER}") == (ANSWER, DRAFT)
    assert apart(f"<think>the tag <think> is odd</think>{ANSWER}")[0] == ANSWER
    assert apart(f"<think>one\n</think>\ntwo\n</think>\n{ANSWER}") == (ANSWER, "one\ntwo")


def test_an_answer_in_a_wrapper():
    assert apart("<think>a</think><answer>12</answer>") == ("12", "a")
    assert apart(
        "<|begin_of_thought|>a<|end_of_thought|><|begin_of_solution|>12<|end_of_solution|>"
    ) == (
        "12",
        "a",
    )


def test_marks_of_ones_own():
    marks = ThoughtMarks(start="((", end="))")
    assert apart(f"(({DRAFT})){ANSWER}", marks=marks) == (ANSWER, DRAFT)
    assert apart("((cut", marks=marks)[0] == ""
    only_end = ThoughtMarks(end="=====")
    assert apart(f"{DRAFT}\n=====\n{ANSWER}", marks=only_end) == (ANSWER, DRAFT)


def test_a_template_that_opens_the_thought():
    assert apart(DRAFT, marks=ThoughtMarks(opened=True)) == ("", DRAFT)
    assert apart(DRAFT, opened=True) == ("", DRAFT)
    assert apart(f"{DRAFT}</think>{ANSWER}", opened=True) == (ANSWER, DRAFT)
    assert opening_mark("<|assistant|><think>\n") == "<think>"
    assert opening_mark("<|assistant|>") == ""


def test_a_response_keeps_the_whole_text_apart():
    response = without_thought(Response("k", f"<think>{DRAFT}</think>{ANSWER}"))
    assert (response.text, response.thought) == (ANSWER, DRAFT)
    assert response.raw == f"<think>{DRAFT}</think>{ANSWER}"
    plain = Response("k", ANSWER)
    assert without_thought(plain) is plain
    field = without_thought(Response("k", f"<think>b</think>{ANSWER}", thought="a"))
    assert field.thought == "a\nb"


@given(
    st.lists(
        st.sampled_from([mark for pair in KNOWN for mark in pair] + ["{", '"', "}", "\n", "a", " "])
    ).map("".join)
)
def test_no_text_breaks_and_an_unfinished_one_has_no_answer(text):
    found = split_thoughts(text)
    assert not (found.unfinished and found.answer)
    if not any(mark.lower() in text.lower() for pair in KNOWN for mark in pair):
        assert (found.answer, found.thought) == (text, None)


def test_stored_rows_are_read_again_by_other_marks():
    """Special tokens that are not known as marks are only in the raw text."""
    row = Response("k", f"{DRAFT}{ANSWER}", raw=f"<|muse|>{DRAFT}<|done|>{ANSWER}")
    assert without_thought(row) is row
    read = without_thought(row, ThoughtMarks(start="<|muse|>", end="<|done|>"))
    assert (read.text, read.thought, read.raw) == (ANSWER, DRAFT, row.raw)


@each(
    "text",
    [
        "<longcat_think>hm</longcat_think>42",
        "<unused94>thought\nhm<unused95>42",
        "<scratchpad>\nhm\n</scratchpad>\n42",
        "<reflection>hm</reflection><output>42</output>",
        "hm</longcat_think><response>42</response>",
    ],
)
def test_marks_of_single_models(text):
    found = split_thoughts(text)
    assert (found.answer, found.thought) == ("42", "hm")
