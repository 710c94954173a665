import json

import pytest

from modellab.core.errors import InputError
from modellab.core.records import Relevance
from modellab.questions.squad import SquadFormat

ASKED = {
    "id": 7,
    "question": "Who?",
    "answers": [{"text": "Ada"}, {"text": "A. L."}, {"text": "Ada"}],
}


def read(tmp_path, *asked, title="Computing", **more):
    paragraph = {"context": "Ada wrote it.", "qas": list(asked)}
    data = {"version": "2", "data": [{"title": title, "paragraphs": [paragraph]}], **more}
    (tmp_path / "a.json").write_text(json.dumps(data))
    return SquadFormat(kind="squad").read(tmp_path / "a.json")


def test_a_question_with_its_paragraph(tmp_path):
    (found,) = read(tmp_path, ASKED)
    assert (found.id, found.text, found.tags) == ("7", "Who?", ("Computing",))
    assert found.reference["answer"] == found.reference["answer_value"] == "Ada"
    assert found.other_answers == ("A. L.",)
    assert found.relevance == Relevance(contexts=("Ada wrote it.",))


def test_what_the_paragraph_does_not_answer(tmp_path):
    # the answers that some files give beside it are traps, not answers
    trap = {"id": "x", "question": "When?", "is_impossible": True, "answers": [{"text": "1843"}]}
    (found,) = read(tmp_path, trap)
    assert found.reference["answer"] == "The documents do not say."
    assert found.reference["answer_value"] == "is_blank"
    assert (found.other_answers, found.unanswerable) == ((), True)
    assert found.tags == ("Computing", "unanswerable")
    assert found.relevance == Relevance()


def test_an_empty_list_of_answers(tmp_path):
    (found,) = read(tmp_path, {**ASKED, "answers": []})
    assert (found.reference["answer_value"], found.unanswerable) == ("is_blank", True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {**ASKED, "answers": [], "is_impossible": False},
            "paragraph 1, 7: no answer; give one, or say is_impossible",
        ),
        ({"id": 7, "question": "Who?"}, "paragraph 1, 7: no answer; give one"),
        ({**ASKED, "question": ""}, r"row 1: paragraphs\.0\.qas\.0\.question: String should"),
        ({"id": "a"}, r"qas\.0\.question: Field required"),
        ({**ASKED, "answers": "Ada"}, r"qas\.0\.answers: Input should be a valid"),
    ],
)
def test_a_wrong_row(tmp_path, asked, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, asked)


@pytest.mark.parametrize("text", ["[", "[]", "{}", '{"data": []}'])
def test_a_file_that_is_none(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=r"a\.json:"):
        SquadFormat(kind="squad").read(tmp_path / "a.json")
