"""Which jobs a benchmark has, and which of them a change of the config makes stale.

A stale job here is one whose own params changed. What is made of its output follows, if that is
different: Snakemake compares the content of small files.
"""

from copy import deepcopy

import pytest
from workflow.jobs import BENCHMARK, changed, jobs_of


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    from workflow.conftest import write_files

    folder = tmp_path_factory.mktemp("bench")
    write_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KEY", "k")
        yield jobs_of(BENCHMARK)


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


def rules(jobs):
    return {name.split()[0] for name in jobs}


def test_a_job_of_each_kind(before):
    assert before.names("predictions") == {
        "predictions_local quiz plain",
        "predictions_server quiz api",
        "predictions_server flags api",
    }
    assert before.names("ensembles", "query_plans", "judgements") == {
        "ensembles quiz votes",
        "query_plans_server quiz split",
        "judgements_server quiz strict plain",
        "judgements_server quiz strict api",
    }
    assert "label_tables flags" in before.by_name
    assert "retrieval flags" not in before.by_name
    assert {"judge_scores quiz", "production_judges flags"} <= set(before.by_name)


def test_only_jobs_of_servers_take_their_slots(before):
    asking = before.resources("predictions_server quiz api")
    assert (asking["openai"], asking["ollama"], asking["gpu"]) == (1, 0, 0)
    assert before.resources("query_plans_server quiz split")["ollama"] == 1
    assert before.resources("predictions_local quiz plain")["openai"] == 0
    assert "openai" not in before.resources("scores quiz plain")


def test_a_temperature_asks_that_model_alone(stale):
    found = stale("models", "api", "temperature", value=0.5)
    assert rules(found) == {"predictions_server", "record"}
    assert {name for name in found if "predictions" in name} == {
        "predictions_server quiz api",
        "predictions_server flags api",
    }


def test_a_size_or_a_limit_asks_nobody(stale):
    assert rules(stale("models", "api", "size_b", value=7.0)) == {"scores"}
    assert stale("models", "api", "timeout_minutes", value=3) == set()
    assert stale("models", "api", "threads", value=2) == set()


def test_a_control_that_becomes_a_contender_is_scored_again(stale):
    found = stale("retrievers", "oracle", "control", value=False)
    assert not rules(found) & {"predictions_local", "predictions_server", "contexts"}
    assert {"scores quiz plain", "scores quiz api", "scores quiz votes"} <= found
    assert "scores flags api" not in found


def test_another_scorer_scores_again(stale):
    found = stale("datasets", "quiz", "scorer", value="v1")
    asking = {"predictions_local", "predictions_server", "judgements_server", "questions"}
    assert not rules(found) & asking
    assert {"truth_check quiz", "scores quiz plain", "statistics_tables quiz"} <= found
    assert not {name for name in found if " flags" in name}


def test_a_deeper_search_searches_and_asks_again(stale):
    found = stale("retrievers", "bm25", "top_k", value=3)
    assert {"contexts quiz bm25", "rankings quiz bm25", "contexts quiz hybrid"} <= found
    assert not rules(found) & {"index", "predictions_local", "chunks", "scores"}


def test_a_new_model_leaves_the_others_alone(stale):
    found = stale("models", "bold", value={"provider": "extractive", "datasets": ["quiz"]})
    assert {name for name in found if name.split()[0] in ("predictions_local", "scores")} == {
        "predictions_local quiz bold",
        "scores quiz bold",
    }
    assert {name for name in found if "judgements" in name} == {
        "judgements_server quiz strict bold"
    }


def test_statistics_and_targets_touch_no_score(stale):
    found = stale("statistics", value={"confidence": 0.9})
    assert rules(found) == {
        "statistics_tables",
        "error_attribution",
        "retrieval",
        "report",
        "record",
    }
    found = stale("targets", value={"metrics": [{"metric": "value_accuracy", "good": 0.9}]})
    assert rules(found) == {"status_table", "record"}
