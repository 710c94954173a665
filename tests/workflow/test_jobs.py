"""Which jobs a benchmark has, and which of them a change of the config makes stale.

A stale job here is one with changed params. What is made of its output follows, if that is
different: Snakemake compares the content of small files.
"""

import inspect
import os
import re
from copy import deepcopy
from dataclasses import is_dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import get_type_hints

import pytest
from workflow.jobs import BENCHMARK, changed, jobs_of, rules

from modellab.workflow.mock import PROJECT
from modellab.workflow.script import calls


@pytest.fixture
def stale(before):
    """The jobs that a new value of a key makes stale; None takes the key away."""

    def stale(*path, value):
        config = deepcopy(BENCHMARK)
        *above, last = path
        entry = config
        for key in above:
            entry = entry[key]
        if value is None:
            del entry[last]
        else:
            entry[last] = value
        return changed(before, jobs_of(config))

    return stale


def test_a_job_of_each_kind(before):
    assert before.names("predictions") == {
        "predictions_local quiz plain",
        "predictions_server quiz api",
        "predictions_server flags api",
    }
    assert before.names("ensembles", "query_plans", "judgements") == {
        "ensembles quiz votes",
        "query_plans_server quiz split",
        "judgements_server quiz strict",
    }
    assert "label_tables flags" in before.by_name
    assert "retrieval flags" not in before.by_name
    assert {"judge_tables quiz", "production_judges flags"} <= set(before.by_name)


def test_only_jobs_of_servers_take_their_slots(before):
    asking = before.resources("predictions_server quiz api")
    assert (asking["openai"], asking["ollama"], asking["gpu"]) == (1, 0, 0)
    assert before.resources("query_plans_server quiz split")["ollama"] == 1
    assert before.resources("predictions_local quiz plain")["openai"] == 0
    assert "openai" not in before.resources("scores quiz plain")


def test_a_temperature_asks_that_model_alone(stale):
    found = stale("models", "api", "temperature", value=0.5)
    assert rules(found) == {"predictions_server", "report"}
    assert {name for name in found if "predictions" in name} == {
        "predictions_server quiz api",
        "predictions_server flags api",
    }


def test_a_size_or_a_limit_sends_no_request(stale):
    assert rules(stale("models", "api", "size_b", value=7.0)) == {"scores"}
    assert stale("models", "api", "timeout_minutes", value=3) == set()
    assert stale("models", "api", "threads", value=2) == set()


def test_shards_are_separate_jobs(stale, bench):
    found = stale("models", "api", "shards", value=2)
    assert found == {
        *("predictions_server quiz api/1-of-2", "predictions_server quiz api/2-of-2"),
        *("predictions_server flags api/1-of-2", "predictions_server flags api/2-of-2"),
        *("shards quiz api", "shards flags api"),
    }
    assert stale("models", "planner", "shards", value=2) == set()


def test_a_shard_is_asked_what_its_model_is_asked(before, bench):
    config = deepcopy(BENCHMARK)
    config["models"]["api"]["shards"] = 2
    jobs = jobs_of(config)
    shard = jobs.params()["predictions_server quiz api/2-of-2"]
    whole = before.params()["predictions_server quiz api"]
    assert shard.pop("journal") == "results/quiz/journal/api/2-of-2.jsonl"
    assert whole.pop("journal") == "results/quiz/journal/api.jsonl"
    assert shard == whole
    assert jobs.resources("predictions_server quiz api/2-of-2")["openai"] == 1
    assert jobs.by_name["shards quiz api"].input.predictions == [
        f"results/quiz/predictions/api/{n}-of-2.jsonl" for n in (1, 2)
    ]


def test_each_shard_has_its_own_gpus(bench):
    config = deepcopy(BENCHMARK)
    own = {"provider": "served", "engine": "vllm", "model": "a/b", "gpus": 1, "shards": 2}
    config["models"]["own"] = {**own, "datasets": ["quiz"]}
    jobs = jobs_of(config)
    for n in (1, 2):
        assert jobs.resources(f"predictions_gpu quiz own/{n}-of-2")["gpu"] == 1
    assert "gpu" not in jobs.resources("shards quiz own")


def test_a_control_that_becomes_a_contender_is_scored_again(stale):
    found = stale("retrievers", "oracle", "control", value=False)
    assert not rules(found) & {"predictions_local", "predictions_server", "contexts"}
    assert {"scores quiz plain", "scores quiz api", "scores quiz votes"} <= found
    assert "scores flags api" not in found


def test_another_scorer_scores_again(stale):
    found = stale("datasets", "quiz", "scorer", value="v1")
    asking = {"predictions_local", "predictions_server", "judgements_server", "questions"}
    assert not rules(found) & asking
    assert {"data_card quiz", "scores quiz plain"} <= found
    assert "tables" in rules(found)
    assert not {name for name in found if " flags" in name}


def test_a_deeper_search_searches_and_asks_again(stale):
    found = stale("retrievers", "bm25", "top_k", value=3)
    assert {"contexts quiz bm25", "contexts quiz hybrid"} <= found
    assert not rules(found) & {"index", "predictions_local", "chunks", "scores"}


def test_a_new_model_leaves_the_others_alone(stale):
    found = stale("models", "bold", value={"provider": "extractive", "datasets": ["quiz"]})
    assert {name for name in found if name.split()[0] in ("predictions_local", "scores")} == {
        "predictions_local quiz bold",
        "scores quiz bold",
    }
    # in one job with the others: their judgements are in its journal
    assert {name for name in found if "judgements" in name} == {"judgements_server quiz strict"}


def test_a_new_judge_judges_alone(stale):
    model = {"provider": "litellm", "model": "openai/other", "api_key_env": "KEY"}
    judge = {"kind": "rubric", "model": model, "metrics": ["correctness"], "models": ["plain"]}
    found = stale("judges", "second", value=judge)
    assert {name for name in found if name.split()[0].startswith(("pred", "judgements"))} == {
        "judgements_server quiz second"
    }


def test_a_judge_reads_the_models_that_it_judges_and_compares(bench):
    config = deepcopy(BENCHMARK)
    config["judges"]["strict"] |= {"models": ["plain"], "metrics": ["pairwise"], "against": ["api"]}
    job = jobs_of(config, "judge").by_name["judgements_server quiz strict"]
    assert job.input.predictions == [
        f"results/quiz/predictions/{n}.jsonl" for n in ("plain", "api")
    ]
    assert job.params.models == ["plain"]


def test_a_partial_run_shows_the_judges_that_have_judged_all_answers(bench):
    config, folder = deepcopy(BENCHMARK) | {"partial": True}, Path("results/quiz")
    judgements = folder / "judgements/strict.jsonl"
    for path in ("plain", "api"):
        for file in (f"predictions/{path}.jsonl", f"runs/{path}.json"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text("")
            os.utime(folder / file, (100, 100))

    def shown():
        return list(jobs_of(config, "judge").by_name["judge_tables quiz"].input.judgements)

    assert shown() == []
    judgements.parent.mkdir()
    judgements.write_text("")
    os.utime(judgements, (50, 50))
    assert shown() == []
    os.utime(judgements, (150, 150))
    assert shown() == [str(judgements)]


def test_a_changed_rule_votes_again_without_any_request(stale):
    found = stale("models", "votes", "references", value="winners")
    assert rules(found) - {"report"} == {"ensembles"}


def test_a_plan_is_made_once(bench):
    """How many passages its queries find is decided later."""
    more = deepcopy(BENCHMARK)
    more["retrievers"]["split"]["per_query"] = 2
    found = changed(jobs_of(BENCHMARK), jobs_of(more))
    assert "contexts quiz split" in found
    assert not {name for name in found if name.startswith("query_plans")}


def test_another_positive_label_sends_no_request(bench):
    def jobs(positive):
        config = deepcopy(BENCHMARK)
        config["datasets"]["flags"]["task"]["positive"] = positive
        return jobs_of(config)

    found = rules(changed(jobs("yes"), jobs("no")))
    assert "label_tables" in found
    assert not found & {"predictions_server", "questions"}


def test_another_schema_asks_again_and_another_tolerance_scores_again(bench):
    def jobs(**scorer):
        Path("lab.json").write_text('{"type": "object"}')
        Path("labs.jsonl").write_text('{"id": "d1", "question": "Lab", "record": {"lab": "x"}}\n')
        config = {
            "datasets": {
                "labs": {
                    "questions": "labs.jsonl",
                    "format": "jsonl",
                    "task": {"kind": "extract", "record": "lab.json"},
                    "scorer": {"kind": "fields", **scorer},
                }
            },
            "models": {"api": BENCHMARK["models"]["api"]},
        }
        return jobs_of(config)

    before = jobs()
    scored = rules(changed(before, jobs(absolute=1)))
    assert {"scores", "extract_fields"} <= scored
    assert not scored & {"predictions_server", "questions"}
    reading = {name.split()[0] for name, job in before.by_name.items() if "lab.json" in job.input}
    assert {"predictions_server", "questions", "scores"} <= reading


def test_a_limit_of_a_writer_decides_no_question(bench):
    def jobs(**changes):
        writer = {"provider": "litellm", "model": "openai/w", "api_key_env": "KEY", **changes}
        config = {
            "corpora": BENCHMARK["corpora"],
            "synthesize": {"made": {"corpus": "notes", "model": writer, "checkers": ["api"]}},
        }
        return jobs_of({**BENCHMARK, **config}, "synthesis")

    before = jobs()
    assert changed(before, jobs(timeout_minutes=9)) == set()
    assert rules(changed(before, jobs(max_new_tokens=99))) == {"synthesize_local"}


def test_who_asks_stored_vectors_waits_for_their_database(bench):
    Path("desk.sql").write_text("")
    Path("asked.csv").write_text("question\nWhen?\n")
    Path("quiz.jsonl").write_text('{"question": "When?", "answer": "Soon."}\n')
    columns = {"text": "body", "vector": "embedding"}
    vectors = {"database": "desk", "table": "chunk", "columns": columns}
    stored = {"kind": "stored", "of": [vectors], "embedder": {"kind": "ollama", "model": "bge-m3"}}
    quiz = {"corpus": "notes", "questions": "quiz.jsonl", "format": "jsonl", "task": "open_qa"}
    judge = {"kind": "ragas", "model": "api", "metrics": ["answer_relevancy"], "embedder": "stored"}
    config = {
        "databases": {"desk": {"dump": "desk.sql", "trust": True}},
        "corpora": BENCHMARK["corpora"],
        "datasets": {"quiz": {**quiz, "scorer": {"kind": "texts", "embedder": "stored"}}},
        "embedders": {"stored": stored},
        "retrievers": {"bm25": {"kind": "bm25"}},
        "models": {"plain": {"provider": "extractive"}, "api": BENCHMARK["models"]["api"]},
        "judges": {"strict": judge},
        "query_logs": {
            "desk": {
                "corpus": "notes",
                "questions": "asked.csv",
                "retriever": "bm25",
                "embedder": "stored",
            }
        },
    }
    jobs = {**jobs_of(config).by_name, **jobs_of(config, "judge").by_name}
    waiting = {job.rule.name for job in jobs.values() if "results/databases/desk.json" in job.input}
    askers = {"scores", "consistency", "embedder_space", "judgements_server", "query_log"}
    assert waiting == askers
    assert jobs["database_embedded desk"].input == ["desk.sql"]


def test_a_database_that_is_there_is_an_input(bench):
    Path("there.db").write_text("")
    config = {
        "databases": {"there": {"url": "sqlite:///there.db"}},
        "corpora": {"wiki": {"sql": {"database": "there", "table": "pages"}}},
        "datasets": {"quiz": {"corpus": "wiki", "questions": "quiz.csv"}},
        "retrievers": {"bm25": {"kind": "bm25"}},
        "models": {"plain": {"provider": "extractive"}},
    }
    jobs = jobs_of(config).by_name
    assert jobs["database there"].input == ["there.db"]
    assert "results/databases/there.json" in jobs["chunks wiki"].input


def test_statistics_and_targets_touch_no_score(stale):
    found = stale("statistics", value={"confidence": 0.9})
    assert rules(found) == {"tables", "retrieval", "report"}
    found = stale("targets", value={"metrics": [{"metric": "value_accuracy", "good": 0.9}]})
    assert rules(found) == {"status_table", "report"}
    assert "status_table" not in rules(stale("seed", value=7))


def functions_of(script):
    """The library functions that a script calls with the names of its rule."""
    text = script.read_text()
    names = re.search(r"^run\(\(?([\w, ]+?)\)?, snakemake\)$", text, re.M)[1].split(", ")
    modules = [re.search(rf"^from (\S+) import .*\b{name}\b", text, re.M)[1] for name in names]
    return [getattr(import_module(m), name) for m, name in zip(modules, names, strict=True)]


SCRIPTS = [path for path in sorted((PROJECT / "scripts").glob("*.py")) if path.stem != "job"]


def test_functions_of_scripts_have_types_that_are_imported():
    for function in chain.from_iterable(map(functions_of, SCRIPTS)):
        kinds = get_type_hints(function).values()
        for kind in kinds:
            if is_dataclass(kind):
                assert get_type_hints(kind)


def test_rules_name_what_their_functions_take(before):
    scripts = {path.name: path for path in SCRIPTS}
    for job in before.by_name.values():
        script = scripts.get(Path(job.rule.script or "").name)
        for function, found in calls(functions_of(script), job) if script else ():
            inspect.signature(function).bind(**found)
            # an input must not hide a param of the same name
            assert not [value for value in found.values() if type(value).__name__ == "Namedlist"]
