"""Replies that no one would write: each is read in a moment, however long, and is no answer."""

from cases import each

from modellab.core.text.json_reading import the_object, the_record
from modellab.core.text.thoughts import split_thoughts

SIZE = 300_000
TEXTS = {
    "unclosed text": '{"answer": "' + "a" * SIZE,
    "quotes": '{"answer": "' + 'x" ' * (SIZE // 3),
    "braces": "{" * SIZE,
    "closed braces": "{" * (SIZE // 2) + "}" * (SIZE // 2),
    "objects in objects": '{"answer":' * (SIZE // 10),
    "lists in lists": '{"answer":' + "[" * SIZE,
    "lists of objects": "[{" * (SIZE // 2),
    "broken objects": "{answer} " * (SIZE // 9),
    "backslashes": '{"answer": "' + "\\" * SIZE,
    "thoughts that never end": "a <think> " * (SIZE // 10),
    "ends of thoughts": "a </think> " * (SIZE // 11),
    "blanks": " " * SIZE + "{",
    "channels": "<|channel|>" * (SIZE // 11),
    "NUL": "\x00" * SIZE,
}


@each("text", TEXTS.values())
def test_a_long_degenerate_reply_is_no_answer(text):
    for data in (the_object(text, ["answer"]), the_record(text, ["answer"])):
        assert data is None or set(data) == {"answer"}
    assert len(split_thoughts(text).answer) <= len(text)


def test_broken_json_is_repaired_up_to_a_length():
    assert the_object('{"answer": "' + "a" * 40_000, ["answer"]) == {"answer": "a" * 40_000}
    assert the_object('{"answer": "' + "a" * 60_000, ["answer"]) is None
