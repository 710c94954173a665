import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Question
from modellab.questions import parse_format
from modellab.questions.selection import fitting_task, select_questions
from modellab.questions.wattbot import WattBotFormat
from modellab.tasks import parse_task
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
        question_format = WattBotFormat(kind="wattbot", tag_columns=columns)
        task, out = WattBotOptions(kind="wattbot"), tmp_path / "out.jsonl"
        select_questions(question_format, task, tmp_path / "quiz.csv", None, split, limit, out)
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


def test_questions_that_the_file_has_twice_are_named(tmp_path, caplog):
    again = TABLE + "q5,Two? ,2,is_blank,is_blank,Public,0\nq6,Two?,2,%,is_blank,Public,1\n"
    (tmp_path / "quiz.csv").write_text(again)
    task, out = WattBotOptions(kind="wattbot"), tmp_path / "out.jsonl"
    select_questions(
        WattBotFormat(kind="wattbot"), task, tmp_path / "quiz.csv", None, None, None, out
    )
    assert "1 questions are the same as earlier ones (q5 is q2)" in caplog.text
    assert "another reference" not in caplog.text
    (tmp_path / "quiz.csv").write_text(again + "q7,Two?,3,is_blank,is_blank,Public,0\n")
    select_questions(
        WattBotFormat(kind="wattbot"), task, tmp_path / "quiz.csv", None, None, None, out
    )
    assert "1 questions are the same as earlier ones, but have another reference (q7" in caplog.text


def test_texts_that_no_model_sees_are_said(tmp_path, caplog):
    """LongBench: the document is a column of the questions, and there is no corpus."""
    path, out = tmp_path / "long.jsonl", tmp_path / "out.jsonl"
    rows = [{"input": "Who?", "context": "Long. Anna did.", "answers": ["Anna"], "_id": "1"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    select_questions(parse_format("table"), parse_task("open_qa"), path, None, None, None, out)
    assert "1 questions come with texts" in caplog.text
    assert f"corpora: {{texts: {{path: {path}, columns" in caplog.text


def test_a_split_that_no_question_has(select):
    with pytest.raises(
        InputError, match=r"no question has the tag 'Test' \(there are: Private, Pub"
    ):
        select("Test")


def test_a_column_that_is_not_there(select):
    with pytest.raises(InputError, match="column 'Topic' is missing"):
        select(None, columns=("Topic",))


# the task of a file of questions, where the config names none.


def task_of(tmp_path, text, name="q.csv"):
    path = tmp_path / name
    path.write_text(text if isinstance(text, str) else "\n".join(map(json.dumps, text)))
    return fitting_task(path, parse_format("table").read_file(path))


@each(
    ("text", "kind"),
    [
        ("question,answer\nHow many?,14\n", "open_qa"),
        ("Question;Expected\nHow many?;14\n", "open_qa"),
        ("question,label\nHow many?,show\nWhy?,hide\n", "label"),
        ("text,label\nHow many?,show\nWhy?,hide\n", "label"),
        ("question,answer_value,answer_unit\nHow many?,14,pumps\n", "wattbot"),
        ("id,question,answer_value,answer_unit,ref_id\n1,How many?,14,pumps,a\n", "wattbot"),
        ("question,answer,labels\nHow many?,14,easy\n", "open_qa"),
        ("question,references\nHow many?,plant\n", "retrieval"),
        ("question,unanswerable\nHow many?,true\n", "open_qa"),
    ],
)
def test_the_columns_say_what_the_task_is(tmp_path, text, kind):
    assert task_of(tmp_path, text).kind == kind


def test_labels_are_those_of_the_file(tmp_path):
    task = task_of(tmp_path, "text,label\na,show\nb,hide\nc,show\nd,\n")
    assert task.labels == ("hide", "show")


CAPITALS = ("Paris", "Madrid", "Rome", "Lima", "Santiago", "Tokyo")


@each(
    ("label", "kind"),
    [
        (lambda n: [CAPITALS[n], CAPITALS[n].lower()], "open_qa"),  # as BERGEN
        (lambda n: [f"It is {CAPITALS[n]}."], "open_qa"),  # as Doccano's texts
        (lambda n: [("good", "bad")[n % 2]], "label"),  # as Doccano's classes
        (lambda n: ("good", "bad")[n % 2], "label"),
    ],
)
def test_a_list_of_labels_holds_answers_if_they_do_not_come_again(tmp_path, label, kind):
    for name in ("label", "labels"):
        rows = [{"content": f"Capital {n}?", name: label(n)} for n in range(6)]
        assert task_of(tmp_path, rows, "q.jsonl").kind == kind
    read = parse_format("table").read_file(tmp_path / "q.jsonl")
    right = [
        {"answer": one.reference.get("answer"), "+": one.other_answers} for one in read.questions
    ]
    if kind == "open_qa":
        assert right[1] in (
            {"answer": "Madrid", "+": ("madrid",)},
            {"answer": "It is Madrid.", "+": ()},
        )


def test_answers_that_come_again_stay_answers(tmp_path):
    rows = [{"question": f"Is {n} even?", "answer": ["yes", "no"][n % 2]} for n in range(6)]
    assert task_of(tmp_path, rows, "q.jsonl").kind == "open_qa"


def test_formats_say_what_they_are_for(tmp_path):
    paragraph = {"context": "14 pumps.", "qas": [{"id": 1, "question": "?", "answers": []}]}
    squad = json.dumps({"data": [{"title": "a", "paragraphs": [paragraph]}]})
    assert task_of(tmp_path, squad, "dev.json").kind == "open_qa"
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("q\td\t1\n")
    assert task_of(tmp_path, [{"_id": "q", "text": "How?"}], "queries.jsonl").kind == "retrieval"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("question,answer,label\nHow?,14,show\nWhy?,15,hide\n", "task: open_qa"),
        ("question,expcted\nHow many?,14\n", "columns: {answer: ...}"),
        ("question,label\nHow?,show\nWhy?,show\n", "1 different labels"),
        ("question,label\n" + "".join(f"How {n}?,{n}\n" for n in range(30)), "{answer: label}"),
        ("question,label\n" + "".join(f"How {n}?,a{n}\n" for n in range(6)), "{answer: label}"),
        (
            [{"text": "a", "label": ["x"]}, {"text": "b", "label": ["y"]}],
            "`columns: {answer: label}` or `columns: {label: label}`",
        ),
    ],
)
def test_what_is_doubtful_stops_with_a_hint(tmp_path, text, advice):
    with pytest.raises(InputError, match=r"q\.\w+: ") as error:
        task_of(tmp_path, text, "q.csv" if isinstance(text, str) else "q.jsonl")
    assert advice in str(error.value)
    assert "\n" not in str(error.value)
