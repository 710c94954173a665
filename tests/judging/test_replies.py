"""Scores and winners in replies of judges, and replies that are refused."""

import pytest
from cases import each

from modellab.judging.conversation import UnreadableError, read_reply
from modellab.judging.rubric.judging import read_score, read_winner
from modellab.judging.rubric.options import METRICS


def score(text):
    return read_score(METRICS["correctness"], read_reply(text, "score")).value


@each(
    ("text", "value"),
    [
        ('{"score": 4}', 4.0),
        ('{"score": 4.0}', 4.0),
        ('{"score": "4"}', 4.0),
        ('```json\n{"score": 2}\n```', 2.0),
        ('Well. {"reason": "5 of 5 {braces}", "score": 1} That is all, 3.', 1.0),
        ('<think>maybe {"score": 5}</think>{"score": 2}', 2.0),
        ('{"score": 3} and again {"score": 3}', 3.0),
        ('{"reason": "two\nlines", "score": 3}', 3.0),
    ],
)
def test_replies_with_a_score(text, value):
    assert score(text) == value


@each(
    "text",
    [
        "4/5",
        "{" * 1_000_000,
        '{"score":' * 100_000,
        "score: 11",
        "Score: 4",
        "I give it 4 out of 5",
        "",
        "{}",
        "[4]",
        "4",
        '{"score": "4/5"}',
        '{"score": 11}',
        '{"score": 0}',
        '{"score": 4.5}',
        '{"score": true}',
        '{"score": null}',
        '{"score": [4]}',
        '{"score": "four"}',
        '{"score": NaN}',
        '{"score": 4} or rather {"score": 2}',
        '{"score": 4, "score": 2}',
        '{"score": 4',
        '{"rating": 4}',
        '{"verdict": {"score": 4}}',
    ],
)
def test_replies_without_a_clear_score(text):
    with pytest.raises(UnreadableError):
        score(text)


@each("winner", ["C", "", None, 1, "A or B", "answer A"])
def test_winners_that_are_none(winner):
    with pytest.raises(UnreadableError):
        read_winner("first", {"winner": winner})
