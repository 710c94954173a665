"""The results of a dataset as frames."""

from dataclasses import asdict

import pandas as pd
import pytest

import modellab
from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.layout import QUESTIONS

RANKS = [
    {"system": "7", "rank": 1, "value": 0.5, "may_be_best": True, "low": "", "note": "NA"},
    {"system": "8", "rank": "", "value": 1, "may_be_best": "", "low": "", "note": "5"},
]


@pytest.fixture
def folder(tmp_path, questions, qwen, submission):
    folder = tmp_path / "results" / "quiz"
    write_rows(folder / QUESTIONS, questions)
    for model in (qwen, submission):
        write_json(folder / "scores" / f"{model.scores.name}.json", asdict(model.scores))
        path = folder / "scores" / f"{model.scores.name}.csv"
        write_csv(path, list(model.rows[0]), model.rows)
    write_csv(folder / "leaderboard.csv", list(RANKS[0]), RANKS)
    return folder


def test_scores_are_the_tidy_frame(folder):
    scores = modellab.load_results(str(folder)).scores
    assert scores["system"].cat.categories.tolist() == ["qwen@bm25", "qwen@oracle", "team-v2-test"]
    assert scores["ref_score"].dtype == "float64"


def test_tables_have_types_and_no_text_is_missing(folder):
    results = modellab.load_results(folder)
    assert results.names == ["leaderboard"]
    board = results.leaderboard
    assert board["system"].tolist() == ["7", "8"]
    assert board["note"].tolist() == ["NA", "5"]
    assert {name: str(kind) for name, kind in board.dtypes.items()} == {
        "system": "str",
        "rank": "Int64",
        "value": "float64",
        "may_be_best": "boolean",
        "low": "float64",
        "note": "str",
    }
    assert board["may_be_best"].tolist() == [True, pd.NA]
    with pytest.raises(InputError, match=r"no table 'errors'; choose from: leaderboard"):
        results.table("errors")


def test_a_folder_of_datasets_is_not_one(folder):
    with pytest.raises(InputError, match=r"not the results of a dataset .* datasets: quiz"):
        modellab.load_results(folder.parent)
    with pytest.raises(InputError, match=r"nowhere: not the results"):
        modellab.load_results(folder / "nowhere")
