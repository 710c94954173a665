"""Which jobs each target has: what can be asked for by name."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from workflow.jobs import BENCHMARK, Jobs, jobs_of, rules

from modellab.workflow.mock import PROJECT, load_workflow


def rules_of(before, target):
    return rules(Jobs(before.workflow, target).by_name)


def test_targets_of_retrieval_ask_no_model_for_answers(before):
    assert {"embedding_space", "embedder_space"} <= rules_of(before, "embedding_eval")
    assert {"retrieval", "contexts"} <= rules_of(before, "retrieval_eval")
    for target in ("embedding_eval", "retrieval_eval", "ux"):
        made = rules_of(before, target)
        assert not {rule for rule in made if rule.startswith(("predictions", "scores"))}


def test_targets_without_anything_to_make_say_why_once(bench, capsys):
    config = {"datasets": {"quiz": {"questions": "quiz.csv"}}}
    config["models"] = {"api": {**BENCHMARK["models"]["api"], "datasets": ["quiz"]}}
    workflow = jobs_of(config).workflow
    evals = ("embedding_eval", "retrieval_eval", "reading_eval", "ux", "judge", "judge_pipeline")
    for target in (*evals, "tier_0", "tier_1", "tier_2"):
        assert rules(Jobs(workflow, target).by_name) == {target}
    said = re.findall(r"^(\w+): nothing to make", capsys.readouterr().err, re.M)
    # tiers are other names
    assert sorted(said) == sorted(evals)
    assert "tables" in rules(Jobs(workflow, "tier_3").by_name)


def test_one_quick_model_needs_no_entry(bench):
    plain = {"models": {"plain": {"provider": "extractive"}}}
    jobs_of({"datasets": {"quiz": {"questions": "quiz.csv"}}, **plain})
    quick = {"provider": "extractive", "threshold": 0.2, "limit": 3}
    jobs = Jobs(load_workflow(quick, [Path("config.yaml")]), "quick")
    assert jobs.names("predictions", "scores") >= {"scores quiz extractive"}
    assert {name.split()[2] for name in jobs.names("predictions")} == {"extractive"}
    assert jobs.params()["questions quiz"]["limit"] == 3
    assert "tables" not in rules(jobs.by_name)


def test_without_embedders_no_space_is_measured(bench):
    config = deepcopy(BENCHMARK)
    del config["embedders"], config["retrievers"]["dense"], config["retrievers"]["hybrid"]
    made = jobs_of(config)
    assert {"retrieval", "report"} <= rules(made.by_name)
    assert not rules(made.by_name) & {"embedding_space", "embedder_space"}


def test_true_answers_are_checked_wherever_a_target_scores(before):
    for target in ("all", "quick", "reading_eval", "system_eval"):
        assert {"data_card quiz"} <= set(Jobs(before.workflow, target).by_name), target
    # beside the answers, not before their scores: another scorer or data card redoes no score of others
    scored = before.by_name["scores quiz plain"].input
    assert not [file for file in scored if "truth_check" in file]


def test_targets_of_answers_draw_nothing(before):
    reading, system = rules_of(before, "reading_eval"), rules_of(before, "system_eval")
    assert {"scores", "tables"} <= reading
    assert not reading & {"plots", "report"}
    assert {"scores", "tables"} <= system
    assert not system & {"plots", "report"}


@pytest.mark.parametrize("number", range(4))
def test_tiers_are_aliases(before, number):
    names = ("embedding_eval", "retrieval_eval", "reading_eval", "system_eval")
    assert rules_of(before, f"tier_{number}") - {f"tier_{number}"} == rules_of(
        before, names[number]
    ) - {names[number]}


def test_targets_say_what_they_make(before):
    targets = [rule for rule in before.workflow.rules if not [*rule.products()]]
    evals = (f"{what}_eval" for what in ("embedding", "retrieval", "reading", "system"))
    names = {*evals, *(f"tier_{n}" for n in range(4)), "judge", "judge_pipeline", "ux", "all"}
    assert names <= {rule.name for rule in targets}
    assert [rule.name for rule in targets if not rule.docstring] == []


def test_the_workflow_of_the_tiny_readers_makes_each_of_them():
    from tiny_world.readers.recipes import RECIPES, SEEDLING

    workflow = load_workflow(project=PROJECT / "examples" / "tiny-world")
    made = {f"reader {name}" for name in RECIPES if name != SEEDLING}
    assert Jobs(workflow, "readers").names("reader ") == made


def test_results_of_the_smoke_profile_lie_elsewhere(before, bench):
    def made(jobs):
        return {path for job in jobs.by_name.values() for path in job.output}

    profile = yaml.safe_load((PROJECT / "profiles/smoke/config.yaml").read_text())
    changes = yaml.safe_load("\n".join(one.replace("=", ": ") for one in profile["config"]))
    smoke = jobs_of({**BENCHMARK, **changes})
    assert made(smoke) and not made(smoke) & made(before)
    assert all(path.startswith("results/smoke/") for path in made(smoke))
    assert smoke.params()["questions quiz"]["limit"] == 1
