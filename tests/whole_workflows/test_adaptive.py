"""A dataset that is asked in rounds: killed, it ends as the full run does, with fewer calls."""

import json
import random
from collections import Counter

import fault_server
import pytest

from modellab.reporting.page.page import write_report
from modellab.reporting.page.results import DatasetResults
from modellab.tasks import parse_task

pytestmark = pytest.mark.workflow
COUNT = 48
#: shares of right answers; the second is beaten later than the last
SKILLS = {"sub0": 1.0, "sub1": 0.65, "sub3": 0.2}
CONFIG = """\
seed: 1
datasets:
  quiz: {{questions: quiz.csv{adaptive}}}
models:
{models}
  tiny: {{provider: extractive}}
judges:
  strict:
    kind: rubric
    metrics: [correctness]
    models: [sub0, sub3, tiny]
    model: {{provider: litellm, model: openai/judge, base_url_env: TEST_URL}}
plots: [overall_scores]
"""
ADAPTIVE = ", adaptive: {rounds: 4}"
JUDGED = ("sub0", "sub3", "tiny")
LEADERBOARD = "results/quiz/leaderboard.csv"
JUDGEMENTS = "results/quiz/judgements/strict.jsonl"
TARGETS = (LEADERBOARD, JUDGEMENTS)


@pytest.fixture(scope="module")
def contest(new_project, tmp_path_factory):
    """Three submissions from very good to bad, and a reader that has nothing to read."""
    project = new_project(tmp_path_factory.mktemp("adaptive") / "project")
    draw = random.Random(1)
    questions = ["id,question,answer,answer_value,answer_unit,ref_id,explanation,Quote,is_NA"]
    truth = ["is_blank" if n % 12 == 0 else str(n + 1) for n in range(COUNT)]
    for n, value in enumerate(truth):
        source = "is_blank" if value == "is_blank" else "['gpt']"
        kinds = f"{int(value != 'is_blank')},{int(value == 'is_blank')}"
        questions.append(f"q{n:02},How much did thing {n} use?,x,{value},MWh,{source},x,{kinds}")
    project.path("quiz.csv").write_text("\n".join(questions) + "\n")
    for name, skill in SKILLS.items():
        rows = [
            f"q{n:02},{value if draw.random() < skill else 9999},gpt,x"
            for n, value in enumerate(truth)
        ]
        text = "\n".join(["id,answer_value,ref_id,explanation", *rows])
        project.path(f"{name}.csv").write_text(text + "\n")
    return project


def configure(project, adaptive):
    models = (f"  {name}: {{provider: submission, path: {name}.csv}}" for name in SKILLS)
    text = CONFIG.format(adaptive=adaptive, models="\n".join(models))
    project.path("config.yaml").write_text(text)


def journals(project):
    """The keys of all answers of the readers, in the order of the journals."""
    folder = project.path("results/quiz/journal")
    files = [
        path for path in folder.rglob("*.jsonl") if path.relative_to(folder).parts[0][0] == "t"
    ]
    lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    return [(line["response"]["key"], line["response"]["run"]) for line in lines]


@pytest.fixture
def judged(monkeypatch):
    """The bodies of the requests to the judge."""
    bodies = []

    def play(body, number):
        bodies.append(body)
        return fault_server.good('{"score": 4}')

    with fault_server.serving(play) as server:
        monkeypatch.setenv("TEST_URL", server.url)
        yield bodies


def answers(project, model):
    rows = project.rows(f"results/quiz/predictions/{model}.jsonl")
    return [row for row in rows if row["status"] in ("answered", "abstained")]


def test_killed_in_a_round_it_ends_as_the_full_run(contest, judged):
    configure(contest, ADAPTIVE)
    contest.kill_when(contest.path("results/quiz/rounds/2.json").exists, *TARGETS)
    run = contest.run(*TARGETS)
    assert run.code == 0, run.text
    verdict = contest.json("results/quiz/verdict.json")
    rounds = contest.path("results/quiz/rounds").glob("*.json")
    last = contest.json(max(rounds, key=lambda path: int(path.stem)))
    assert (last["ended"], last["last"]) == ("decided", True)
    assert last["asked"] < COUNT
    assert f"Decided after {last['asked']} of {COUNT} questions" in verdict["text"]
    assert verdict["text"] in " ".join(run.text.split())
    results = DatasetResults(contest.path("results/quiz"), (*SKILLS, "tiny"))
    write_report(results, parse_task("wattbot"), contest.path("report"))
    page = contest.path("report/index.html").read_text()
    assert "beaten early" in page
    assert f"{last['asked']} of {COUNT}" in page
    asked = journals(contest)
    assert len({key for key, _ in asked}) == len(asked)

    # judges judge the answers that are there; equal ones of two models once
    counts = {m: len(answers(contest, m)) for m in JUDGED}
    assert 0 < counts["sub3"] < counts["sub0"] < COUNT
    assert max(counts.values()) <= len(judged) <= sum(counts.values())
    scored = [row["model"] for row in contest.rows(JUDGEMENTS) if row["state"] == "scored"]
    assert Counter(scored) == Counter(counts)

    again = contest.run(*TARGETS, "-n")
    assert not again.jobs(), again.text

    configure(contest, "")
    full = contest.run(LEADERBOARD)
    assert full.code == 0, full.text
    whole = contest.json("results/quiz/verdict.json")
    assert (whole["kind"], whole["best"]) == ("winner", ["sub0"])
    assert {key: verdict[key] for key in ("kind", "best", "may_be_best")} == {
        key: whole[key] for key in ("kind", "best", "may_be_best")
    }
    everything = journals(contest)
    runs = {run for _, run in asked}
    # what the rounds have asked is taken over, not asked again
    assert len({key for key, _ in everything}) > len(asked)
    assert len({key for key, run in everything if run not in runs} & {key for key, _ in asked}) == 0
