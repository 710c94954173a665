import json
import time
from dataclasses import replace
from itertools import islice

import pytest
from batch_server import serving_batches
from pydantic import TypeAdapter
from scripted_model import LOG, ScriptedModel, ScriptedOptions

from modellab.core.errors import InputError
from modellab.core.io.journal import Entry, open_journal
from modellab.core.io.jsonl import read_json, write_rows
from modellab.core.records import Context, Passage, Question, Response, Status
from modellab.core.retry_rounds import last_round, next_round
from modellab.core.text.thoughts import ThoughtMarks
from modellab.generation.predict import PredictionJob, predict
from modellab.generation.requests import RequestKeys, RequestMaker
from modellab.models.asking.options import OpenAIOptions
from modellab.models.prompts import load_prompt
from modellab.tasks import parse_task

PASSAGES = tuple(Passage(f"d#{n}", "d", n, 1.0, f"text {n}", "Title") for n in range(1, 5))


def reply(value):
    return json.dumps({"answer_value": value, "ref_id": ["d"]})


@pytest.fixture
def job(tmp_path):
    LOG.clear()
    questions = [Question(f"q{n}", f"What is {n}?", {}, {}, ()) for n in (1, 2, 3)]
    contexts = [Context(question.id, "bm25", PASSAGES, shown=1) for question in questions]
    write_rows(tmp_path / "questions.jsonl", questions)
    write_rows(tmp_path / "bm25.jsonl", contexts)
    prompt = tmp_path / "prompt.jinja"
    prompt.write_text(
        "{% block user %}{{ question }}{% for p in passages %} {{ p.text }}{% endfor %}{% endblock %}"
    )
    script = {("q1", 1): reply("1"), ("q2", 1): "no json", ("q3", 1): reply("is_blank")}
    return PredictionJob(
        name="m",
        dataset="quiz",
        options=ScriptedOptions(script=script),
        task=parse_task("wattbot").make(),
        prompt=prompt,
        questions=tmp_path / "questions.jsonl",
        contexts={"bm25": tmp_path / "bm25.jsonl"},
        journal=tmp_path / "journal.jsonl",
        seed=0,
    )


def run(job, tmp_path):
    predict(job, tmp_path / "out.jsonl", tmp_path / "run.json")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    return rows, read_json(tmp_path / "run.json")


def with_options(job, **changes):
    return replace(job, options=job.options.model_copy(update=changes))


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
    again, record = run(replace(job, name=name, journal=folder / f"{name}.jsonl"), tmp_path)
    assert LOG == []
    assert again == first
    assert (record["generated"], record["reused"]) == (0, 3)
    assert [made["rows"] for made in record["runs"]] == [3]


def test_an_error_is_a_failed_row_and_is_tried_again(job, tmp_path):
    broken = {key: text for key, text in job.options.script.items() if key[0] != "q1"}
    rows, record = run(with_options(job, script=broken), tmp_path)
    assert rows[0]["status"] == Status.FAILED
    assert (rows[0]["error_class"], rows[0]["error"]) == ("server_error", "no luck")
    assert record["statuses"]["failed"] == 1
    rows, record = run(job, tmp_path)
    assert rows[0]["status"] == Status.ANSWERED
    assert (record["generated"], record["reused"]) == (1, 2)


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


def test_repeats_are_rows_of_their_own(job, tmp_path):
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


def test_the_record_has_the_resource_usage(job, tmp_path):
    _, record = run(job, tmp_path)
    assert record["model_report"] == {"closed": True}
    assert record["generated_tokens"] == 6
    assert record["answers_per_second"] > 0
    assert record["wall_seconds"] >= record["generate_seconds"]
    assert record["energy"] == {"watt_hours": None, "method": None}


def test_answers_keep_the_run_that_made_them(job, tmp_path):
    some = {key: text for key, text in job.options.script.items() if key[0] != "q1"}
    rows, first = run(with_options(job, script=some), tmp_path)
    rows, second = run(job, tmp_path)
    assert [made["rows"] for made in second["runs"]] == [2, 1]
    assert second["runs"][0]["run"] == first["runs"][0]["run"] == rows[1]["run"]
    assert second["runs"][0]["versions"] == first["versions"]
    assert all(made["ended"] for made in second["runs"])
    rows, third = run(job, tmp_path)
    assert third["runs"] == second["runs"]


def killed(job, tmp_path, monkeypatch, answers=1):
    """A run that ends with an error after this number of answers, which take 0.2 seconds."""
    whole = ScriptedModel.answer

    def dies(self, requests):
        time.sleep(0.2)
        yield from islice(whole(self, requests), answers)
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedModel, "answer", dies)
        with pytest.raises(RuntimeError, match="killed"):
            run(job, tmp_path)


def test_answers_of_a_killed_run_know_their_machine_and_their_share_of_its_clock(
    job, tmp_path, monkeypatch
):
    killed(job, tmp_path, monkeypatch)
    rows, record = run(job, tmp_path)
    assert sorted((made["rows"], made["ended"]) for made in record["runs"]) == [
        (1, False),
        (2, True),
    ]
    assert all(made["machine"]["cores"] >= 1 for made in record["runs"])
    kept = [row for row in rows if row["run"] != record["runs"][-1]["run"]]
    assert len(kept) == 1
    # the model says that it took half a second, and the clock had gone less: all of it is its own
    assert kept[0]["seconds_per_answer"] >= 0.2
    rest = sum(row["seconds_per_answer"] for row in rows if row not in kept)
    assert rest == pytest.approx(record["generate_seconds"])


def test_a_run_killed_after_its_last_answer_still_tells_who_answered(job, tmp_path, monkeypatch):
    killed(job, tmp_path, monkeypatch, answers=3)
    rows, record = run(job, tmp_path)
    assert record["generated"] == 0
    assert [row["answered_as"] for row in rows] == ["one"] * 3
    assert [made["model_report"] for made in record["runs"]] == [{"closed": False}]


def test_no_retriever_in_common_asks_nothing(job, tmp_path):
    rows, _ = run(replace(job, contexts={}), tmp_path)
    assert rows == []


def test_rows_without_an_answer_are_logged(job, tmp_path, caplog):
    run(with_options(job, script={("q1", 1): reply("1")}), tmp_path)
    assert "2 of 3 rows have no answer (2 server_error)" in caplog.text


def test_a_model_that_answers_nothing_has_failed_as_a_job(job, tmp_path):
    with pytest.raises(InputError, match=r"^server_error: no luck; 0 of 3 answers are there"):
        run(with_options(job, script={}), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    assert next_round(job.journal, retry_failed=False) == 1
    rows, record = run(job, tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "abstained"]
    assert record["left_open"] == 0


def test_several_reasons_without_one_answer_fail_the_job_with_the_most_common(
    job, tmp_path, monkeypatch
):
    def refusing(self, requests):
        for request, reason in zip(requests, ("connection", "auth", "auth"), strict=True):
            yield Response(request.key, None, error_class=reason, error=f"no {reason}")

    monkeypatch.setattr(ScriptedModel, "answer", refusing)
    with pytest.raises(InputError, match=r"^auth: no auth; 0 of 3 answers are there"):
        run(job, tmp_path)


def test_a_blank_answer_asked_again_in_vain_fails_a_row_and_not_the_job(job, tmp_path):
    rows, _ = run(with_options(job, retry_on_abstain=1), tmp_path)
    assert [row["status"] for row in rows] == ["answered", "unparsed", "failed"]


def test_a_model_that_loses_requests_is_an_error(job, tmp_path, monkeypatch):
    monkeypatch.setattr(ScriptedModel, "answer", lambda self, requests: iter(()))
    with pytest.raises(RuntimeError, match="gave no response to 3 requests, the first for"):
        run(job, tmp_path)
    assert not (tmp_path / "out.jsonl").exists()


def test_without_a_corpus_the_rows_have_no_retriever(job, tmp_path):
    script = {(f"q{n}", 0): reply(str(n)) for n in (1, 2, 3)}
    rows, _ = run(replace(with_options(job, script=script), contexts=None), tmp_path)
    assert {row["retriever"] for row in rows} == {"none"}
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
        made = RequestKeys(job.options, job.options.fingerprint(), job.task.schema, None)
        maker = RequestMaker(made, job.task, load_prompt(job.prompt))
        request = maker.make(asked, "none", 1, ())
        assert request.messages[-1].images == (str(picture),)
        keys.append(request.key)
    assert keys[0] != keys[1]
    picture.unlink()
    with pytest.raises(InputError, match=r"a.png: no such picture"):
        maker.make(asked, "none", 1, ())


def test_at_the_time_limit_the_journal_keeps_what_is_done(job, tmp_path, monkeypatch):
    answer = ScriptedModel.answer

    def slowly(self, requests):
        for response in answer(self, requests):
            yield response
            time.sleep(0.3)

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedModel, "answer", slowly)
        with pytest.raises(InputError, match=r"timeout_minutes of 0\.0083.*to go on"):
            run(replace(job, timeout_seconds=0.5), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    kept = len(job.journal.read_text().splitlines())
    assert 1 <= kept <= 2
    _, record = run(job, tmp_path)
    assert (record["generated"], record["reused"]) == (3 - kept, kept)


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


def test_a_cut_text_of_a_model_whose_prompt_opens_the_thought_is_no_answer(
    job, tmp_path, monkeypatch
):
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
            yield Response(request.key, reply("1") + "\ud83d")

    monkeypatch.setattr(ScriptedModel, "answer", answer)
    rows, _ = run(job, tmp_path)
    assert {row["status"] for row in rows} == {"answered"}
    assert rows[0]["raw"].endswith("\ufffd")


def failing(error_class):
    """A model whose every request fails."""

    def answer(self, requests):
        for request in requests:
            LOG.append(request.question.id)
            yield Response(request.key, None, error_class=error_class, error="no")

    return answer


@pytest.mark.parametrize("error_class", ["auth", "not_found", "connection", "quota"])
def test_a_model_that_fails_in_every_row_for_one_reason_fails_the_job(
    job, tmp_path, monkeypatch, error_class
):
    monkeypatch.setattr(ScriptedModel, "answer", failing(error_class))
    for kept in (False, True):
        with pytest.raises(InputError, match=f"^{error_class}: no; 0 of 3 answers are there"):
            run(replace(job, keep_failed=kept), tmp_path)
    assert not (tmp_path / "out.jsonl").exists()
    assert last_round(job.journal).open is None


def test_a_round_that_asks_again_keeps_what_lasts(job, tmp_path):
    rows, record = run(with_options(job, script={("q1", 1): reply("1")}), tmp_path)
    assert record["left_open"] == 2
    assert next_round(job.journal, retry_failed=True) == 1
    written = [json.loads(line) for line in job.journal.read_text().splitlines()]
    written[0]["response"]["error_class"] = "context_too_long"
    job.journal.unlink()
    with open_journal(job.journal) as journal:
        for line in written:
            del line["crc32"]
            journal.append(TypeAdapter(Entry).validate_python(line))
    LOG.clear()
    rows, record = run(replace(job, round=1), tmp_path)
    assert LOG.count("q2") + LOG.count("q3") == 1
    assert sorted(row["error_class"] or "" for row in rows) == ["", "", "context_too_long"]
    assert next_round(job.journal, retry_failed=True) == 1


def test_warming_up_is_not_on_the_clock(job, tmp_path, monkeypatch):
    whole = ScriptedModel.answer

    def slowly(self, requests):
        self.warm_up_seconds = 0.0
        time.sleep(0.3)
        self.warm_up_seconds = 0.3
        yield from whole(self, requests)

    monkeypatch.setattr(ScriptedModel, "answer", slowly)
    monkeypatch.setattr(ScriptedModel, "warm_up_seconds", 0.0, raising=False)
    rows, record = run(job, tmp_path)
    assert record["warm_up_seconds"] == pytest.approx(0.3)
    assert record["wall_seconds"] >= 0.3
    assert record["generate_seconds"] == pytest.approx(
        sum(row["seconds_per_answer"] for row in rows)
    )
    assert record["generate_seconds"] < record["wall_seconds"] - 0.29


def test_the_record_has_other_work_on_the_machine(job, tmp_path, monkeypatch):
    _, record = run(job, tmp_path)
    assert record["other_work"]["watched_seconds"] > 0
    assert record["other_work"]["cores"] >= 0
    # too short to tell
    assert record["measured_alone"] is record["runs"][0]["measured_alone"] is None


@pytest.mark.parametrize(
    ("in_process", "local", "told"),
    [(True, True, False), (False, False, False), (False, True, None)],
)
def test_a_server_on_this_machine_is_not_the_work_of_others(
    job, tmp_path, monkeypatch, in_process, local, told
):
    from modellab.models.other_work import OtherWork

    monkeypatch.setattr(OtherWork, "alone", property(lambda self: False))
    monkeypatch.setattr(ScriptedOptions, "in_process", in_process)
    _, record = run(with_options(job, local=local), tmp_path)
    assert record["measured_alone"] is told


def test_a_batch_is_noted_beside_the_journal_before_its_answers(job, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_KEY", "k")
    with serving_batches(["in_progress", "completed"]) as server:
        options = OpenAIOptions(
            provider="openai",
            model="m",
            base_url=server.url,
            api_key_env="TEST_KEY",
            wait_seconds=0.1,
            batch=True,
            batch_pause_seconds=0.01,
        )
        noted = tmp_path / "journal.under_way.json"

        def kill(_):
            assert json.loads(noted.read_text())[0]["id"] == "batch_1"
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("modellab.models.asking.batches.time.sleep", kill)
            with pytest.raises(KeyboardInterrupt):
                run(replace(job, options=options), tmp_path)
        rows, record = run(replace(job, options=options), tmp_path)
    assert list(server.batches) == ["batch_1"]
    assert len(server.chats) == 1
    assert [row["method"] for row in rows] == [None, "batch", "batch"]
    assert [one["id"] for one in record["model_report"]["batches"]] == ["batch_1"]
