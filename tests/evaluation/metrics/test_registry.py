"""Every metric of any table is described once, and is on the page of metrics."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cases import each
from typer.testing import CliRunner

from modellab.core.metric import Better, MetricDescription, MetricFamily, undescribed
from modellab.core.records import Summary
from modellab.evaluation.metrics import families, metrics_page, of_tables
from modellab.judging.ragas.options import METRICS as RAGAS
from modellab.judging.rubric.options import METRICS as RUBRICS
from modellab.workflow.cli.app import app

ROOT = Path(__file__).parents[3]
#: fields of a summary that are no metric
IDENTITY = {
    "retriever",
    "num_questions",
    "repeats",
    "statuses",
    "outcomes",
    "metrics",
    "control",
    "role",
    *("latency_n", "measured_alone", "generation", "retrieval", "stopped", "beaten_by"),
}


def test_every_field_of_a_summary_is_described():
    names = [name for name in Summary.__dataclass_fields__ if name not in IDENTITY]
    assert undescribed(names, families()) == []


@each("metric", [*RAGAS, *RUBRICS])
def test_every_metric_of_judges_is_described(metric):
    assert of_tables()["judge_scores"].find(metric)


def test_an_undescribed_name_is_reported_once():
    assert undescribed(["overall", "no such", "no such"], families()) == ["no such"]


def test_the_page_is_up_to_date():
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert page == metrics_page(families()), "run `make schema`"


def test_the_command_prints_the_page():
    result = CliRunner().invoke(app, ["metrics"])
    assert result.exit_code == 0
    assert result.stdout == metrics_page(families())


def test_each_family_is_listed_once_and_names_each_metric_once():
    names = [family.name for family in families()]
    assert len(names) == len(set(names))
    for family in families():
        metrics = [metric.name for metric in family.metrics]
        assert len(metrics) == len(set(metrics)), family.name


def test_descriptions_say_something():
    for metric in (metric for family in families() for metric in family.metrics):
        assert re.fullmatch(r"[\w@{}.]+", metric.name)
        assert metric.formula and metric.range, metric.name
        texts = (metric.formula, metric.range, metric.edge_cases)
        assert not any("\n" in text for text in texts), metric.name


RECALL = MetricDescription("recall@{k}", "found / relevant", "0 to 1", Better.HIGHER)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("recall@1", True), ("recall@10", True), ("recall@", False), ("precision@1", False)],
)
def test_a_placeholder_matches_any_text(name, expected):
    assert RECALL.matches(name) is expected


def test_an_exact_name_comes_before_a_pattern():
    special = replace(RECALL, name="recall@5")
    family = MetricFamily("x", "X", "all", ("x.csv",), (RECALL, special))
    assert family.find("recall@5") is special
    assert family.find("recall@6") is RECALL
    assert family.find("x") is None


def test_a_bar_in_a_formula_does_not_break_the_table():
    bar = replace(RECALL, formula="|A and B|")
    page = metrics_page([MetricFamily("x", "X", "all", ("x.csv",), (bar,))])
    [row] = [line for line in page.splitlines() if "recall" in line]
    assert row.replace("\\|", "").count("|") == 7
