"""Targets by name: what each of them makes, and what an empty one says."""

import re

import pytest

pytestmark = pytest.mark.workflow
#: no corpus, no judge, no label
BARE = """\
datasets: {quiz: {questions: quiz.csv}}
models: {published: {provider: submission, path: published.csv}}
"""


@pytest.mark.smoke
def test_an_empty_tier_says_so_once(project):
    project.path("bare.yaml").write_text(BARE)
    targets = ("tier_0", "tier_1", "tier_2", "tier_3", "ux", "judge", "judge_pipeline")
    run = project.run("-n", *targets, "--configfile", "bare.yaml")
    assert run.code == 0, run.text
    # tiers are other names
    said = re.findall(r"^(\w+): nothing to make", run.text, re.M)
    names = ("embedding_eval", "judge", "judge_pipeline", "reading_eval", "retrieval_eval", "ux")
    assert sorted(said) == sorted(names)
    assert "tables" in run.jobs()
