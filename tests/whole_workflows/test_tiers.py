"""Tiers by name: what each of them makes, and what an empty one says."""

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


def made(run):
    assert run.code == 0, run.text
    return set(run.jobs())


def told(run):
    assert run.code == 0, run.text
    return re.findall(r"^(\w+): nothing to make", run.text, re.M)


def test_tiers_of_retrieval_ask_no_model(fresh):
    first = made(fresh.run("-n", "tier_0", "tier_1", "ux"))
    assert first >= {"embedding_space", "retrieval", "tier_0", "tier_1", "ux"}
    assert not {rule for rule in first if "predictions" in rule or "scores" in rule}


def test_tiers_of_answers_ask_models_and_draw_nothing(fresh):
    ideal = made(fresh.run("-n", "tier_2"))
    assert ideal >= {"predictions_local", "scores", "error_attribution", "consistency"}
    assert not ideal & {"leaderboard", "plots", "report"}
    whole = made(fresh.run("-n", "tier_3"))
    assert whole >= {"predictions_local", "scores", "leaderboard", "efficiency"}
    assert not whole & {"plots", "report"}


def test_an_empty_tier_says_so_once(fresh):
    assert sorted(told(fresh.run("judge", "judge_pipeline"))) == ["judge", "judge_pipeline"]
    fresh.path("bare.yaml").write_text(BARE)
    run = fresh.run("-n", "tier_0", "tier_1", "tier_2", "tier_3", "ux", "--configfile", "bare.yaml")
    assert sorted(told(run)) == ["tier_0", "tier_1", "tier_2", "ux"]
    assert "leaderboard" in run.jobs()


def test_target_rules_are_listed_with_what_they_make(fresh):
    text = fresh.run("--list-target-rules").text
    listed = dict(re.findall(r"^(\w+)(?: \((.+)\))?$", text, re.M))
    names = (*(f"tier_{n}" for n in range(4)), "judge", "judge_pipeline", "ux", "all")
    assert all(listed[name] for name in names)
    assert [name for name, words in listed.items() if not words] == []
