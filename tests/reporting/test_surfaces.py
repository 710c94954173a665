"""The verdict and the ranks are the same wherever they are shown."""

import re
from html import unescape
from pathlib import Path

import pytest
from reporting.registry.conftest import change_json, rating, write_scores
from typer.testing import CliRunner

from modellab.core.io.csv_file import read_csv, write_csv
from modellab.core.io.jsonl import write_json
from modellab.core.layout import QUESTIONS, STATUS, table_file
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.compare.verdict import read_certainty, verdict_on, write_verdict
from modellab.reporting.dashboard.page import index_page
from modellab.reporting.page.page import write_report
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.papers.markup import write_paper_tables
from modellab.reporting.registry.making import FinishedRun, record_run
from modellab.reporting.tables.leaderboard import write_leaderboard
from modellab.reporting.tables.terminal import leaderboard_table, verdict_lines
from modellab.tasks import parse_task
from modellab.workflow.cli.app import app

#: equal scores share a rank; a control has none, though its score is the highest
RANKS = {"two@bm25": "1", "three@bm25": "1", "one@bm25": "3", "four@bm25": "4", "one@oracle": ""}
MODELS = ("four", "one", "three", "two")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """`results/quiz` with everything that people read."""
    folder = tmp_path_factory.mktemp("surfaces") / "results" / "quiz"
    scores = {"one": {"bm25": 0.25, "oracle": 1.0}, "two": {"bm25": 0.5}}
    scores |= {"three": {"bm25": 0.5}, "four": {"bm25": 0.125}}
    for name, values in scores.items():
        write_scores(folder, name, **values)
        change_json(folder / "runs" / f"{name}.json", prompt=None)
        write_csv(folder / "scores" / f"{name}.csv", ["question_id", "retriever", "overall"], [])
        (folder / "predictions").mkdir(exist_ok=True)
        (folder / "predictions" / f"{name}.jsonl").touch()
    (folder / QUESTIONS).parent.mkdir(parents=True, exist_ok=True)
    (folder / QUESTIONS).touch()
    about = {"component": "overall", "confidence": "0.95"}
    ends = [{"system": name, "low": "0.1", "high": "0.9", **about} for name in RANKS]
    write_csv(folder / "statistics.csv", list(ends[0]), ends)
    tied = {"two@bm25": "three@bm25;one@bm25", "three@bm25": "two@bm25"}
    places = [
        {"system": name, "component": "overall", "rank": rank}
        | {"may_be_best": str(name in tied) if rank else ""}
        | {"not_distinguishable_from": tied.get(name, "")}
        for name, rank in RANKS.items()
    ]
    write_csv(folder / table_file("ranks"), list(places[0]), places)
    summaries = [folder / "scores" / f"{name}.json" for name in MODELS]
    models = [read_scores(path) for path in summaries]
    sure = read_certainty(folder / "statistics.csv", folder / table_file("ranks"), "overall")
    verdict = verdict_on(models, sure)
    write_verdict(folder / "verdict.json", verdict)
    write_leaderboard(folder / "leaderboard.csv", models, sure)
    paths = [folder / f"leaderboard.{kind}" for kind in ("md", "tex")]
    statistics = (folder / "statistics.csv", folder / table_file("ranks"))
    write_paper_tables(models, *statistics, verdict, *paths)
    write_json(folder / STATUS, {"status": "good", "metrics": [rating()]})
    finished = FinishedRun(
        dataset="quiz",
        summaries=summaries,
        runs=[folder / "runs" / path.name for path in summaries],
        judged=[],
        judge_scores=None,
        status=folder / STATUS,
        verdict=folder / "verdict.json",
        config={},
        judges={},
        retrievers=["bm25", "oracle"],
        missing=[],
    )
    record_run(finished, folder.parent / "registry", folder / "recorded.json")
    (folder / STATUS).unlink()
    write_report(DatasetResults(folder, MODELS), parse_task("wattbot"), folder / "report")
    return folder


def in_csv(folder):
    rows = read_csv(folder / "leaderboard.csv").rows
    return {entry_name(row["model"], row["retriever"]): row["rank"] for row in rows}


def in_terminal(folder):
    models = [read_scores(folder / "scores" / f"{name}.json") for name in MODELS]
    table = leaderboard_table(models, Path("leaderboard.csv"), width=200)
    ranks, systems = (list(map(str, column.cells)) for column in table.columns[:2])
    return {s: r.strip("-") for s, r in zip(systems, ranks, strict=True) if "@" in s}


def in_markdown(folder):
    found = re.findall(
        r"^\| (\d+|-) \| (\w+) \| (\w+) ", (folder / "leaderboard.md").read_text(), re.M
    )
    return {f"{model}@{retriever}": rank.strip("-") for rank, model, retriever in found}


def in_latex(folder):
    text = (folder / "leaderboard.tex").read_text()
    found = re.findall(r"^(\d+|--) & (\w+) &.*\n & \{\\scriptsize (\w+)\}", text, re.M)
    return {f"{model}@{retriever}": rank.strip("-") for rank, model, retriever in found}


def in_page(folder):
    text = (folder / "report" / "index.html").read_text()
    row = (
        r'<td class="number short[^>]*>\s*(\d+|–)\s*</td>\s*<td class="linked[^>]*>\s*'
        r"<a[^>]*>(\w+)</a>\s*<br><small>(\w+)</small>"
    )
    found = re.findall(row, text)
    return {f"{model}@{retriever}": rank.strip("–") for rank, model, retriever in found}


@pytest.mark.parametrize("ranks", [in_csv, in_terminal, in_markdown, in_latex, in_page])
def test_ranks_are_the_same_everywhere(ranks, folder):
    assert ranks(folder) == RANKS
    assert list(ranks(folder))[-1] == "one@oracle"


def test_the_verdict_is_the_same_everywhere(folder):
    said = DatasetResults(folder, MODELS).verdict
    assert said.text == (
        "No single winner: 2 of 4 systems may be the best. Highest overall: three@bm25 and "
        "two@bm25, 0.500."
    )
    page = (folder / "report" / "index.html").read_text()
    runs = CliRunner().invoke(app, ["runs", "--results", str(folder.parent)]).output
    registry = folder.parent / "registry"
    [page_of_run] = [path for path in registry.glob("*.md") if path.name != "index.md"]
    shown = {
        "terminal": verdict_lines(said)[0],
        "markdown": (folder / "leaderboard.md").read_text(),
        "latex": (folder / "leaderboard.tex").read_text(),
        "page": re.sub(r"<[^>]+>", "", re.search(r'<p class="verdict">.*?</p>', page, re.S)[0]),
        "dashboard": index_page(folder.parent),
        "registry": (registry / "index.md").read_text(),
        "run": page_of_run.read_text(),
        "modellab runs": runs,
    }
    for where, text in shown.items():
        plain = " ".join(unescape(text).replace("\\", "").split())
        assert said.text in plain, where
