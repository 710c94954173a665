"""Synthesis with models whose replies are known: which questions are kept and refused, and why."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import served_models

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Chunk, Response
from modellab.generation.synthesis.making import SynthesisJob, synthesize
from modellab.generation.synthesis.options import QuestionKind, SynthesisOptions
from modellab.models.chat import ChatOptions
from modellab.models.protocol import Model
from modellab.questions import parse_format

PROMPTS = Path(__file__).parents[3] / "resources" / "prompts" / "synthesis"
MEENA = "Google trained the chat model Meena for 30 days, and it needed 232 MWh of electricity."
GPT = "Training the model GPT-3 used 1,287 MWh of electricity, more than any model before it."
CHUNKS = [Chunk("a#1", "a", 0, MEENA, "Notes"), Chunk("b#1", "b", 0, GPT, "More")]
SILENT = "The documents do not say."
LOG = []


class KnownOptions(ChatOptions):
    """Its reply is made by the function `replies[name]` of its messages' text."""

    provider: str = "known"
    name: str

    def fingerprint(self):
        return {"name": self.name}

    @contextmanager
    def open(self, seed, answer_schema):
        LOG.append(f"open {self.name}")
        yield KnownModel(REPLIES[self.name])


class KnownModel(Model):
    def __init__(self, reply):
        self.reply = reply

    def answer(self, requests):
        for request in requests:
            text = self.reply("\n".join(message.content for message in request.messages))
            failed = {"error_class": "server_error", "error": "no luck"} if text is None else {}
            yield Response(request.key, text, **failed)


REPLIES = {}


def made(question, answer, *evidence):
    rows = [{"question": question, "answer": answer, "evidence": list(evidence)}]
    return json.dumps({"questions": rows})


def reader(text):
    """A checker that only knows the passages."""
    if MEENA in text and "Meena" in text.split("Question:")[1]:
        return "for 30 days"
    return "1287 MWh" if GPT in text and "GPT-3" in text.split("Question:")[1] else SILENT


def maker(text):
    if MEENA in text:
        return made("For how long did Google train Meena?", "30 days", MEENA)
    return made("How much electricity did training GPT-3 use?", "1,287 MWh", GPT)


@pytest.fixture
def job(tmp_path):
    LOG.clear()
    REPLIES.clear()
    REPLIES.update(model=maker, check=reader)
    write_rows(tmp_path / "chunks.jsonl", CHUNKS)
    options = SynthesisOptions(corpus="c", model="model", checkers=["check"], min_words=5)
    return SynthesisJob(
        synthesis="syn",
        options=options,
        models={name: KnownOptions(name=name) for name in ("model", "check")},
        chunks=tmp_path / "chunks.jsonl",
        prompts={path.stem: path for path in PROMPTS.glob("*.jinja")},
        journal=tmp_path / "journal",
        seed=3,
    )


def run(job, **changes):
    job = replace(job, options=job.options.model_copy(update=changes))
    out = job.chunks.parent / "out"
    synthesize(job, out)
    return [
        [json.loads(line) for line in (out / name).read_text().splitlines()]
        for name in ("questions.jsonl", "rejections.jsonl")
    ]


def reasons(rejections):
    return [row["reason"] for row in rejections]


def test_questions_come_with_receipts(job):
    kept, rejections = run(job)
    assert rejections == []
    by_chunk = {row["relevant_chunks"][0]: row for row in kept}
    row = by_chunk["a#1"]
    assert (row["question"], row["answer"]) == ("For how long did Google train Meena?", "30 days")
    receipts = row["receipts"]
    assert receipts["chunks"] == [{"id": "a#1", "text": MEENA}]
    assert (receipts["kind"], receipts["attempt"]) == ("single_hop_specific", 1)
    assert receipts["model"]["name"] == "model"
    assert len(receipts["model"]["prompt"]) == len(receipts["model"]["fingerprint"]) == 64
    assert [checker["name"] for checker in receipts["checkers"]] == ["check"]


def test_a_dataset_reads_them(job):
    run(job)
    found = parse_format("jsonl").read(job.chunks.parent / "out" / "questions.jsonl")
    assert {q.reference["answer"] for q in found} == {"30 days", "1,287 MWh"}
    assert {q.tags for q in found} == {("single_hop_specific",)}


def test_a_writer_behind_a_server_that_the_job_starts_and_ends(job, tmp_path):
    weights, pids = tmp_path / "model.gguf", tmp_path / "pids"
    weights.write_bytes(b"GGUF weights")
    writer = served_models.options(weights, "--text", maker(MEENA), "--pids", str(pids))
    kept, rejections = run(replace(job, models={**job.models, "model": writer}))
    assert [(row["question"], row["relevant_chunks"]) for row in kept] == [
        ("For how long did Google train Meena?", ["a#1"])
    ]
    # it says the same of the other chunk
    assert set(reasons(rejections)) == {"answer_not_in_chunk"}
    assert not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split())


def test_a_second_run_sends_no_request_and_writes_the_same(job):
    first = run(job)
    data = (job.chunks.parent / "out" / "questions.jsonl").read_bytes()
    LOG.clear()
    assert run(job) == first
    assert LOG == []
    assert (job.chunks.parent / "out" / "questions.jsonl").read_bytes() == data


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I cannot.", "malformed"),
        (made("Why?", "30 days", MEENA), "malformed"),
        (made("Wie lange hat Google das Modell trainiert?", "30 days", MEENA), "wrong_language"),
        (made("What does the passage say of Meena?", "30 days", MEENA), "leaks_title"),
        (made("For how long did Meena train?", "31 days", MEENA), "answer_not_in_chunk"),
        (made("For how long did Meena train?", "30 days", "For 30 years."), "answer_not_in_chunk"),
        (made("For how long did Meena train?", "30 days"), "answer_not_in_chunk"),
        (made("Who trained the chat model for so long?", "Google", MEENA), "not_answerable"),
        (made("How much did Meena need?", "232 MWh", MEENA), "another_answer"),
        (None, "model_failed"),
    ],
)
def test_what_is_refused(job, reply, reason):
    REPLIES["model"] = lambda text: reply if MEENA in text else maker(text)
    kept, rejections = run(job, attempts=1, language="en")
    assert [row["relevant_chunks"] for row in kept] == [["b#1"]]
    assert reasons(rejections) == [reason]
    assert rejections[0]["chunks"] == ["a#1"]


def test_what_a_checker_knows_anyway_is_refused(job):
    REPLIES["check"] = lambda text: "30 days" if "Meena" in text else reader(text)
    _, rejections = run(job, attempts=1)
    assert reasons(rejections) == ["answerable_without"]


def test_a_checker_that_fails_is_no_verdict(job):
    REPLIES["check"] = lambda text: None if "Meena" in text else reader(text)
    _, rejections = run(job, attempts=1)
    assert reasons(rejections) == ["check_failed"]


def test_a_refused_question_is_reported_and_asked_again(job):
    def second_time(text):
        bad = made("How long did the passage say?", "30 days", MEENA)
        return bad if MEENA in text and "leaks title" not in text else maker(text)

    REPLIES["model"] = second_time
    kept, rejections = run(job)
    assert reasons(rejections) == ["leaks_title"]
    assert {row["receipts"]["attempt"] for row in kept} == {1, 2}


def test_attempts_are_bounded(job):
    REPLIES["model"] = lambda text: "no" if MEENA in text else maker(text)
    kept, rejections = run(job, attempts=3)
    assert (len(kept), reasons(rejections)) == (1, ["malformed"] * 3)


def test_doubles_and_more_than_were_asked_for(job):
    def twice(text):
        return made("How much electricity did training GPT-3 use?", "1,287 MWh", GPT)

    chunks = [*CHUNKS[1:], Chunk("c#1", "c", 0, GPT, "Copy")]
    write_rows(job.chunks, chunks)
    REPLIES["model"] = twice
    kept, rejections = run(job, attempts=1)
    assert (len(kept), reasons(rejections)) == (1, ["duplicate"])
    rows = 2 * json.loads(twice(""))["questions"]
    REPLIES["model"] = lambda text: json.dumps(rows)
    write_rows(job.chunks, CHUNKS[1:])
    _, rejections = run(
        replace(job, journal=job.chunks.parent / "elsewhere" / "journal"), attempts=1
    )
    assert reasons(rejections) == ["surplus"]


def test_two_chunks_must_both_be_needed(job):
    question = "Which of Meena and GPT-3 needed more electricity?"
    REPLIES["model"] = lambda text: made(question, "GPT-3", MEENA, GPT)
    REPLIES["check"] = lambda text: "GPT-3" if MEENA in text and GPT in text else SILENT
    kept, rejections = run(job, kinds=(QuestionKind.COMPARISON,))
    assert [sorted(row["relevant_chunks"]) for row in kept] == [["a#1", "b#1"]]
    assert rejections == []
    REPLIES["check"] = lambda text: "GPT-3" if GPT in text else SILENT
    with pytest.raises(InputError, match=r"no question is left of 1 sources .*one_chunk_enough"):
        run(
            replace(job, journal=job.chunks.parent / "elsewhere" / "journal"),
            kinds=(QuestionKind.COMPARISON,),
            attempts=1,
        )


WHY = "Why does training chat models take much electricity?"
BECAUSE = "Training goes on for a month, and larger models need more energy than earlier ones."


@pytest.mark.parametrize(
    ("kind", "says", "reason"),
    [
        (QuestionKind.SINGLE_HOP_ABSTRACT, {"all": "Yes."}, None),
        (QuestionKind.SINGLE_HOP_ABSTRACT, {"all": "no"}, "not_supported"),
        (QuestionKind.SINGLE_HOP_ABSTRACT, {"all": "maybe"}, "check_failed"),
        (QuestionKind.MULTI_HOP_ABSTRACT, {"all": "yes", "one": "no"}, None),
        (QuestionKind.MULTI_HOP_ABSTRACT, {"all": "yes", "one": "yes"}, "one_chunk_enough"),
        (
            QuestionKind.MULTI_HOP_ABSTRACT,
            {"all": "yes", "one": "no", "none": BECAUSE},
            "answerable_without",
        ),
    ],
)
def test_whether_an_abstract_answer_follows_is_asked(job, kind, says, reason):
    """Its words need not be those of the chunks, nor those of a checker."""

    def checker(text):
        if f"Answer: {BECAUSE}" not in text:
            return says.get("none", SILENT)
        whole = kind is QuestionKind.SINGLE_HOP_ABSTRACT or (MEENA in text and GPT in text)
        return says["all" if whole else "one"]

    quotes = (MEENA, GPT) if kind.several_chunks else None
    REPLIES["model"] = lambda text: made(
        WHY, BECAUSE, *(quotes or [MEENA if MEENA in text else GPT])
    )
    REPLIES["check"] = checker
    if reason:
        with pytest.raises(InputError, match=reason):
            run(job, kinds=(kind,), attempts=1)
        return
    kept, rejections = run(job, kinds=(kind,), attempts=1)
    assert {row["answer"] for row in kept} == {BECAUSE}
    assert {row["groups"][0] for row in kept} == {kind.value}
    # the same question of the other chunk is a duplicate
    assert set(reasons(rejections)) <= {"duplicate"}
    assert kept[0]["receipts"]["checkers"][0]["prompt"] != kept[0]["receipts"]["model"]["prompt"]


def test_an_unanswerable_question_has_no_answer(job):
    REPLIES["model"] = lambda text: made(
        "Who paid for it?" if MEENA in text else "What did training GPT-3 use?", ""
    )
    kept, rejections = run(job, kinds=(QuestionKind.UNANSWERABLE,), attempts=1)
    assert reasons(rejections) == ["answerable"]
    assert [(row["answer"], row["relevant_chunks"]) for row in kept] == [(SILENT, [])]
    assert kept[0]["groups"] == ["unanswerable"]


def test_the_yield_counts_everything(job):
    REPLIES["model"] = lambda text: "no" if MEENA in text else maker(text)
    run(job, attempts=1)
    rows = read_csv(job.chunks.parent / "out" / "yield.csv").rows
    assert [(row["outcome"], row["questions"], row["share"]) for row in rows] == [
        ("sources", "2", ""),
        ("kept", "1", "0.5"),
        ("malformed", "1", "0.5"),
    ]


def test_nothing_left_and_nothing_to_start_from(job):
    REPLIES["model"] = lambda text: "no"
    with pytest.raises(InputError, match=r"no question is left of 2 sources \(4 malformed; the"):
        run(job)
    with pytest.raises(InputError, match="no chunk has 90 words"):
        run(job, min_words=90)


def test_a_model_that_answers_nothing_ends_the_job_and_one_that_did_before_does_not(job):
    REPLIES["model"] = lambda text: None
    with pytest.raises(InputError, match="server_error: no luck; 0 of 2 answers"):
        run(job)
    replies = iter([maker(GPT), "no", None])
    REPLIES["model"] = lambda text: next(replies)
    _, refused = run(job, attempts=2)
    assert sorted(reasons(refused)) == ["malformed", "model_failed"]


def test_models_written_there_count_by_their_place():
    """Options of models decide the cache key."""
    own = {"corpus": "notes", "prompts": "mine", "chunks": 7}
    base = {"provider": "litellm", "model": "openai/a"}
    there = SynthesisOptions(**own, model=base, checkers=["b", {**base, "timeout_minutes": 3}])
    named = SynthesisOptions(**own, model="model", checkers=["b", "checker-2"])
    assert there.cache_key_fields() == named.cache_key_fields()
    assert (there.cache_key_fields()["chunks"], "prompts" in there.cache_key_fields()) == (7, False)
    assert list(SynthesisOptions(**there.cache_key_fields()).models()) == list(there.models())
