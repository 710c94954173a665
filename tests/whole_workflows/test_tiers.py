"""Targets by name: what each of them makes, and what an empty one says."""

import re

import pytest

pytestmark = pytest.mark.workflow
#: no corpus, no judge, no label
BARE = """\
datasets: {quiz: {questions: quiz.csv}}
models: {published: {provider: submission, path: published.csv}}
"""


@pytest.fixture(scope="module")
def fresh(new_project, tmp_path_factory):
    return new_project(tmp_path_factory.mktemp("tiers") / "project")


def told(run):
    assert run.code == 0, run.text
    return re.findall(r"^(\w+): nothing to make", run.text, re.M)


def test_an_empty_tier_says_so_once(fresh):
    assert sorted(told(fresh.run("judge", "judge_pipeline"))) == ["judge", "judge_pipeline"]
    fresh.path("bare.yaml").write_text(BARE)
    run = fresh.run("-n", "tier_0", "tier_1", "tier_2", "tier_3", "ux", "--configfile", "bare.yaml")
    # tiers are other names
    assert sorted(told(run)) == ["embedding_eval", "reading_eval", "retrieval_eval", "ux"]
    assert "tables" in run.jobs()


def test_target_rules_are_listed_with_what_they_make(fresh):
    text = fresh.run("--list-target-rules").text
    listed = dict(re.findall(r"^(\w+)(?: \((.+)\))?$", text, re.M))
    evals = (f"{what}_eval" for what in ("embedding", "retrieval", "reading", "system"))
    names = (*evals, *(f"tier_{n}" for n in range(4)), "judge", "judge_pipeline", "ux", "all")
    assert all(listed[name] for name in names)
    assert [name for name, words in listed.items() if not words] == []
