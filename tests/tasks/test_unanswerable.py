"""Which questions are unanswerable, in every task and every way to mark them."""

import json

import pytest
from cases import each

from modellab.core.records import Question, Status
from modellab.questions import parse_format
from modellab.tasks import parse_task

OPEN, WATTBOT = parse_task("open_qa"), parse_task("wattbot")
LABEL = parse_task({"kind": "label", "labels": ["good", "bad"]})


def ask(task, truth, **more):
    return task.prepared(Question("q", "?", {}, truth, (), **more))


@each(
    "answer",
    [
        "The documents do not say.",
        "the documents do not say",
        "Not stated in the documents.",
        "I don't know",
        "is_blank",
        "N/A",
        "Unable to answer with confidence based on the provided documents.",
    ],
)
def test_a_sentence_that_says_so_marks_a_question_and_is_an_abstention(answer):
    assert ask(OPEN, {"answer": answer}).unanswerable
    assert OPEN.parse(answer).status == Status.ABSTAINED


@each(
    "answer",
    [
        *(
            "I'm sorry, but I cannot answer this question.",
            "Answer: I don’t know.",
            "I can't find the answer.",
        ),
        *(
            "The provided context does not contain this information.",
            "It isn't stated in the text.",
            "Not specified.",
        ),
        *(
            "Based on the given documents, I am unable to answer the question.",
            "This is not mentioned.",
        ),
        *(
            "There is not enough information to answer the question.",
            "No information is given in the passages.",
        ),
        *(
            "The answer cannot be found in the documents. I don't know.",
            "The passages don't say.",
            "Not found in the text.",
        ),
        *(
            "Ich weiß es nicht.",
            "Не знаю.",
            "文中未提及。",
            "資料に記載がありません。",
            "No se menciona en el documento.",
        ),
    ],
)
def test_abstentions_in_usual_words(answer):
    assert OPEN.parse(answer).status == Status.ABSTAINED


@each(
    "answer",
    [
        *(
            "Nobody knows why I don't know him.",
            "No answer was sent to Ada.",
            "312 metres",
            "None",
            "Unknown",
            "Not found",
        ),
        *(
            "It is not available.",
            "The data is not available.",
            "The documents do not say why, but 1998 is likely.",
            "No.",
        ),
        *(
            "The policy does not cover floods.",
            "I don't know. Perhaps in 1998.",
            "There is no information desk.",
        ),
    ],
)
def test_such_words_within_an_answer_do_not(answer):
    assert not ask(OPEN, {"answer": answer}).unanswerable
    assert OPEN.parse(answer).status == Status.ANSWERED


def test_sentences_of_ones_own():
    task = parse_task({"kind": "open_qa", "no_answer": "Keine Angabe.", "abstentions": ["Unklar"]})
    assert ask(task, {"answer": "keine angabe"}).unanswerable
    assert ask(task, {"answer": "unklar."}).unanswerable
    assert not ask(task, {"answer": "I don't know"}).unanswerable


@pytest.mark.parametrize("tag", ["unanswerable", "is_impossible", "is_NA", " Unanswerable "])
def test_a_tag_marks_a_question(tag):
    found = ask(OPEN, {"answer": "No figure is given for the bridge."}, tags=(tag,))
    assert found.unanswerable
    assert found.reference["answer"] == "No figure is given for the bridge."


def test_a_marked_question_needs_no_answer_to_compare_with():
    found = ask(OPEN, {}, unanswerable=True)
    assert found.reference == {"answer": "The documents do not say."}
    assert OPEN.refuse(found) is None
    assert "`unanswerable: true`" in str(OPEN.refuse(ask(OPEN, {"answer": " "})))


def test_a_blank_value_of_wattbot():
    assert ask(WATTBOT, {"answer_value": "is_blank"}).unanswerable
    assert not ask(WATTBOT, {"answer_value": "5"}).unanswerable
    assert ask(WATTBOT, {}, unanswerable=True).reference == {"answer_value": "is_blank"}
    # a flag of the published files beside a value is no mark of ours
    assert not ask(WATTBOT, {"answer_value": "5"}, tags=("is_NA",)).unanswerable


def test_a_mark_beside_a_value_is_refused():
    found = ask(WATTBOT, {"answer_value": "5"}, unanswerable=True)
    assert "marked as unanswerable, but its answer_value is '5'" in str(WATTBOT.refuse(found))


def test_a_label_answers_whatever_the_tags_say():
    assert not ask(LABEL, {"label": "good"}, tags=("unanswerable",)).unanswerable
    assert ask(LABEL, {}, unanswerable=True).unanswerable


def test_records(tmp_path):
    schema = {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    task = parse_task({"kind": "extract", "record": str(tmp_path / "schema.json")})
    assert ask(task, {"record": '{"name": null}'}).unanswerable
    assert not ask(task, {"record": '{"name": "Ada"}'}, tags=("unanswerable",)).unanswerable
    marked = ask(task, {}, unanswerable=True)
    assert (marked.unanswerable, marked.reference, task.refuse(marked)) == (
        True,
        {"record": "{}"},
        None,
    )
    assert task.refuse(ask(task, {"record": "{}"})) == "the wanted record is empty"
    assert "not JSON" in str(task.refuse(ask(task, {"record": "{"})))


def test_files(tmp_path):
    squad = {"data": [{"paragraphs": [{"context": "It is long.", "qas": [
        {"id": "a", "question": "How?", "answers": [{"text": "long"}]},
        {"id": "u", "question": "Who?", "is_impossible": True},
    ]}]}]}  # fmt: skip
    (tmp_path / "squad.json").write_text(json.dumps(squad))
    rows = [
        {"id": "a", "question": "How?", "answer": "long"},
        {"id": "u", "question": "Who?", "unanswerable": True},
        {"id": "v", "question": "When?", "unanswerable": "yes"},
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "rows.csv").write_text(
        "id,question,answer_value,answer_unit,ref_id\na,How?,5,m,d\nu,Who?,is_blank,is_blank,is_blank\n"
    )
    for kind, name, wanted in (
        ("squad", "squad.json", {"a": False, "u": True}),
        ("jsonl", "rows.jsonl", {"a": False, "u": True, "v": True}),
        ("wattbot", "rows.csv", {"a": False, "u": True}),
    ):
        found = parse_format(kind).read(tmp_path / name)
        assert {q.id: q.unanswerable for q in found} == wanted
