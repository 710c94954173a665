"""Failures of many kinds in one run: one line each, no other job stops, the next run does the rest.

Kills are in test_chaos.py and test_adaptive.py.
"""

import json
import re
from collections import Counter

import fault_server
import pytest
import yaml
from served_models import entry
from started_snakemake import StartedSnakemake

pytestmark = pytest.mark.workflow
FOLDER = "results/quiz"
TABLES = [f"{FOLDER}/leaderboard.csv", f"{FOLDER}/matrix.csv"]
PLOT = f"{FOLDER}/plots/overall_ranking.png"
JUDGEMENTS = {name: f"{FOLDER}/judgements/{name}.jsonl" for name in ("strict", "local")}
MADE = "results/synthesis/made/questions.jsonl"
ANSWER = json.dumps({"answer_value": "232", "ref_id": ["meena"], "score": 4})
GPUS = ("--resources", "gpu=3")
FAILING = ("api", "keyless", "large", "own", "tiny")


class Server:
    """Answers as models and as a judge, fails as `broken` says, and counts requests by model."""

    def __init__(self):
        self.broken, self.asked = {}, Counter()

    def __call__(self, body, number):
        model = body["model"]
        self.asked[model] += 1
        broken = self.broken.get(model, lambda *_: None)
        return broken(self.asked[model], body) or fault_server.good(ANSWER)

    def count(self):
        found, self.asked = dict(self.asked), Counter()
        return found


def api(model, **keys):
    limits = {"max_retries": 0, "max_concurrent": 1}
    return {"provider": "openai", "model": model, "base_url_env": "TEST_URL", **limits, **keys}


def config(project):
    """Each model but `plain`, `words` and the ensemble fails in a different way."""
    weights = project.path("model.gguf")
    weights.write_bytes(b"GGUF weights")
    dying = ["--die-after", project.path("lives"), "--bodies", project.path("bodies")]
    random = {"provider": "transformers", "model": "weights", "max_new_tokens": 4}
    models = {
        "api": api("m"),
        "sharded": api("s", shards=3),
        "own": entry(weights, *map(str, dying), "--text", ANSWER, gpus=1, max_concurrent=1),
        "tiny": {**random, "model": "notes", "device": "cpu"},
        "large": {**random, "gpus": 3},
        "keyless": {"provider": "litellm", "model": "openai/m", "api_key_env": "UNSET_KEY"},
        "plain": {"provider": "extractive", "match": "words", "threshold": 0.2},
        "words": {"provider": "extractive", "shards": 2},
        "votes": {"provider": "ensemble", "members": ["sharded", "words"]},
    }
    judge = {"kind": "rubric", "metrics": ["correctness"]}
    writer = {**random, "timeout_minutes": 0.003, "slots_per_gpu": 3}
    return {
        "corpora": {"notes": {"path": "notes"}},
        "datasets": {"quiz": {"corpus": "notes", "questions": "quiz.csv"}},
        "retrievers": {"bm25": {"kind": "bm25", "top_k": 2}},
        "models": models,
        "judges": {
            "strict": {**judge, "model": api("judge"), "models": ["api"]},
            "local": {**judge, "model": entry(weights, "--text", ANSWER), "models": ["own"]},
        },
        "synthesize": {"made": {"corpus": "notes", "model": writer, "checkers": ["api"]}},
        "plots": ["overall_ranking"],
    }


@pytest.fixture(scope="module")
def server():
    play = Server()
    with fault_server.serving(play) as running:
        play.url = running.url
        yield play


@pytest.fixture(scope="module")
def project(new_project, tmp_path_factory, server):
    folder = tmp_path_factory.mktemp("failures")
    project = new_project(folder / "project")
    project.edit("quiz.csv", "['pue']", "\"['pue','nowhere']\"")
    project.path("config.yaml").write_text(yaml.safe_dump(config(project)))
    with pytest.MonkeyPatch.context() as env:
        env.setenv("NO_PROXY", "127.0.0.1")
        env.setenv("TEST_URL", server.url)
        env.setenv("MODELLAB_GPUS", "fake0,fake1")
        env.setenv("MODELLAB_GPU_FOLDER", str(folder / "locks"))
        yield project


def statuses(project, model):
    return Counter(row["status"] for row in project.rows(f"{FOLDER}/predictions/{model}.jsonl"))


@pytest.fixture(scope="module")
def failed(project, server):
    """The first run: a quota that ends, a server that dies, weights, a key and GPUs that lack."""
    project.path("lives").write_text("4")
    server.broken = {
        "m": lambda number, _: fault_server.bad(402, "no balance") if number > 2 else None,
        "s": lambda _, body: (
            fault_server.bad(500) if "did training Meena need" in str(body) else None
        ),
    }
    run = project.run(*TABLES, PLOT, MADE, *GPUS)
    assert run.code == 1
    assert server.count() == {"m": 3, "s": 6}
    return run


def test_each_failure_is_one_line_and_stops_no_other_job(project, failed):
    lines = {
        match[1]: line
        for line in failed.text.splitlines()
        if (match := re.match(r"FAILED results/\w+/(?:predictions/)?(\w+)[./]", line))
    }
    assert set(lines) == {*FAILING, "made"}
    for name, reasons in {
        "api": ("no balance", "2 of 6 answers exist and are kept"),
        "own": ("connection: the server ended (by SIGKILL)", "4 of 6 answers exist and are kept"),
        "tiny": (
            "predictions/tiny.jsonl: notes: not a model folder (it has no config.json) "
            "(log: results/logs/predictions/quiz/tiny.log)",
        ),
        "keyless": ("the environment variable UNSET_KEY is not set",),
        "large": ("needs 3 GPUs, but the pool has 2: fake0, fake1",),
        # seconds are whole
        "made": ("stopped after its timeout_minutes of 0.0166667",),
    }.items():
        assert [reason for reason in reasons if reason not in lines[name]] == []
    assert "CUDA out of memory" in failed.text
    assert failed.jobs()["synthesize_gpu"] == 1
    made = {path.stem for path in project.path(f"{FOLDER}/predictions").glob("*.jsonl")}
    assert made == {"plain", "words", "sharded", "votes"}
    assert statuses(project, "sharded") == {"answered": 5, "failed": 1}
    assert not project.path(TABLES[0]).exists()


def test_the_end_of_the_run_names_every_model(failed):
    assert "models: 4 done, 5 failed, of 9" in failed.text
    assert re.search(r"quiz +│ tiny +│ FAILED +│ +- │ +- │ notes: not a model folder", failed.text)
    assert re.search(r"quiz +│ plain +│ done +│ +[0-9.]+ │ +[01][.][0-9]+ │ \w+", failed.text)


def test_warnings_of_jobs_reach_the_terminal(failed):
    assert "questions refer to what the corpus does not have: q3 (quiz.csv:4): " in failed.text
    assert "document 'nowhere'" in failed.text


def test_the_answers_that_are_there_are_compared_as_partial(project, server, failed):
    run = project.run(*TABLES, PLOT, *GPUS, "--config", "partial=true")
    assert run.code == 0, run.text
    assert not [rule for rule in run.jobs() if rule.startswith("predictions")]
    assert server.count() == {}
    assert f"PARTIAL quiz: without {', '.join(FAILING)}" in run.text
    for name in ("leaderboard", "matrix"):
        missing = {row["models_missing"] for row in project.table(name)}
        assert missing == {" ".join(FAILING)}
    assert "(PARTIAL)" in project.path(PLOT).with_suffix(".svg").read_text()


def test_what_failed_is_asked_again_and_nothing_else(project, server, failed):
    # of the other four answers one fails, one is too long for ever; and one of the judge fails
    server.broken = {
        "m": lambda n, _: {2: fault_server.bad(500), 3: fault_server.bad(400, "too long")}.get(n),
        "judge": lambda n, _: fault_server.bad(503) if n == 2 else None,
    }
    project.path("lives").write_text("1000")
    right = yaml.safe_load(project.path("config.yaml").read_text())
    for name in ("tiny", "large", "keyless"):
        del right["models"][name]
    project.path("config.yaml").write_text(yaml.safe_dump(right))
    targets = (*TABLES, PLOT, *JUDGEMENTS.values())
    run = project.run(*targets, *GPUS)
    assert run.code == 0, run.text
    assert "1 rows are asked again by the next run" in run.text
    # of the shards only the one with a failed row; nothing partial stays
    assert run.jobs()["predictions_server"] == 2
    assert {"tables", "plots", "predictions_gpu"} <= set(run.jobs())
    assert server.count() == {"m": 4, "s": 1, "judge": 4}
    assert statuses(project, "api") == {"answered": 4, "failed": 2}
    assert statuses(project, "sharded") == statuses(project, "own") == {"answered": 6}
    ids = [row["question_id"] for row in project.rows(f"{FOLDER}/predictions/sharded.jsonl")]
    assert ids == [f"q{number}" for number in range(1, 7)]
    assert len(project.path("bodies").read_text().splitlines()) == 6
    assert [row["value"] for row in project.rows(JUDGEMENTS["local"])] == [4] * 6
    record = project.json(f"{FOLDER}/runs/own.json")
    assert record["model_report"]["server"]["model"]["root"] == "weights"
    assert "serving" in project.path("results/logs/predictions/quiz/own.server.log").read_text()

    server.broken = {}
    asked = [f"{FOLDER}/predictions/{name}.jsonl" for name in ("api", "sharded", "own")]
    run = project.run(*asked, *JUDGEMENTS.values(), *GPUS)
    assert run.code == 0, run.text
    # what cannot go well later is not asked again; nor is it judged
    assert server.count() == {"m": 1, "judge": 2}
    assert statuses(project, "api") == {"answered": 5, "failed": 1}
    assert {"predictions_gpu", "judgements_local"}.isdisjoint(run.jobs())
    states = Counter(row["state"] for row in project.rows(JUDGEMENTS["strict"]))
    assert states["scored"] == 5
    # of such rounds there is no next one: tests/core/test_retry_rounds.py
    rounds = ("api", "own", *(f"sharded/{n}-of-3" for n in (1, 2, 3)), "judges/strict")
    found = {project.json(f"{FOLDER}/journal/{name}.round.json")["open"] for name in rounds}
    assert found == {0}


def test_a_profile_without_cores_is_one_line(new_project, tmp_path):
    project = new_project(tmp_path / "project")
    project.path("profiles/bare").mkdir(parents=True)
    project.path("profiles/bare/config.yaml").write_text("keep-going: true\n")
    words = [*project.words()[:-2], "--workflow-profile", "bare"]
    code, text = StartedSnakemake(words, project.folder, project.environment()).finish()
    assert code == 1
    assert "Error: cores have to be specified" in text
    assert "Traceback" not in text
