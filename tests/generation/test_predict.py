"""Rows of answers: their order, their keys, their passages, and which are asked again."""

from dataclasses import replace

import pytest
from scripted_model import LOG, ScriptedModel, reply, run, with_options

from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Question, Response
from modellab.core.text.thoughts import ThoughtMarks
from modellab.generation.requests import RequestKeys, RequestMaker
from modellab.models.prompts import load_prompt


def test_rows_keep_the_order_of_the_questions(job, tmp_path):
    rows, _ = run(job, tmp_path)
    assert [row["question_id"] for row in rows] == ["q1", "q2", "q3"]
    assert [row["status"] for row in rows] == ["answered", "unparsed", "abstained"]
    assert rows[0]["passages"] == ["d#1"]
    assert [row["asked"] for row in rows] == [1, 1, 1]


@pytest.mark.parametrize("name", ["m", "renamed"])
def test_a_second_run_opens_no_model(job, tmp_path, name):
    folder = tmp_path / "journal"
    first, _ = run(replace(job, journal=folder / "m.jsonl"), tmp_path)
    LOG.clear()
    again, record = run(replace(job, model=name, journal=folder / f"{name}.jsonl"), tmp_path)
    assert LOG == []
    assert again == first
    assert (record["generated"], record["reused"]) == (0, 3)
    assert [made["rows"] for made in record["runs"]] == [3]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"name": "two"}, 3),
        ({"max_new_tokens": 7}, 3),
        ({"temperature": 0.5}, 3),
        ({"size_b": 7.0}, 0),
        ({"retrievers": ("bm25",)}, 0),
    ],
)
def test_what_decides_an_answer_is_in_its_key(job, tmp_path, change, asked):
    run(job, tmp_path)
    _, record = run(with_options(job, **change), tmp_path)
    assert record["generated"] == asked


def test_the_seed_counts_only_for_drawn_answers(job, tmp_path):
    run(job, tmp_path)
    _, record = run(replace(job, seed=1), tmp_path)
    assert record["generated"] == 0
    drawn = with_options(job, temperature=0.5)
    run(drawn, tmp_path)
    _, record = run(replace(drawn, seed=1), tmp_path)
    assert record["generated"] == 3


def test_a_changed_prompt_asks_again(job, tmp_path):
    run(job, tmp_path)
    job.prompt.write_text("{% block user %}Please: {{ question }}{% endblock %}")
    _, record = run(job, tmp_path)
    assert record["generated"] == 3


def test_repeats_are_separate_rows(job, tmp_path):
    rows, record = run(with_options(job, repeats=2), tmp_path)
    assert [(row["question_id"], row["repeat"]) for row in rows][:2] == [("q1", 1), ("q1", 2)]
    assert record["generated"] == 6


def test_equal_requests_are_asked_once(job, tmp_path):
    twice = {"bm25": job.contexts["bm25"], "other": job.contexts["bm25"]}
    rows, record = run(replace(job, contexts=twice), tmp_path)
    assert len(rows) == 6
    assert record["generated"] == 3


def test_a_blank_answer_is_asked_again_with_more_passages(job, tmp_path):
    script = job.options.script | {("q3", 2): reply("is_blank"), ("q3", 3): reply("33")}
    rows, record = run(with_options(job, script=script, retry_on_abstain=3), tmp_path)
    assert [row["asked"] for row in rows] == [1, 1, 3]
    assert rows[2]["answer"]["answer_value"] == "33"
    assert rows[2]["passages"] == ["d#1", "d#2", "d#3"]
    assert record["generated"] == 5


def test_asking_again_ends_with_the_passages(job, tmp_path):
    script = job.options.script | {("q3", n): reply("is_blank") for n in (2, 3, 4)}
    rows, _ = run(with_options(job, script=script, retry_on_abstain=9), tmp_path)
    assert (rows[2]["asked"], rows[2]["status"]) == (4, "abstained")


def test_no_retriever_in_common_asks_nothing(job, tmp_path):
    rows, _ = run(replace(job, contexts={}), tmp_path)
    assert rows == []


def test_without_a_corpus_the_rows_have_no_retriever(job, tmp_path):
    script = {(f"q{n}", 0): reply(str(n)) for n in (1, 2, 3)}
    rows, _ = run(replace(with_options(job, script=script), contexts=None), tmp_path)
    assert {row["retriever"] for row in rows} == {""}
    assert [row["status"] for row in rows] == ["answered"] * 3


@pytest.mark.parametrize("missing", ["", "  \n"])
def test_a_question_without_text_is_not_asked(job, tmp_path, missing):
    questions = [Question("q1", missing, {}, {}, ()), Question("q2", "nan", {}, {}, ())]
    write_rows(tmp_path / "questions.jsonl", questions)
    said = with_options(job, script={("q2", 0): reply("2")})
    rows, _ = run(replace(said, contexts=None), tmp_path)
    assert [row["status"] for row in rows] == ["missing", "answered"]
    assert rows[0]["raw"] is None
    assert [entry for entry in LOG if entry.startswith("q")] == ["q2"]


def test_the_pictures_of_a_question_are_shown_and_are_part_of_the_key(job, tmp_path):
    picture = tmp_path / "a.png"
    keys = []
    for content in (b"one", b"two"):
        picture.write_bytes(content)
        asked = Question("q1", "What?", {}, {}, (), images=(str(picture),))
        made = RequestKeys(job.options, job.options.fingerprint(), job.task.answer_schema, None)
        maker = RequestMaker(made, job.task, load_prompt(job.prompt))
        request = maker.make(asked, "none", 1, ())
        assert request.messages[-1].images == (str(picture),)
        keys.append(request.key)
    assert keys[0] != keys[1]
    picture.unlink()
    with pytest.raises(InputError, match=r"a.png: no such picture"):
        maker.make(asked, "none", 1, ())


def test_thoughts_are_separate_in_the_row(job, tmp_path):
    draft = 'maybe {"answer_value": "9"}'
    script = {
        ("q1", 1): f"[THINK]{draft}[/THINK]{reply('1')}",
        ("q2", 1): f"<think>{draft}",
        ("q3", 1): f"{draft}</think>{reply('3')}",
    }
    rows, record = run(with_options(job, script=script), tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "answered"]
    assert [row["answer"].get("answer_value") for row in rows] == ["1", None, "3"]
    assert [row["thought"] for row in rows] == [draft, f"<think>{draft}", draft]
    assert [row["raw"] for row in rows] == list(script.values())
    assert rows[1]["error"] == "a thought, and no answer after it"
    assert record["left_open"] == 0


def test_custom_marks_are_read_from_the_journal_without_asking(job, tmp_path):
    script = {(q, 1): f'((not {{"answer_value": "9"}})) {reply(q[1])}' for q in ("q1", "q2", "q3")}
    thinking = with_options(job, script=script)
    assert {row["status"] for row in run(thinking, tmp_path)[0]} == {"unparsed"}
    LOG.clear()
    marks = ThoughtMarks(start="((", end="))")
    rows, _ = run(with_options(thinking, thought=marks), tmp_path)
    assert [row["answer"]["answer_value"] for row in rows] == ["1", "2", "3"]
    assert LOG == []


def test_a_cut_text_after_a_prompt_that_opens_the_thought_is_no_answer(job, tmp_path, monkeypatch):
    def answer(self, requests):
        cut = 'I take {"answer_value": "9"} as'
        for request in requests:
            whole = request.question.id == "q1"
            text = f"hm</think>{reply('1')}" if whole else cut
            yield Response(request.key, text, finish_reason="stop" if whole else "length")

    monkeypatch.setattr(ScriptedModel, "answer", answer)
    rows, _ = run(job, tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "unparsed"]


def test_half_a_character_ends_no_job(job, tmp_path, monkeypatch):
    def answer(self, requests):
        for request in requests:
            yield Response(request.key, reply("1") + "\ud83d", answered_as="m\0" * 1000)

    monkeypatch.setattr(ScriptedModel, "answer", answer)
    rows, _ = run(job, tmp_path)
    assert {row["status"] for row in rows} == {"answered"}
    assert rows[0]["raw"].endswith("\ufffd")
    # the name of a model is cut, too
    assert rows[0]["answered_as"] == "m\u2400" * 100
