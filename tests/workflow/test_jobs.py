"""Which jobs a benchmark has, and which of them a change of the config makes stale."""

from copy import deepcopy

import pytest
from workflow.jobs import BENCHMARK, changed, jobs_of


@pytest.fixture
def edited(bench):
    """The jobs that a change of the config makes stale by themselves, without those that follow."""
    before = jobs_of(BENCHMARK)

    def edited(*path, value):
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

    return edited


def test_a_job_of_each_kind(bench):
    jobs = jobs_of(BENCHMARK)
    assert jobs.names("predictions") == {
        "predictions_local quiz plain",
        "predictions_server quiz api",
        "predictions_server flags api",
    }
    assert jobs.names("ensembles", "query_plans", "judgements") == {
        "ensembles quiz votes",
        "query_plans_server quiz split",
        "judgements_server quiz strict plain",
        "judgements_server quiz strict api",
    }
    assert "label_tables flags" in jobs.by_name
    assert "retrieval flags" not in jobs.by_name
    assert {"judge_scores quiz", "production_judges flags"} <= set(jobs.by_name)
