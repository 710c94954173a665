"""The view of earlier runs: from the registry, over time, and why it may be empty."""

import pytest
from reporting.registry.conftest import record

from modellab.reporting.page.blocks import Picture, Table, Text
from modellab.reporting.page.pictures import lines_over_runs
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.history import build
from modellab.reporting.registry.log import RUNS, open_registry
from modellab.reporting.registry.records import Project, RecordedMetric


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


def test_without_a_registry_there_is_nothing_to_show(results, tmp_path):
    assert build(results) == []
    fill(tmp_path, record(dataset="other"))
    assert build(results) == []


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
    assert picture.content.startswith(b"<?xml")
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


def test_only_the_last_runs_are_columns_and_broken_lines_are_reported(results, tmp_path):
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


def test_the_lines_are_drawn_and_the_same_values_give_the_same_bytes():
    lines = {"a&b": [0.25, None, 1.0], "<c>": [0.5, 0.5, 0.5]}
    one = lines_over_runs(["first", "second", "<3>"], lines, "overall")
    assert one == lines_over_runs(["first", "second", "<3>"], lines, "overall")
    comments = "".join(one.decode().split("<!--")[1:])
    assert all(f"{name} -->" in comments for name in ("first", "a&amp;b", "overall"))
