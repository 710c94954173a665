"""The matrix of questions: which mark it shows where no answer is called right or wrong."""

from dataclasses import asdict, replace

import pytest
from reporting.page.conftest import MODELS, QUESTIONS, scores, write_results

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json
from modellab.reporting.page.question_data import matrix, score_rows
from modellab.reporting.page.results import DatasetResults


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"scorer": {"kind": "texts", "overall": "token_f1"}}, [0.25, 0.5, 0.75]),
        ({"scorer": {"kind": "of-mine"}}, [0.9, 0.9, 0.9]),
    ],
)
def test_without_right_and_wrong_the_mark_shown_is_the_overall_score(tmp_path, settings, shown):
    folder = tmp_path / "texts"
    write_results(folder)
    for model in MODELS:
        write_json(
            folder / "scores" / f"{model}.json", asdict(replace(scores(model), correct=None))
        )
        cells = [
            {"question_id": name, "retriever": "bm25", "repeat": 1, "status": "answered"}
            | {"outcome": "", "answer": "five", "token_f1": mark, "chrf": 0.9}
            for name, mark in zip(QUESTIONS, (0.25, 0.5, 0.75), strict=True)
        ]
        write_csv(folder / "scores" / f"{model}.csv", list(cells[0]), cells)
    results = DatasetResults(folder, MODELS, settings=settings)
    found = matrix(results, score_rows(results))
    assert found["graded"] is False
    assert [system["marks"] for system in found["systems"]] == [shown, shown]
