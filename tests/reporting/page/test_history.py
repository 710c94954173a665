"""The view of earlier runs: from the registry, over time, and why it may be empty."""

import base64
from xml.etree import ElementTree

import pytest
from reporting.registry.conftest import record

from modellab.reporting.page.blocks import Empty, Picture, Table, Text
from modellab.reporting.page.line_chart import MOST_LINES, chart
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.history import build
from modellab.reporting.registry.log import RUNS, open_registry
from modellab.reporting.registry.records import Project, RecordedMetric

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def results(tmp_path):
    return DatasetResults(tmp_path / "quiz", models=())


def fill(tmp_path, *records):
    with open_registry(tmp_path / "registry") as registry:
        for one in records:
            registry.add(one)


def overall(*values):
    return tuple(
        RecordedMetric(f"m{number}@bm25", "overall", value, 6, 0)
        for number, value in enumerate(values)
    )


def test_without_a_registry_the_view_says_why(results, tmp_path):
    [empty] = build(results)
    assert isinstance(empty, Empty)
    fill(tmp_path, record(dataset="other"))
    assert "No run over this dataset" in build(results)[0].reason


def test_one_run_is_listed_and_not_drawn(results, tmp_path):
    fill(tmp_path, record())
    text, table = build(results)
    assert isinstance(text, Text)
    assert [cell.text for cell in table.rows[0]][3:] == [
        "plain@bm25",
        "0.500",
        "",
        "0123456789+changes",
        "somebody",
        "–",
    ]


def test_metrics_over_time_by_system(results, tmp_path):
    first = record("a", metrics=overall(0.5, 0.25), timestamp="2026-11-20T08:00:30Z")
    second = record("b", metrics=overall(0.75), status="critical", config="new", project=Project())
    fill(tmp_path, first, record("x", dataset="other"), second)
    picture, scores, runs = build(results)
    assert isinstance(picture, Picture)
    assert picture.address.startswith("data:image/svg+xml;base64,")
    assert [column.label for column in scores.columns] == [
        "system",
        "metric",
        "change",
        "2026-11-21 08:00",
        "2026-11-20 08:00",
    ]
    assert [[cell.text for cell in row] for row in scores.rows] == [
        ["m0@bm25", "overall", "+0.250", "0.750 (n=6)", "0.500 (n=6)"],
        ["m1@bm25", "overall", "–", "–", "0.250 (n=6)"],
    ]
    assert isinstance(runs, Table)
    newest, oldest = runs.rows
    assert (newest[2].text, newest[2].tone) == ("critical", "bad")
    assert newest[5].text == "settings, commit"
    assert newest[1].link == f"../../registry/{second.run}.md"
    assert oldest[5].text == ""


def test_only_the_last_runs_are_columns_and_broken_lines_are_told(results, tmp_path):
    fill(tmp_path, *(record(f"s{number}", score=number / 20) for number in range(15)))
    with (tmp_path / "registry" / RUNS).open("a") as handle:
        handle.write("broken\n")
    trouble, _, scores, runs = build(results)
    assert trouble.tone == "warn"
    assert len(scores.columns) == 2 + 12 + 1
    assert [cell.text for cell in scores.rows[0][2:5]] == [
        "+0.050",
        "0.700 (n=6, 1 failed)",
        "0.650 (n=6, 1 failed)",
    ]
    assert len(runs.rows) == 15


def test_the_chart_is_drawn_to_scale_with_gaps():
    svg = ElementTree.fromstring(chart(["one", "two", "<3>"], {"a&b": [0.0, None, 1.0]}))
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(f"{SVG}circle")]
    assert dots == [(56.0, 256.0), (696.0, 16.0)]
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts == ["0", "0.25", "0.5", "0.75", "1", "one", "two", "<3>", "a&b"]
    # a gap is not bridged: the grid of five lines and the legend's are all
    assert len(list(svg.iter(f"{SVG}line"))) == 6


def test_values_off_the_scale_and_many_lines_and_runs_fit():
    lines = {f"system {number}": [float(number), 100.0] for number in range(20)}
    svg = ElementTree.fromstring(chart([f"run {n}" for n in range(2)], lines))
    assert len(list(svg.iter(f"{SVG}circle"))) == 2 * MOST_LINES
    heights = [float(c.get("cy")) for c in svg.iter(f"{SVG}circle")]
    assert min(heights) >= 16
    assert max(heights) <= 256
    svg = ElementTree.fromstring(chart([str(n) for n in range(12)], {"a": [0.5] * 12}))
    labels = [text.text for text in svg.iter(f"{SVG}text")][5:-1]
    assert labels == ["1", "3", "5", "7", "9", "11"]


def test_the_address_holds_the_chart(results, tmp_path):
    fill(tmp_path, record("a", metrics=overall(0.5)), record("b", metrics=overall(0.6)))
    data = build(results)[0].address.split(",")[1]
    assert base64.b64decode(data).startswith(b"<svg")
