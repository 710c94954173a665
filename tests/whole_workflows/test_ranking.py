"""A dataset that names a ranking, through the real command."""

import csv

import pytest

pytestmark = pytest.mark.workflow

CONFIG = """\
datasets:
  quiz:
    questions: quiz.csv
    ranking: {weights: {value_accuracy: 3, ref_overlap: 1}}
models:
  one: {provider: submission, path: published.csv}
  two: {provider: submission, path: two.csv}
"""
TWO = "id,answer_value,ref_id\nq1,1287,['gpt']\nq2,232,['meena']\n"


def test_a_dataset_with_a_ranking(project):
    project.path("config.yaml").write_text(CONFIG)
    project.path("two.csv").write_text(TWO)
    run = project.run("results/quiz/tables/overall_ranking.csv")
    assert run.code == 0, run.text
    with project.path("results/quiz/tables/overall_ranking.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    # both have two of six values right; two's references are right twice, one's only once more
    assert {row["pair_id"] for row in rows} == {"external__one", "external__two"}
    for row in rows:
        expected = 0.75 * float(row["value_accuracy"]) + 0.25 * float(row["ref_overlap"])
        assert float(row["aggregate"]) == pytest.approx(expected)
    assert float(rows[0]["aggregate"]) >= float(rows[1]["aggregate"])
    assert project.path("results/quiz/tables/rank_summary.md").exists()
