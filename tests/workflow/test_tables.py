"""The tables that lie beside the leaderboard."""

import csv

import pytest

from modellab.metrics import FAMILIES
from modellab.metrics.description import undescribed

pytestmark = pytest.mark.workflow
#: columns of the leaderboard that are no metric
IDENTITY = ("rank", "model", "retriever", "provider", "size_b", "local", "n_questions", "repeats")


def table(project, name):
    with open(project.path(f"results/quiz/{name}.csv"), encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_metric_in_a_table_is_described(finished):
    tables = sorted(finished.path("results/quiz").glob("*.csv"))
    found = [
        row[column]
        for path in tables
        for row in table(finished, path.stem)
        for column in ("metric", "component")
        if column in row
    ]
    columns = [name for name in table(finished, "leaderboard")[0] if name not in IDENTITY]
    assert undescribed([*found, *columns], FAMILIES) == []
