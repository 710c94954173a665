"""The notebook among the examples runs unchanged on the results of a small dataset."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from made_up_results import made_up

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json
from modellab.core.layout import QUESTIONS, table_file
from modellab.evaluation.compare.verdict import read_certainty
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles, write_statistics
from modellab.reporting.tables.leaderboard import write_leaderboard
from modellab.tasks import parse_scorer, parse_task

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


@pytest.fixture
def results(tmp_path):
    """Two models with two retrievers on 30 questions: scores, statistics and leaderboard."""
    data = made_up(2, 30, 2)
    questions = [
        {**asdict(one), "reference": {"answer_value": "is_blank" if one.unanswerable else "7"}}
        for one in data.questions
    ]
    folder = tmp_path / "results" / "demo"
    (folder / "scores").mkdir(parents=True)
    lines = "".join(json.dumps(one) + "\n" for one in questions)
    (folder / QUESTIONS).parent.mkdir(parents=True, exist_ok=True)
    (folder / QUESTIONS).write_text(lines, encoding="utf-8")
    names = [model.name for model in data.models]
    for model in data.models:
        rows = list(data.rows[model.name])
        write_json(folder / "scores" / f"{model.name}.json", asdict(model))
        write_csv(folder / "scores" / f"{model.name}.csv", list(rows[0]), rows)
    parts = ("statistics", "comparisons", "ranks", "minimum_detectable_effect", "noise_budget")
    summaries, rows = (
        [folder / "scores" / f"{name}.{end}" for name in names] for end in ("json", "csv")
    )
    write_statistics(
        read_dataset(folder / QUESTIONS, summaries, rows),
        *(parse_task("wattbot"), parse_scorer("v3"), StatisticsOptions(resamples=100), 1),
        StatisticsFiles(*(folder / table_file(name) for name in parts)),
    )
    sure = read_certainty(folder / "statistics.csv", folder / table_file("ranks"), "overall")
    write_leaderboard(folder / "leaderboard.csv", data.models, sure)
    return folder


@pytest.mark.slow
def test_every_cell_runs(results, monkeypatch):
    monkeypatch.chdir(results.parent)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names: dict[str, object] = {}
    exec(code.replace("../results/demo", "demo"), names)
    leaderboard, pair, outcomes = (names[name] for name in ("leaderboard", "pair", "outcomes"))
    assert isinstance(leaderboard, pd.DataFrame) and len(leaderboard) == 4
    assert isinstance(pair, pd.DataFrame) and len(pair) == 1
    assert isinstance(outcomes, pd.DataFrame) and outcomes.shape == (30, 4)


def test_it_is_stored_without_outputs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells)
