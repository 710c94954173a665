"""What a run would ask, by hand: 2 questions, with 5 passages and with none, two answers each."""

from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from modellab.config.loading import load_config
from modellab.core.io.journal import JournalEntry, open_journal
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.project import PROJECT
from modellab.core.records import Context, Passage, Question, Response
from modellab.generation.requests import RequestKeys, RequestMaker
from modellab.models.prompts import load_prompt
from modellab.workflow.cli.app import app
from modellab.workflow.dry_run import FOLLOWS, WaitingJob
from modellab.workflow.estimate import estimate_run

CONFIG = """\
corpora: {notes: {path: notes, chunking: {max_words: 10}}}
datasets: {quiz: {corpus: notes, questions: quiz.csv, task: open_qa, prompt: own.jinja}}
retrievers:
  bm25: {kind: bm25, top_k: 5}
  none: {kind: none}
models:
  words: {provider: extractive}
  gpt:
    provider: litellm
    model: openai/made-up
    api_key_env: KEY
    prices: prices.yaml
    repeats: 2
    max_new_tokens: 30
judges:
  strict: {kind: rubric, model: gpt, models: [words], metrics: [correctness, relevance]}
"""
PRICES = "as_of: '2026-01-01'\nprices: {openai/made-up: {input: 1.0, output: 10.0}}\n"


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "k")
    Path("notes").mkdir()
    Path("notes/a.txt").write_text("It used 5 MWh.")
    # 8 bytes each
    Path("quiz.csv").write_text("question,answer\nHow much,5\nHow long,6\n")
    # 40 bytes
    Path("own.jinja").write_text("{% block user %}{{ q }}{% endblock %}".ljust(40))
    Path("prices.yaml").write_text(PRICES)
    Path("config.yaml").write_text(CONFIG)
    return tmp_path


def test_calls_tokens_and_dollars(bench):
    gpt, judge = estimate_run(load_config("config.yaml"), PROJECT)
    assert (gpt.dataset, gpt.name, gpt.rows, gpt.in_journal, gpt.calls) == ("quiz", "gpt", 8, 0, 8)
    # with passages 40 + 8 + 5 * 10 * 6 bytes, without 48; four of each; four bytes in a token
    assert gpt.prompt_tokens == (4 * 348 + 4 * 48) / 4
    assert gpt.output_tokens == 240
    assert gpt.cost_usd == pytest.approx((396 * 1.0 + 240 * 10.0) / 1e6)
    # two metrics of four answers; the extractive model is asked nothing
    assert (judge.name, judge.calls) == ("strict", 8)


def test_a_batch_costs_half(bench):
    text = CONFIG.replace("repeats: 2", "repeats: 2\n    batch: true")
    text = text.replace("litellm", "openai").replace("model: openai/", "model: ")
    Path("config.yaml").write_text(text)
    gpt, _ = estimate_run(load_config("config.yaml"), PROJECT)
    assert gpt.cost_usd == pytest.approx((396 * 1.0 + 240 * 10.0) / 1e6 / 2)


def test_journals_of_shards_count(bench):
    folder = Path("results/quiz/journal/gpt")
    for shard, key in (("1-of-2", "a"), ("2-of-2", "b"), ("1-of-3", "a")):
        with open_journal(folder / f"{shard}.jsonl") as journal:
            journal.append(JournalEntry("q", "bm25", 1, Response(key, "5")))
    gpt, _ = estimate_run(load_config("config.yaml"), PROJECT)
    assert (gpt.rows, gpt.in_journal, gpt.calls) == (8, 2, 6)


@pytest.fixture
def answered(bench):
    """All 8 rows are answered by 6 requests, as bm25 found nothing for the second question."""
    Path("own.jinja").write_text("{% block user %}{{ question }} {{ passages }}{% endblock %}")
    config, folder = load_config("config.yaml"), Path("results/quiz")
    gpt, task = config.models["gpt"], config.datasets["quiz"].task
    keys = RequestKeys(gpt, gpt.fingerprint(), task.answer_schema, None)
    maker = RequestMaker(keys, task, load_prompt(Path("own.jinja")))
    questions = [Question(*one, {}, {}, ()) for one in (("1", "How much"), ("2", "How long"))]
    passages = {("bm25", "1"): (Passage("a#1", "a", 1, 1.0, "It used 5 MWh.", "a"),)}
    write_rows(folder / "questions.jsonl", questions)
    with open_journal(folder / "journal/gpt.jsonl") as journal:
        for name in ("bm25", "none"):
            found = [Context(q.id, name, passages.get((name, q.id), ())) for q in questions]
            write_rows(folder / f"contexts/{name}.jsonl", found)
            for question, context, repeat in product(questions, found, (1, 2)):
                if question.id == context.question_id:
                    key = maker.make(question, name, repeat, context.passages).key
                    journal.append(JournalEntry(question.id, name, repeat, Response(key, "5")))


PREDICTIONS, QUESTIONS = "results/quiz/predictions/gpt.jsonl", "results/quiz/questions.jsonl"


@pytest.mark.parametrize(
    ("change", "jobs", "calls"),
    [
        # nothing to do
        ({}, {}, 0),
        # a question between the two: its two passages, unknown and none, are asked twice each
        ({"quiz.csv": "question,answer\nHow much,5\nNew,7\nHow long,6\n"}, {}, 4),
        # other passages: those of bm25 are not known, so its four rows may be asked
        ({}, {"results/quiz/contexts/bm25.jsonl": "options changed"}, 4),
        # another prompt: 3 requests, twice each
        (
            {"own.jinja": "{% block user %}Please: {{ question }} {{ passages }}{% endblock %}"},
            {},
            6,
        ),
    ],
)
def test_answers_count_only_where_they_are_of_the_same_request(answered, change, jobs, calls):
    for name, text in change.items():
        Path(name).write_text(text)
    jobs = jobs or ({PREDICTIONS: "prompt changed", QUESTIONS: "changed"} if change else {})
    waiting = {path: WaitingJob("", path, reason) for path, reason in jobs.items()}
    if jobs:
        waiting[PREDICTIONS] = WaitingJob("", PREDICTIONS, "changed")
    if QUESTIONS in jobs:
        for name in ("bm25", "none"):
            path = f"results/quiz/contexts/{name}.jsonl"
            waiting[path] = WaitingJob("", path, f"{FOLLOWS}: {QUESTIONS}")
    gpt, _ = estimate_run(load_config("config.yaml"), PROJECT, waiting)
    assert gpt.calls == calls


def test_the_command_sums_up(bench):
    done = CliRunner().invoke(app, ["plan"])
    assert done.exit_code == 0, done.output
    assert "quiz: gpt: 8 calls (0 of 8 in the journal)" in done.output
    assert "total at most: 2 jobs ask a model, 16 calls" in done.output
    assert "time, one job after the other: unknown\n" in done.output


def test_rounds_are_a_range(bench):
    text = CONFIG.replace("prompt: own", "adaptive: {rounds: 4, budget_usd: 2}, prompt: own")
    Path("config.yaml").write_text(text)
    gpt, judge = estimate_run(load_config("config.yaml"), PROJECT)
    assert (gpt.least_calls, gpt.calls, judge.least_calls) == (2, 8, 2)
    said = CliRunner().invoke(app, ["plan"]).output
    assert "quiz is asked in up to 4 rounds" in said
    assert "4 to 16 calls" in said
    assert "a budget of 2 USD" in said


def test_hours_and_energy_are_at_the_pace_of_earlier_answers(bench):
    gpt, judge = estimate_run(load_config("config.yaml"), PROJECT)
    assert (gpt.hours, gpt.kwh) == (None, None)
    run = {"generated": 4, "generate_seconds": 20.0, "energy": {"watt_hours": 2.0}}
    killed = {"ended": False}  # its pace is not known
    write_json(Path("results/quiz/journal/gpt.runs.json"), {"one": run, "two": killed})
    slow = {**run, "generate_seconds": 40.0, "energy": {"watt_hours": None}}
    write_json(Path("results/smoke/quiz/journal/judges/strict.runs.json"), {"one": slow})
    gpt, judge = estimate_run(load_config("config.yaml"), PROJECT)
    assert gpt.hours == pytest.approx(8 * 5 / 3600)
    assert gpt.kwh == pytest.approx(8 * 0.5 / 1000)
    assert judge.hours == pytest.approx(8 * 10 / 3600)
    assert judge.kwh is None
    said = CliRunner().invoke(app, ["plan"]).output
    assert "energy of GPUs: 0.0040 kWh, without 1 of 2 jobs" in said
