"""Cards of Anki, quizzes of Moodle, XML with questions, lines without a header."""

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.questions import parse_format
from modellab.questions.selection import fitting_task

CARDS = "#separator:tab\n#html:true\n"
GIFT = """// two of geography
$CATEGORY: $course$/Geo

::Q1:: What is the capital of France? {=Paris =%100%the city of Paris#yes =%50%Lutetia}

Who wrote [html]Faust\\? {
~Schiller
=Goethe#right
}

Two plus two? {#4:0.1}

Between? {#1..5}

The sun is a star. {T#yes}

The {=Seine} flows through Paris.

Match. {=a -> b =c -> d}

Why? {}
"""
CHOICES = "Who? {~Schiller =Goethe ~Lessing}\n\nWhat? {=%0%x ~%100%y}\n"
QUESTION = """<question type="{}"><questiontext format="html"><text><![CDATA[<p>What &amp; <b>w</b>here?</p>]]></text>
</questiontext>{}</question>"""
ANSWER = """<answer fraction="{}"><text>{}</text><feedback><text>no</text></feedback></answer>"""
MOODLE = "<?xml version='1.0'?><quiz>{}</quiz>".format(
    "<question type='category'><category><text>$course$/Geo</text></category></question>"
    + QUESTION.format("shortanswer", ANSWER.format(100, "Paris") + ANSWER.format(0, "*"))
    + QUESTION.format("multichoice", ANSWER.format(0, "A") + ANSWER.format(100, "B"))
    + QUESTION.format("multichoice", ANSWER.format(50, "A") + ANSWER.format(50, "B"))
    + QUESTION.format("essay", "")
)
MEDQUAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="7" source="GARD" url="https://rare.example/7"><Focus>Gout</Focus><QAPairs>
<QAPair pid="1"><Question qid="7-1" qtype="information">What is it?</Question><Answer>A disease
of joints.</Answer></QAPair><QAPair pid="2"><Question qid="7-2">Why?</Question><Answer/></QAPair></QAPairs></Document>"""


def read(tmp_path, name, text, **options):
    (tmp_path / name).write_text(text)
    return parse_format({"kind": "table", **options}).read_file(tmp_path / name)


def right(question):
    return (question.text, question.reference["answer"], *question.other_answers)


@each(
    ("text", "tags"),
    [
        (f"{CARDS}<b>Q</b>?\tA&nbsp;b\n", ()),
        ("#separator:Semicolon\n#html:false\nQ?;A b\n", ()),
        (f"{CARDS}#columns:Front\tBack\tTags\n#tags column:3\nQ?\tA b\tx y\n", ("x", "y")),
        (
            f"{CARDS}#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
            'g\tBasic\tMine\tQ?\t"A b"\tx\n',
            ("Mine", "x"),
        ),
        (f"{CARDS}Q?\tA b\nIt was {{{{c1::gold}}}}.\tAu\nR?\t\n", ()),
    ],
)
def test_cards_of_anki(tmp_path, text, tags):
    read_ = read(tmp_path, "deck.txt", text)
    (found,) = read_.questions
    assert (right(found), found.tags) == (("Q?", "A b"), tags)
    assert any(note.startswith("2 of 3 left out") for note in read_.notes) == ("gold" in text)


def test_a_quiz_in_gift(tmp_path):
    read_ = read(tmp_path, "quiz.gift", GIFT)
    assert [right(one) for one in read_.questions] == [
        ("What is the capital of France?", "Paris", "the city of Paris"),
        ("Who wrote [html]Faust\\?\nA. Schiller\nB. Goethe", "Goethe"),
        ("Two plus two?", "4"),
        ("The sun is a star.", "true", "yes"),
        ("The _____ flows through Paris.", "Seine"),
    ]
    assert {one.tags for one in read_.questions} == {("Geo",)}
    assert "3 of 8 left out: without a right answer, or with several parts" in read_.notes


def test_a_quiz_of_choices(tmp_path):
    read_ = read(tmp_path, "quiz.txt", CHOICES)
    assert fitting_task(tmp_path, read_).kind == "label"
    assert [one.reference for one in read_.questions] == [
        {"label": "B", "answer": "Goethe"},
        {"label": "B", "answer": "y"},
    ]


def test_a_quiz_of_moodle(tmp_path):
    read_ = read(tmp_path, "quiz.xml", MOODLE)
    asked = "What & where?"
    assert [right(one) for one in read_.questions] == [
        (asked, "Paris"),
        (f"{asked}\nA. A\nB. B", "B"),
    ]
    assert "2 of 4 left out: without a right answer, or with several parts" in read_.notes


@each(
    "text",
    [
        "Q: Who?\nA. x\nB. y\nAnswer: B\n\nQ: Where?\nTo the\nleft?\nA: Right.\nThere.\n",
        "**Q1.** Who?\nA. x\nB. y\n**A1.** B\n**Q2.** Where?\nTo the\nleft?\nA2) Right.\nThere.",
    ],
)
def test_a_text_of_questions_and_answers(tmp_path, text):
    assert [right(one) for one in read(tmp_path, "faq.txt", text).questions] == [
        ("Who?\nA. x\nB. y", "B"),
        ("Where?\nTo the\nleft?", "Right.\nThere."),
    ]


def test_other_xml(tmp_path):
    read_ = read(tmp_path, "0000007.xml", MEDQUAD)
    (found,) = read_.questions
    assert (found.id, right(found)) == ("7-1", ("What is it?", "A disease of joints."))
    assert found.relevance.urls == ("https://rare.example/7",)


@each(
    ("name", "text"),
    [
        ("q.csv", "Capital of France?,Paris\nOf Peru?,Lima\n"),
        ("q.tsv", "Capital of France?\tParis\nOf Peru?\tLima\n"),
    ],
)
def test_lines_without_a_header_by_number(tmp_path, name, text):
    with pytest.raises(InputError, match=r"columns: \{question: '1', answer: '2'\}"):
        read(tmp_path, name, text)
    columns = {"question": "1", "answer": "2"}
    found, _ = read(tmp_path, name, text, columns=columns).questions
    assert right(found) == ("Capital of France?", "Paris")
    with pytest.raises(InputError, match=r"line 1 names its columns \(question\)"):
        read(tmp_path, "h.csv", f"question,answer\n{text}", columns=columns)
