from __future__ import annotations

from dataclasses import asdict

import pytest

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json
from modellab.evaluation.compare.score_files import read_scored_model, read_scores


def test_a_record_comes_back_as_it_was_written(qwen, tmp_path):
    write_json(tmp_path / "m.json", {**asdict(qwen.scores), "overall_score": 0.4})
    assert read_scores(tmp_path / "m.json") == qwen.scores


def test_a_record_that_is_not_one_is_an_error_with_its_place(qwen, tmp_path):
    write_json(tmp_path / "m.json", {**asdict(qwen.scores), "local": "perhaps"})
    with pytest.raises(InputError, match=r"m\.json: local: "):
        read_scores(tmp_path / "m.json")


def test_a_table_without_a_column_is_an_error(qwen, tmp_path):
    write_json(tmp_path / "m.json", asdict(qwen.scores))
    write_csv(tmp_path / "m.csv", ["question_id"], [])
    with pytest.raises(InputError, match=r"'retriever', .* missing"):
        read_scored_model(tmp_path / "m.json", tmp_path / "m.csv")
