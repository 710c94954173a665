"""One verdict and one set of ranks on every surface: files, terminal, page, dashboard, registry."""

import csv
import html
import json
import re
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from modellab.core.layout import table_file
from modellab.reporting.dashboard.page import index_page
from modellab.reporting.papers.markup import latex_text
from modellab.workflow.cli.app import app

pytestmark = pytest.mark.workflow
CONTROLS = "Controls (reference points, not ranked)"


def table(project, name):
    path = project.path(f"results/quiz/{table_file(name)}")
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def system(model, retriever):
    return model if retriever in ("external", "", "-", "--") else f"{model}@{retriever}"


@pytest.fixture(scope="module")
def ranks(finished):
    """By system as the leaderboard has them; of controls an empty text."""
    rows = table(finished, "leaderboard")
    found = {system(row["model"], row["retriever"]): row["rank"] for row in rows}
    controls = [system(r["model"], r["retriever"]) for r in rows if r["control"] == "True"]
    # contenders first, best first; then a block of controls
    assert list(found)[-len(controls) :] == controls
    assert {name for name, rank in found.items() if not rank} == set(controls)
    assert {name.partition("@")[2] for name in controls} == {"oracle", "shuffled", "none"}
    assert next(iter(found.values())) == "1"
    return found


@pytest.fixture(scope="module")
def verdict(finished):
    return json.loads(finished.path("results/quiz/verdict.json").read_text())


def test_the_verdict_names_contenders(verdict, ranks):
    named = {*verdict["best"], *verdict["may_be_best"]}
    assert named <= {name for name, rank in ranks.items() if rank}
    assert verdict["best"] == [name for name, rank in ranks.items() if rank == "1"]
    assert verdict["contenders"] == sum(map(bool, ranks.values()))
    assert verdict["best"][0] in verdict["text"]
    assert "with the reference passages" in verdict["bounds"]


def test_ranks_of_the_statistics(finished, ranks):
    rows = [row for row in table(finished, "ranks") if row["component"] == "overall"]
    assert {row["system"]: row["rank"] for row in rows} == ranks
    family = [row for row in table(finished, "comparisons") if row["p_holm"]]
    assert all(ranks[row[name]] for row in family for name in ("system_a", "system_b"))


def test_markdown_and_latex(finished, ranks, verdict):
    markdown = finished.path("results/quiz/leaderboard.md").read_text()
    tokens = MarkdownIt().enable("table").parse(markdown)
    texts = ["".join(c.content for c in t.children) for t in tokens if t.type == "inline"]
    assert verdict["text"] in texts
    assert verdict["bounds"] in texts
    lines = [line.split(" | ") for line in markdown.splitlines() if re.match(r"\| [\d-]", line)]
    shown = {system(cells[1], cells[2]): cells[0].strip("| ") for cells in lines}
    assert {name: rank.replace("-", "") for name, rank in shown.items()} == ranks
    assert list(shown) == list(ranks)
    latex = finished.path("results/quiz/leaderboard.tex").read_text()
    [caption] = [line for line in latex.splitlines() if line.startswith(r"\caption")]
    assert latex_text(verdict["text"]) in caption
    rows = [line.split(" & ") for line in latex.splitlines() if re.match(r"(\d+|--) & [a-z]", line)]
    assert [cells[0].replace("--", "") for cells in rows] == list(ranks.values())
    assert markdown.index(CONTROLS) < markdown.index("oracle |")


def test_the_end_of_the_run(finished, ranks, verdict):
    lines = finished.path("done").read_text().splitlines()
    assert verdict["text"] in lines
    rows = [re.split("[│┃]", line) for line in lines if line.startswith("│")]
    cells = [[cell.strip() for cell in row] for row in rows if row[1].strip()]
    shown = {row[2]: row[1].replace("-", "") for row in cells}
    assert shown == ranks


def test_the_page(finished, ranks, verdict):
    page = finished.path("results/quiz/report/index.html").read_text()
    answer = page[page.index('<h2 id="title-answer"') : page.index('<h2 id="title-compare"')]
    texts = [html.unescape(text) for text in re.findall(r'<p class="verdict">(.*?)</p>', answer)]
    assert [re.sub("<[^>]+>", "", text) for text in texts] == [verdict["text"]]
    before, after = answer[: answer.index("<h4>Leaderboard</h4>")].split(f"<h4>{CONTROLS}</h4>")
    row = r"<tr>\s*<td[^>]*>([^<]*)</td>\s*<td[^>]*>\s*<a href=.#questions.system=([^\"]*).>"
    rows = re.findall(row, before + after)
    names = [unquote(name) for _, name in rows]
    shown = [
        (n, rank.strip().replace("\u2013", "")) for n, (rank, _) in zip(names, rows, strict=True)
    ]
    assert shown == list(ranks.items())
    assert "oracle</small>" not in before
    assert "oracle</small>" in after


def test_the_dashboard_the_registry_and_the_status(finished, ranks, verdict):
    first = html.unescape(index_page(finished.path("results")))
    assert first.count(verdict["text"]) == 2
    [record] = finished.rows("results/registry/runs.jsonl")
    assert record["verdict"] == verdict["text"]
    assert {*record["controls"]} == {name for name, rank in ranks.items() if not rank}
    listed = CliRunner().invoke(app, ["runs", "--results", str(finished.path("results"))])
    assert verdict["text"] in listed.output
    status = json.loads(finished.path("results/quiz/tables/status.json").read_text())
    assert status["best_system"] == verdict["best"][0]
