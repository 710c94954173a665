import pytest

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Question
from modellab.questions.selection import select_questions
from modellab.questions.wattbot import WattBotFormat
from modellab.tasks.wattbot.task import WattBotOptions

TABLE = """id,question,answer_value,answer_unit,ref_id,Usage,Quote
q1,One?,1,is_blank,is_blank,Public,1
q2,Two?,2,is_blank,is_blank,Private,1
q3,Three?,3,is_blank,is_blank,Public,0
q4,Four?,4,is_blank,is_blank,,0
"""


@pytest.fixture
def select(tmp_path):
    (tmp_path / "quiz.csv").write_text(TABLE)

    def select(split, limit=None, columns=("Usage",)):
        written_as = WattBotFormat(kind="wattbot", tag_columns=columns)
        task, out = WattBotOptions(kind="wattbot"), tmp_path / "out.jsonl"
        select_questions(written_as, task, tmp_path / "quiz.csv", None, split, limit, out)
        return read_rows(out, Question)

    return select


def test_columns_become_tags(select):
    tags = {question.id: question.tags for question in select(None)}
    assert tags == {
        "q1": ("Quote", "Public"),
        "q2": ("Quote", "Private"),
        "q3": ("Public",),
        "q4": (),
    }


def test_a_split_is_taken_before_the_limit(select):
    assert [question.id for question in select("Public", limit=2)] == ["q1", "q3"]
    assert [question.id for question in select("Quote", columns=())] == ["q1", "q2"]


def test_a_split_that_no_question_has(select):
    with pytest.raises(
        InputError, match=r"no question has the tag 'Test' \(there are: Private, Pub"
    ):
        select("Test")


def test_a_column_that_is_not_there(select):
    with pytest.raises(InputError, match="column 'Topic' is missing"):
        select(None, columns=("Topic",))
